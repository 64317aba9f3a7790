// How an action turned out. Only resolved, improved, ineffective and harmful count for or against it.

export const OUTCOMES = [
  'resolved',
  'improved',
  'ineffective',
  'harmful',
  'not_applied',
  'superseded',
  'failed',
  'cancelled',
  'unknown',
  'dry_run',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Outcomes that count for or against repeating the action. */
export const COUNTED_OUTCOMES: readonly Outcome[] = ['resolved', 'improved', 'ineffective', 'harmful'];
/** Outcomes whose actions count as experience: all but `failed` and `dry_run`. */
export const TELLING_OUTCOMES: readonly Outcome[] = OUTCOMES.filter(
  (outcome) => outcome !== 'failed' && outcome !== 'dry_run',
);
