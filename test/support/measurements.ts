// Builders: one table row becomes one operator's measurements. Defaults are healthy.
import type {
  OperatorMeasurement,
  OutlierInstance,
  Reading,
  TopologyMeasurement,
} from '../../src/model/measurement.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';

export const MINUTE_MS = 60_000;

/** The contract's defaults, at a window of 5m; a bound of its own instead of none. */
export const DEFAULT_SETTINGS: PolicySettings = {
  mode: 'enforce',
  plan: 'topology',
  backpressureThreshold: 0.05,
  nearZeroPendingPackets: 1,
  pendingPacketsSkewRatio: 4,
  minPendingPacketsForSkew: 50,
  processingRateSkewRatio: 1.5,
  growingPendingPacketsPerSecond: 10,
  growingBacklogShare: 0.01,
  minBacklogMs: 30_000,
  catchUpMs: 30 * MINUTE_MS,
  idleScaleDown: false,
  maxScaleUpFactor: 4,
  scaleDownFactor: 0.2,
  targetBusy: 0.85,
  scaleDownMemoryMs: 60 * MINUTE_MS,
  scaleDownMemoryMaxMs: 240 * MINUTE_MS,
  minSaving: 0.15,
  maxScaleDownFactor: 0.6,
  minParallelism: 1,
  maxParallelism: 100,
  cooldownMs: 0,
  settlingTimeMs: 5.5 * MINUTE_MS,
  maxActionsPerHour: 12,
  retryRefusedAfterMs: 30 * MINUTE_MS,
  escalateForMs: 120 * MINUTE_MS,
  maxAlertAgeMs: 15 * MINUTE_MS,
  minImprovement: 0.1,
  blacklistFailureRatio: 0.5,
  blacklistMinAttempts: 3,
  blacklistTtlMs: 24 * 60 * MINUTE_MS,
  blacklistLoadMargin: 0.2,
  excludedPeriods: [],
};

export function settingsWith(changes: Partial<PolicySettings>): PolicySettings {
  return { ...DEFAULT_SETTINGS, ...changes };
}

export const MISSING = { kind: 'missing', because: 'no series' } as const;
export const NOT_APPLICABLE = { kind: 'not_applicable' } as const;
export type Absent = typeof MISSING | typeof NOT_APPLICABLE;

/** Per-instance values (an array), or why there are none. Array lengths give the parallelism. */
export interface OperatorSketch {
  source?: boolean;
  inputs?: string[] | null;
  parallelism?: number | null;
  min?: number;
  max?: number | null;
  shares?: number;
  incompleteBecause?: string;
  /** Victim or culprit ratios by instance. */
  backpressure?: number[] | Absent;
  pending?: number[] | Absent;
  pendingSlope?: number | null;
  rate?: number[] | Absent;
  lowestRate?: number | null;
  busy?: number[] | Absent;
  backlog?: number | Absent;
  backlogSlope?: number | null;
  /** Default: as if the slope were spread over the instances as the rate is. */
  largestOffered?: number | null;
  outliers?: OutlierInstance[];
}

