// The service's own memory metrics during a load, compared between a fifth of the way and the end.
// The heap is taken at its lowest, shortly after a collection, the resident set at its middle.
import { systemClock } from '../../src/clock.js';
import { parseExposition, valuesOf } from '../support/exposition.js';

export interface MemorySample {
  readonly heapMib: number;
  readonly rssMib: number;
}

/** Of the way, 0 to 1. */
const EARLY = [0.15, 0.25] as const;
const LATE = [0.85, Infinity] as const;
const PAUSE_MS = 250;
const MIB = 2 ** 20;
/** No step should take longer on an idle machine. */
const LONG_STEP_MS = 200;

export interface MemoryWatch {
  /** null: nothing was seen in that part of the way. */
  stop(): Promise<WatchedMemory>;
}

export interface WatchedMemory {
  readonly early: MemorySample | null;
  readonly late: MemorySample | null;
  /** Of the event loop in all the time, as the service measures it. */
  readonly longestStep: LoopStep;
  readonly longSteps: number;
}

export interface LoopStep {
  readonly ms: number;
  /** CPU time that the service used between the two looks around it, ms: a step that is longer waited, for a disk or for a core. */
  readonly cpuMs: number;
  /** Of the way, 0 to 1. */
  readonly at: number;
}

export function watchMemory(url: string, progress: () => number): MemoryWatch {
  const stopping = new AbortController();
  const samples: (MemorySample & { readonly at: number })[] = [];
  let longestStep: LoopStep = { ms: 0, cpuMs: 0, at: 0 };
  let longSteps = 0;
  let cpuBefore = NaN;
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const at = progress();
      const series = parseExposition(await (await fetch(`${url}/metrics`)).text());
      const [heap = NaN] = valuesOf(series, 'nodejs_heap_size_used_bytes');
      const [rss = NaN] = valuesOf(series, 'process_resident_memory_bytes');
      // Since the previous look: another scrape in between consumes a part.
      const [lag = 0] = valuesOf(series, 'nodejs_eventloop_lag_max_seconds');
      const [cpu = NaN] = valuesOf(series, 'process_cpu_seconds_total');
      if (lag * 1000 > longestStep.ms) longestStep = { ms: lag * 1000, cpuMs: (cpu - cpuBefore) * 1000, at };
      if (lag * 1000 > LONG_STEP_MS) longSteps += 1;
      cpuBefore = cpu;
      samples.push({ at, heapMib: heap / MIB, rssMib: rss / MIB });
      await systemClock.sleep(PAUSE_MS, stopping.signal);
    }
  };
  // What keeps it from answering is noticed by who posts.
  const watching = watch().catch(() => undefined);
  const between = ([from, to]: readonly [number, number]): MemorySample | null => {
    const seen = samples.filter(({ at }) => at >= from && at <= to);
    if (seen.length === 0) return null;
    const resident = seen.map(({ rssMib }) => rssMib).sort((one, other) => one - other);
    return { heapMib: Math.min(...seen.map(({ heapMib }) => heapMib)), rssMib: resident[resident.length >> 1] ?? NaN };
  };
  return {
    stop: async () => {
      stopping.abort();
      await watching;
      return { early: between(EARLY), late: between(LATE), longestStep, longSteps };
    },
  };
}

/** What two samples of the same state may differ by; a leak of one small thing each would be far more. */
const HEAP_NOISE_MIB = 24;
const RSS_NOISE_SHARE = 0.3;

/** Sentences about growth; empty: nothing has grown, or there is nothing to compare. */
export function growthOf({ early, late }: WatchedMemory): string[] {
  if (early === null || late === null) return [];
  const heapGrowth = late.heapMib - early.heapMib;
  const rssGrowth = late.rssMib / early.rssMib - 1;
  return [
    ...(heapGrowth > HEAP_NOISE_MIB ? [`the heap grew by ${heapGrowth.toFixed(1)} MiB`] : []),
    ...(rssGrowth > RSS_NOISE_SHARE ? [`the resident set grew by ${(100 * rssGrowth).toFixed(0)} %`] : []),
  ];
}

export function memoryFigures({
  early,
  late,
  longestStep,
  longSteps,
}: WatchedMemory): (readonly [string, number | string])[] {
  const mib = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} MiB`);
  return [
    ['heap in use, least, at 20 % → 100 %', `${mib(early?.heapMib)} → ${mib(late?.heapMib)}`],
    ['resident set at 20 % → 100 %', `${mib(early?.rssMib)} → ${mib(late?.rssMib)}`],
    ['longest step of the event loop, ms', Math.round(longestStep.ms)],
    ['… CPU time around it, ms', Math.round(longestStep.cpuMs)],
    ['… at so much of the way', `${(100 * longestStep.at).toFixed(0)} %`],
    [`steps above ${LONG_STEP_MS} ms`, longSteps],
  ];
}
