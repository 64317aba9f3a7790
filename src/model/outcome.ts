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

/** What an action says for or against repeating it. */
export const COUNTED_OUTCOMES: readonly Outcome[] = ['resolved', 'improved', 'ineffective', 'harmful'];
/** Whose past tells anything: whatever the outcome, unless the call failed or nobody was called. */
export const TELLING_OUTCOMES: readonly Outcome[] = OUTCOMES.filter(
  (outcome) => outcome !== 'failed' && outcome !== 'dry_run',
);
