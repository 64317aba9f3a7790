// The looks' memory of rescalings. Its times follow the wall clock when that is set, so that ages stay the same.
// policy/recommend-while-settling.ts defines the recommendation meanwhile.
import type { Action } from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import { recommendWhileSettling, withinWindow, type RescalingMemories } from '../policy/recommend-while-settling.js';

export class RememberedRescalings {
  #byTopology = new Map<string, RescalingMemories>();

  adopt(previous: RememberedRescalings): void {
    this.#byTopology = new Map(previous.#byTopology);
  }

  of(topology: string): RescalingMemories | undefined {
    return this.#byTopology.get(topology);
  }

  /** The evaluation with the recommendation for the time while a change settles; remembers the rescaling. */
  recommend(evaluated: TopologyEvaluation, windowMs: number, openActions: readonly Action[]): TopologyEvaluation {
    const { topology } = evaluated;
    const before = this.#byTopology.get(topology) ?? new Map<string, never>();
    const { evaluation, memories } = recommendWhileSettling(evaluated, windowMs, openActions, before);
    this.#byTopology.set(topology, memories);
    return evaluation;
  }

  /** @param byMs by how much the wall clock was set since; negative: back */
  move(byMs: number): void {
    this.#byTopology = presentRescalings(this.#byTopology, byMs);
  }

  /** Keeps a topology that vanished within the last window: a restarting job does, and the window still holds the time before. */
  forget(isKept: (topology: string) => boolean, nowMs: number, windowMs: number): void {
    for (const [topology, memories] of this.#byTopology) {
      const isOver = withinWindow(memories, nowMs, windowMs).size === 0;
      if (isOver && !isKept(topology)) this.#byTopology.delete(topology);
    }
  }
}

/**
 * @param rescalings by topology
 * @param byMs by how much the wall clock was set since; negative: back
 */
export function presentRescalings(
  rescalings: ReadonlyMap<string, RescalingMemories>,
  byMs: number,
): Map<string, RescalingMemories> {
  return new Map([...rescalings].map(([topology, memories]) => [topology, moveAll(memories, byMs)]));
}

function moveAll(memories: RescalingMemories, byMs: number): RescalingMemories {
  return new Map(
    [...memories].map(([operator, one]) => {
      const changedAtMs = one.changedAtMs === null ? null : one.changedAtMs + byMs;
      return [operator, { ...one, seenAtMs: one.seenAtMs + byMs, changedAtMs }];
    }),
  );
}
