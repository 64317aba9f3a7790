// What a topology was seen to need, so that a scale-down leaves what the peak of its memory needs. Forgotten where it was not
// looked at for a while: what was needed meanwhile is not known.
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { NeededPeaks } from '../model/operator-load.js';

/** The largest N that was seen in a slice of time. */
interface Slice {
  readonly endMs: number;
  readonly needed: number;
}

interface OperatorMemory {
  /** Since when it was seen without a large gap. */
  readonly sinceMs: number;
  readonly lastMs: number;
  /** Oldest first. */
  readonly slices: readonly Slice[];
}

/** By operator name. */
export type NeededMemory = ReadonlyMap<string, OperatorMemory>;

/** So many slices make up a memory. */
const SLICES = 60;
/** A window that is not clean, after a restart of this length at most, is no gap. */
const LONGEST_RESTART_MS = 600_000;
/** Of the memory, what is about to be forgotten; of one that is shorter than an hour, a twelfth. */
const OLDER_PART_MS = 300_000;
const OLDER_SHARE = 1 / 12;

/** @param longestMs the longest that anything is remembered */
export function rememberNeeded(
  before: NeededMemory,
  { atMs, operators }: TopologyEvaluation,
  windowMs: number,
  longestMs: number,
): NeededMemory {
  const memories = new Map(before);
  for (const { measurement, load } of operators) {
    const { name } = measurement.spec;
    if (load.neededInstances === null) continue;
    const known = memories.get(name);
    const isContinued = known !== undefined && atMs - known.lastMs <= longestGapMs(windowMs) && atMs >= known.lastMs;
    const continued = isContinued ? known : { sinceMs: atMs, slices: [] };
    const slices = withSlice(continued.slices, { endMs: atMs, needed: load.neededInstances }, longestMs);
    memories.set(name, { sinceMs: continued.sinceMs, lastMs: atMs, slices });
  }
  return memories;
}

/** Peaks of those of which all of the memory was seen. */
export function neededPeaksOf(
  memory: NeededMemory,
  atMs: number,
  memoryMs: number,
  windowMs: number,
): ReadonlyMap<string, NeededPeaks> {
  const olderMs = Math.max(Math.min(OLDER_PART_MS, memoryMs * OLDER_SHARE), windowMs);
  const newerSinceMs = atMs - memoryMs + olderMs;
  return new Map(
    [...memory].flatMap(([name, { sinceMs, lastMs, slices }]): [string, NeededPeaks][] => {
      // The first window reaches back before the first look.
      if (sinceMs - windowMs > atMs - memoryMs || atMs - lastMs > longestGapMs(windowMs)) return [];
      const maxSince = (fromMs: number): number =>
        slices.reduce((max, { endMs, needed }) => (endMs > fromMs ? Math.max(max, needed) : max), 0);
      return [[name, { maxOverMemory: maxSince(atMs - memoryMs), maxOverNewerPart: maxSince(newerSinceMs) }]];
    }),
  );
}

/** The wall clock was set by so much meanwhile, back if negative: how long ago each was stays what it was. */
export function moveNeeded(memory: NeededMemory, byMs: number): NeededMemory {
  return new Map(
    [...memory].map(([name, { sinceMs, lastMs, slices }]) => {
      const moved = slices.map(({ endMs, needed }) => ({ endMs: endMs + byMs, needed }));
      return [name, { sinceMs: sinceMs + byMs, lastMs: lastMs + byMs, slices: moved }];
    }),
  );
}

function longestGapMs(windowMs: number): number {
  return LONGEST_RESTART_MS + 2 * windowMs;
}

/** The newest slice grows until it is as long as a slice; what is older than the longest memory is left out. */
function withSlice(slices: readonly Slice[], newest: Slice, longestMs: number): readonly Slice[] {
  const lengthMs = longestMs / SLICES;
  const kept = slices.filter(({ endMs }) => endMs > newest.endMs - longestMs - lengthMs);
  const before = kept.at(-1);
  const isSame = before !== undefined && Math.floor(before.endMs / lengthMs) === Math.floor(newest.endMs / lengthMs);
  if (!isSame) return [...kept, newest];
  return [...kept.slice(0, -1), { endMs: newest.endMs, needed: Math.max(before.needed, newest.needed) }];
}