/** An inner operator of one instance that is half busy with nothing pending, except where the sketch differs. */
export function operatorOf(name: string, sketch: OperatorSketch = {}, threshold = 0.05): OperatorMeasurement {
  const lengths = [sketch.backpressure, sketch.pending, sketch.rate, sketch.busy].flatMap((values) =>
    Array.isArray(values) ? [values.length] : [],
  );
  const parallelism = sketch.parallelism === undefined ? (lengths[0] ?? 1) : sketch.parallelism;
  const fill = (value: number): number[] => Array.from({ length: parallelism ?? 1 }, () => value);
  const isSource = sketch.source ?? false;
  const pending = sketch.pending ?? (isSource ? NOT_APPLICABLE : fill(0));
  const rate = sketch.rate ?? fill(100);
  return {
    spec: {
      name,
      role: isSource ? 'source' : 'inner',
      inputs: sketch.inputs === undefined ? [] : sketch.inputs,
      minParallelism: sketch.min ?? 1,
      maxParallelism: sketch.max === undefined ? 100 : sketch.max,
    },
    inputShares: sketch.shares ?? null,
    parallelism,
    incompleteBecause: sketch.incompleteBecause ?? null,
    backpressure: readingOf(sketch.backpressure ?? fill(0), (values) => ({
      ...meanAndMax(values),
      sumAboveThreshold: sum(values.filter((value) => value > threshold)),
    })),
    pendingPackets: readingOf(pending, (values) => ({
      ...meanAndMax(values),
      slopePerSecond: sketch.pendingSlope === undefined ? 0 : sketch.pendingSlope,
    })),
    processingRate: readingOf(rate, (values) => ({
      ...meanAndMax(values),
      min: Math.min(...values),
      total: sum(values),
      lowestTotal: sketch.lowestRate === undefined ? sum(values) : sketch.lowestRate,
    })),
    busy: readingOf(sketch.busy ?? fill(0.5), meanAndMax),
    sourceBacklog: readingOf(
      typeof sketch.backlog === 'number' ? [sketch.backlog] : (sketch.backlog ?? NOT_APPLICABLE),
      ([total]) => ({ total: total ?? 0, ...offeredOf(sketch, Array.isArray(rate) ? rate : []) }),
    ),
    outliers: sketch.outliers ?? outliersOf(sketch),
  };
}

/** The topology of these operators, as a victim engine (Flink) reports it. */
export function flinkTopology(operators: Record<string, OperatorSketch>, at = 0): TopologyMeasurement {
  return {
    topology: 'wordcount',
    atMs: at,
    windowMs: 5 * MINUTE_MS,
    backpressureReportedBy: 'victim',
    operators: Object.entries(operators).map(([name, sketch]) => operatorOf(name, sketch)),
    suspendedRatio: NOT_APPLICABLE,
  };
}

/** The topology of these operators, as a culprit engine (Heron) reports it. */
export function heronTopology(
  operators: Record<string, OperatorSketch>,
  suspendedRatio: number | Absent = NOT_APPLICABLE,
): TopologyMeasurement {
  return {
    ...flinkTopology(operators),
    backpressureReportedBy: 'culprit',
    suspendedRatio: typeof suspendedRatio === 'number' ? { kind: 'measured', ratio: suspendedRatio } : suspendedRatio,
  };
}

/** As in the sensors: if pending packets are skewed, the instances with at least half of the largest. */
function outliersOf({ pending, rate, busy }: OperatorSketch): OutlierInstance[] {
  if (!Array.isArray(pending)) return [];
  const largest = Math.max(...pending);
  if (largest <= 50) return [];
  return pending.flatMap((packets, index) =>
    packets * 2 >= largest
      ? [
          {
            operatorInstance: String(index),
            pendingPackets: packets,
            processingRate: Array.isArray(rate) ? (rate[index] ?? null) : null,
            busy: Array.isArray(busy) ? (busy[index] ?? null) : null,
          },
        ]
      : [],
  );
}

function offeredOf({ backlogSlope = 0, largestOffered }: OperatorSketch, rates: number[]) {
  const total = sum(rates);
  const spread = backlogSlope === null || total === 0 ? null : Math.max(...rates) * (1 + backlogSlope / total);
  return { slopePerSecond: backlogSlope, largestOfferedRate: largestOffered === undefined ? spread : largestOffered };
}

function readingOf<Statistics>(values: number[] | Absent, of: (values: number[]) => Statistics): Reading<Statistics> {
  return Array.isArray(values) ? { kind: 'measured', ...of(values) } : values;
}

function meanAndMax(values: number[]): { mean: number; max: number } {
  return { mean: sum(values) / values.length, max: Math.max(...values) };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
