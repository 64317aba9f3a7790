// The recommendation while a change settles: nothing new. The window still holds the time before the change, and an
// autoscaler that follows the recommendation would answer it a second time (2 → 6 where 5 are enough, then 15, 13, 10).
import { operatorIn, type Action } from '../model/action.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';

/** What is remembered of one operator's last complete look. */
export interface RescalingMemory {
  readonly parallelism: number;
  readonly seenAtMs: number;
  /** When this parallelism was first seen after another one; null: it is the first. */
  readonly changedAtMs: number | null;
}

/** By operator name. */
export type RescalingMemories = ReadonlyMap<string, RescalingMemory>;

/**
 * From an action's claim until a full window has passed since its effect was seen, the recommendation is the parallelism that
 * it asked for, even if that is the present one. For a full window after somebody else changed the parallelism, it is the
 * present one. Otherwise it is as evaluated.
 * @param openActions of this topology
 */
export function recommendWhileSettling(
  evaluation: TopologyEvaluation,
  windowMs: number,
  openActions: readonly Action[],
  before: RescalingMemories,
): { readonly evaluation: TopologyEvaluation; readonly memories: RescalingMemories } {
  const { atMs } = evaluation;
  const memories = new Map(withinWindow(before, atMs, windowMs));
  const operators = evaluation.operators.map((operator) => {
    const { name } = operator.measurement.spec;
    const memory = remember(operator, memories.get(name), atMs);
    if (memory !== undefined) memories.set(name, memory);
    const [asked] = openActions.flatMap((open) =>
      isSettling(open, atMs, windowMs) ? (operatorIn(open, name) ?? []) : [],
    );
    if (asked !== undefined) return { ...operator, recommendedParallelism: asked.desiredParallelism };
    const isFresh = memory !== undefined && memory.changedAtMs !== null && atMs < memory.changedAtMs + windowMs;
    // An unknown recommendation stays unknown: instances may be missing.
    if (!isFresh || operator.recommendedParallelism === null) return operator;
    return { ...operator, recommendedParallelism: memory.parallelism };
  });
  return { evaluation: { ...evaluation, operators }, memories };
}

/** Drops memories that are older than a window; a restart of the service in between is shorter than that. */
export function withinWindow(memories: RescalingMemories, atMs: number, windowMs: number): RescalingMemories {
  return new Map([...memories].filter(([, { seenAtMs }]) => atMs - seenAtMs <= windowMs));
}

function isSettling({ settling: { seenAtMs } }: Action, atMs: number, windowMs: number): boolean {
  return seenAtMs === null || atMs < seenAtMs + windowMs;
}

function remember(
  { measurement: { parallelism, incompleteBecause } }: OperatorEvaluation,
  before: RescalingMemory | undefined,
  atMs: number,
): RescalingMemory | undefined {
  // Instances that are missing for a moment are no change.
  if (parallelism === null || incompleteBecause !== null) return before;
  if (before === undefined) return { parallelism, seenAtMs: atMs, changedAtMs: null };
  const changedAtMs = parallelism === before.parallelism ? before.changedAtMs : atMs;
  return { parallelism, seenAtMs: atMs, changedAtMs };
}
