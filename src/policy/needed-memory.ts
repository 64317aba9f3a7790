// The need of a topology over time, so that a scale-down leaves what the peak of its memory needs. An unobserved stretch of
// time empties the memory: the need during it is unknown.
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { NeededPeaks } from '../model/operator-load.js';

/** The largest N that was seen in a slice of time. */
interface Slice {
  readonly endMs: number;
  readonly needed: number;
}

interface OperatorMemory {
  /** Start of the time that was observed without a large gap. */
  readonly sinceMs: number;
  readonly lastMs: number;
  /** Oldest first. */
  readonly slices: readonly Slice[];
}

/** By operator name. */
export type NeededMemory = ReadonlyMap<string, OperatorMemory>;

/** The largest N since the previous point, as recorded elsewhere. */
export interface NeededPoint {
  readonly endMs: number;
  readonly needed: number;
}

/** A recorded history by operator name: points `stepMs` apart, oldest first; a point without a record is left out. */
export interface NeededHistory {
  readonly stepMs: number;
  readonly points: ReadonlyMap<string, readonly NeededPoint[]>;
}

/** Slices that make up a memory. */
const SLICES = 60;
/** A stretch of unclean windows no longer than a restart of this length is no gap. */
const LONGEST_RESTART_MS = 600_000;
/** The older part of the memory, about to be forgotten; for a memory shorter than an hour, a twelfth of it. */
const OLDER_PART_MS = 300_000;
const OLDER_SHARE = 1 / 12;

/** @param longestMs the longest time that anything is remembered */
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
 * Extends what was seen by what other replicas, or this one before its restart, recorded of the time before. A stretch
 * without records that is longer than a restart is unknown, as if it had not been observed.
 */
export function withRecorded(
  seen: NeededMemory,
  { points, stepMs }: NeededHistory,
  windowMs: number,
  longestMs: number,
): NeededMemory {
  const memories = new Map(seen);
  // Up to a step may lie between a point and the sample that it reports.
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

/** Peaks of the operators whose whole memory was observed. */
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

/** Shifts all times after the wall clock was set by `byMs` (negative: back), so that their ages stay the same. */
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

/** The newest slice grows until it has a slice's length; slices older than the longest memory are dropped. */
function withSlice(slices: readonly Slice[], newest: Slice, longestMs: number): readonly Slice[] {
  const lengthMs = longestMs / SLICES;
  const kept = slices.filter(({ endMs }) => endMs > newest.endMs - longestMs - lengthMs);
  const before = kept.at(-1);
  const isSame = before !== undefined && Math.floor(before.endMs / lengthMs) === Math.floor(newest.endMs / lengthMs);
  if (!isSame) return [...kept, newest];
  return [...kept.slice(0, -1), { endMs: newest.endMs, needed: Math.max(before.needed, newest.needed) }];
}
