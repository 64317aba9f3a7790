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
] as const;
export type Outcome = (typeof OUTCOMES)[number];
