// How far the judging of an open action has come.

/**
 * calling: its call is due or under way · awaiting_effect: the parallelism asked for, or all sensors, are not seen yet ·
 * awaiting_backlog: a source works off the backlog that piled up meanwhile · observing: a full window is being watched.
 */
export const JUDGING_PHASES = ['calling', 'awaiting_effect', 'awaiting_backlog', 'observing'] as const;
export type JudgingPhase = (typeof JUDGING_PHASES)[number];

export interface JudgingProgress {
  readonly phase: JudgingPhase;
  /** The earliest time at which it can be judged, ms; null until its call is answered. */
  readonly earliestAtMs: number | null;
  /** When the wait of this phase ends, ms. */
  readonly waitsUntilMs: number;
}
