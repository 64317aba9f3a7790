// How far the judging of an open action has come.

/**
 * calling: its call is under way or due · awaiting_effect: the parallelism asked for, or all sensors, are not seen yet ·
 * awaiting_backlog: a source works off what piled up meanwhile · observing: a full window is being looked at.
 */
export const JUDGING_PHASES = ['calling', 'awaiting_effect', 'awaiting_backlog', 'observing'] as const;
export type JudgingPhase = (typeof JUDGING_PHASES)[number];

export interface JudgingProgress {
  readonly phase: JudgingPhase;
  /** When it can be judged at the earliest, ms; null while its call is not answered. */
  readonly earliestAtMs: number | null;
  /** Until when it waits for what the phase is about, ms. */
  readonly waitsUntilMs: number;
}
