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

/** What N was at most since the point before, as recorded elsewhere. */
export interface NeededPoint {
  readonly endMs: number;
  readonly needed: number;
}

/** A recorded history: points `stepMs` apart, those of which nothing is recorded left out; oldest first, by operator name. */
export interface NeededHistory {
  readonly stepMs: number;
  readonly points: ReadonlyMap<string, readonly NeededPoint[]>;
}

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

/**
 * What was seen, with what is recorded of the time before: by other replicas, or by this one before it was started anew. What is
 * not recorded for longer than a restart takes is not known, as if it had not been looked at.
 */
export function withRecorded(
  seen: NeededMemory,
  { points, stepMs }: NeededHistory,
  windowMs: number,
  longestMs: number,
): NeededMemory {
  const memories = new Map(seen);
  // Up to a step may lie between a point and the sample that it tells of.
  const longestStepMs = longestGapMs(windowMs) - stepMs;
  for (const [name, recorded] of points) {
    const lastMs = recorded.at(-1)?.endMs ?? -Infinity;
    const last = seen.get(name);
    const known = last !== undefined && lastMs - last.lastMs <= longestGapMs(windowMs) ? last : undefined;
    const [first, ...others] = recorded.filter(({ endMs }) => known === undefined || endMs < known.sinceMs);
    if (first === undefined) continue;
    let memory: OperatorMemory = { sinceMs: first.endMs, lastMs: first.endMs, slices: [first] };
    for (const point of others) {
      const { endMs } = point;
      const isContinued = endMs - memory.lastMs <= longestStepMs;
      memory = isContinued
        ? { ...memory, lastMs: endMs, slices: withSlice(memory.slices, point, longestMs) }
        : { sinceMs: endMs, lastMs: endMs, slices: [point] };
    }
    if (known === undefined) memories.set(name, memory);
    else if (known.sinceMs - memory.lastMs <= longestStepMs)
      memories.set(name, { ...known, sinceMs: memory.sinceMs, slices: [...memory.slices, ...known.slices] });
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
