// The plots of one operator as data for the page's script: which measurements share a plot, and their points.
import { PLOTTED, type HistoryBuckets, type PlottedName } from './history-buckets.js';

/** The script's input; times are Unix seconds. */
export interface PlotData {
  readonly title: string;
  readonly series: readonly { readonly label: string; readonly isStepped: boolean }[];
  /** Times, then the values of each series; null is a gap. */
  readonly data: readonly (readonly (number | null)[])[];
}

const PLOTS: readonly { readonly title: string; readonly names: readonly PlottedName[] }[] = [
  { title: 'Parallelism', names: ['parallelism', 'recommended_parallelism'] },
  { title: 'Ratios of time', names: ['suspended_ratio', 'reported_backpressure', 'busy'] },
  { title: 'Pending packets, mean of the instances', names: ['pending_packets'] },
  { title: 'Backlog of the source, records', names: ['source_backlog'] },
  { title: 'Processing rate, records/s', names: ['processing_rate'] },
];

const LABELS: Readonly<Record<PlottedName, string>> = {
  parallelism: 'had',
  recommended_parallelism: 'recommended',
  suspended_ratio: 'input suspended because of it',
  reported_backpressure: 'backpressure reported',
  busy: 'busy',
  pending_packets: 'pending packets',
  source_backlog: 'backlog',
  processing_rate: 'rate',
};

const DIGITS = 4;

/** Only measurements that have a value. */
export function plotsOf(buckets: HistoryBuckets, fromMs: number, stepMs: number): PlotData[] {
  const bucketMs = buckets.stepsEach * stepMs;
  return PLOTS.flatMap(({ title, names }) => {
    const measured = PLOTTED.filter((name) => names.includes(name) && buckets.extremes(name) !== null);
    const series = measured.map((name) => ({ label: LABELS[name], isStepped: title === 'Parallelism' }));
    const values = measured.map((name) => pointsOf(buckets, name));
    const count = values[0]?.length ?? 0;
    const isPaired = buckets.stepsEach > 1;
    const times = Array.from({ length: count }, (_, point) =>
      Math.round((fromMs + (isPaired ? point / 2 : point) * bucketMs) / 1000),
    );
    return count === 0 ? [] : [{ title, series, data: [times, ...values] }];
  });
}

/** A bucket of one step is a point; one of several is two, its extremes. */
function pointsOf(buckets: HistoryBuckets, name: PlottedName): (number | null)[] {
  const extremes = buckets.extremes(name);
  if (extremes === null) return [];
  return [...extremes.min].flatMap((min, bucket) =>
    buckets.stepsEach === 1 ? [shortened(min)] : [shortened(min), shortened(extremes.max[bucket] ?? NaN)],
  );
}

function shortened(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(DIGITS));
}
