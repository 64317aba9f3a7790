// What a look remembers of rescalings for the next one, told as the wall clock is set now: how long ago each was stays what it was.
import type { RescalingMemories } from '../policy/recommend-while-settling.js';

/**
 * @param rescalings by topology
 * @param byMs by how much the wall clock was set since, back if negative
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
