// How busy instances were in the looks of the last quarter of an hour, so that a scale-down does not mistake the noise of one
// short window for an imbalance. Only clean windows at the present parallelism count.
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { BusyBefore } from '../model/operator-load.js';

interface BusyLook {
  readonly atMs: number;
  readonly max: number;
  readonly mean: number;
}

interface OperatorBusy {
  readonly parallelism: number;
  /** At most about one a minute, the newest of that minute; oldest first. */
  readonly looks: readonly BusyLook[];
}

/** By operator name. */
export type BusyMemory = ReadonlyMap<string, OperatorBusy>;

const SPAN_MS = 900_000;
const LOOKS = 15;

export function rememberBusy(
  before: BusyMemory,
  { atMs, operators }: TopologyEvaluation,
  windowMs: number,
): BusyMemory {
  const spanMs = spanOf(windowMs);
  const lengthMs = spanMs / LOOKS;
  const memories = new Map<string, OperatorBusy>();
  for (const { measurement, load } of operators) {
    const { spec, parallelism, busy, incompleteBecause } = measurement;
    const known = before.get(spec.name);
    if (busy.kind !== 'measured' || parallelism === null || incompleteBecause !== null || !load.isClean) {
      if (known !== undefined) memories.set(spec.name, known);
      continue;
    }
    const looks = known?.parallelism === parallelism ? known.looks : [];
    const kept = looks.filter(
      (look) => look.atMs > atMs - spanMs && Math.floor(look.atMs / lengthMs) < Math.floor(atMs / lengthMs),
    );
    memories.set(spec.name, { parallelism, looks: [...kept, { atMs, max: busy.max, mean: busy.mean }] });
  }
  return memories;
}

/** Sums over earlier looks whose windows lie within max(15 min, window), for operators with the same parallelism. */
export function busyBeforeOf(
  memory: BusyMemory,
  parallelismOf: (operator: string) => number | null,
  atMs: number,
  windowMs: number,
): ReadonlyMap<string, BusyBefore> {
  const sinceMs = atMs - spanOf(windowMs) + windowMs;
  return new Map(
    [...memory].flatMap(([name, { parallelism, looks }]): [string, BusyBefore][] => {
      const within = looks.filter((look) => look.atMs >= sinceMs && look.atMs < atMs);
      if (within.length === 0 || parallelism !== parallelismOf(name)) return [];
      const sum = (of: 'max' | 'mean'): number => within.reduce((total, look) => total + look[of], 0);
      return [[name, { sumOfMax: sum('max'), sumOfMean: sum('mean') }]];
    }),
  );
}

/** Shifts all times after the wall clock was set by `byMs` (negative: back), so that their ages stay the same. */
export function moveBusy(memory: BusyMemory, byMs: number): BusyMemory {
  return new Map(
    [...memory].map(([name, { parallelism, looks }]) => [
      name,
      { parallelism, looks: looks.map((look) => ({ ...look, atMs: look.atMs + byMs })) },
    ]),
  );
}

function spanOf(windowMs: number): number {
  return Math.max(SPAN_MS, windowMs);
}
