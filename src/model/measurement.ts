// What the sensors saw of a topology over one window ending at one instant.
// A reading is measured, missing (should be there and is not), or not applicable (the engine has no such sensor,
// or it means nothing for this operator). Missing makes symptoms unknown; not applicable makes them `no`.

export const SENSORS = [
  'backpressure',
  'pending_packets',
  'processing_rate',
  'busy',
  'idle',
  'source_backlog',
  'source_partitions',
  'topology_suspended',
  'parallelism',
] as const;
export type SensorName = (typeof SENSORS)[number];

/** Sensors that every engine has for every instance; the others may be absent without a fault. */
export const PRESENCE_SENSORS = ['backpressure', 'pending_packets', 'processing_rate'] as const satisfies SensorName[];

export type Reading<Statistics> =
  | ({ readonly kind: 'measured' } & Statistics)
  | { readonly kind: 'missing'; readonly because: string }
  | { readonly kind: 'not_applicable' };

/** What is taken of a reading's statistics; null: it was not measured, or there was no reading. */
export function ifMeasured<Statistics, Value>(
  reading: Reading<Statistics> | undefined,
  take: (statistics: Statistics) => Value,
): Value | null {
  return reading?.kind === 'measured' ? take(reading) : null;
}

/** The number of instances; null: unknown, since some of them were not seen. */
export function knownParallelism(
  operator: Pick<OperatorMeasurement, 'parallelism' | 'incompleteBecause'>,
): number | null {
  return operator.incompleteBecause === null ? operator.parallelism : null;
}

/** Ratios 0..1: per instance the mean over the window, then over the instances. */
export interface BackpressureStatistics {
  readonly mean: number;
  readonly max: number;
  /** Sum over the instances whose own ratio exceeds `backpressure_threshold`; may exceed 1. */
  readonly sumAboveThreshold: number;
}

/** Packets: per instance the mean over the window, then over the instances. */
export interface PendingPacketsStatistics {
  readonly mean: number;
  readonly max: number;
  /** Sum of each instance's least-squares slope, packets/s; null if an instance has fewer than 3 points. */
  readonly slopePerSecond: number | null;
}

/** Records/s: per instance the mean over the window, then over the instances. */
export interface ProcessingRateStatistics {
  readonly mean: number;
  readonly max: number;
  readonly min: number;
  /** Sum over the instances. */
  readonly total: number;
  /**
   * Sum of each instance's minimum, at most the smallest sum at any time of the window; null if some were absent for part of
   * it.
   */
  readonly lowestTotal: number | null;
}

/** Ratios 0..1 of time spent working: per instance the mean over the window, then over the instances. */
export interface BusyStatistics {
  readonly mean: number;
  readonly max: number;
}

/** Records waiting outside a source, summed over its instances. */
export interface SourceBacklogStatistics {
  /** At the end of the window; instances without a partition have none. */
  readonly total: number;
  /** Sum of each instance's least-squares slope over the window, records/s; null if an instance has fewer than 3 points. */
  readonly slopePerSecond: number | null;
  /** The largest of each instance's processing rate plus its slope, records/s; null if one of them is unknown. */
  readonly largestOfferedRate: number | null;
}

/** One operator instance whose pending packets stand out; at most 10 an operator are sensed. */
export interface OutlierInstance {
  readonly operatorInstance: string;
  readonly pendingPackets: number;
  readonly processingRate: number | null;
  readonly busy: number | null;
}

export const OPERATOR_ROLES = ['source', 'inner'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

/** An operator as configured, or as discovered from the series. */
export interface OperatorSpec {
  readonly name: string;
  readonly role: OperatorRole;
  /** Names of the operators that feed it; null if the topology's graph is unknown. */
  readonly inputs: readonly string[] | null;
  readonly minParallelism: number;
  /** null: no bound is configured. */
  readonly maxParallelism: number | null;
}

export interface OperatorReadings {
  readonly backpressure: Reading<BackpressureStatistics>;
  readonly pendingPackets: Reading<PendingPacketsStatistics>;
  readonly processingRate: Reading<ProcessingRateStatistics>;
  readonly busy: Reading<BusyStatistics>;
  readonly sourceBacklog: Reading<SourceBacklogStatistics>;
}

const SENSOR_OF: Readonly<Record<keyof OperatorReadings, SensorName>> = {
  backpressure: 'backpressure',
  pendingPackets: 'pending_packets',
  processingRate: 'processing_rate',
  busy: 'busy',
  sourceBacklog: 'source_backlog',
};

/** Each reading of an operator, and its sensor. */
export const READINGS = Object.entries(SENSOR_OF) as readonly (readonly [keyof OperatorReadings, SensorName])[];

export interface OperatorMeasurement extends OperatorReadings {
  readonly spec: OperatorSpec;
  /** In how many parts its input comes, each of which one instance has: key groups, partitions; null: none, or not known. */
  readonly inputShares: number | null;
  /** Instances present at the end of the window; null: unknown. */
  readonly parallelism: number | null;
  /** Why the instances seen cannot be all of them (a gap in their indices, an unexplained drop); null: they can be. */
  readonly incompleteBecause: string | null;
  /** Empty unless pending packets are skewed. */
  readonly outliers: readonly OutlierInstance[];
}

/** Whether the engine marks the operator that is held up (Flink) or the one that holds up (Heron). */
export const BACKPRESSURE_REPORTERS = ['victim', 'culprit'] as const;
export type BackpressureReporter = (typeof BACKPRESSURE_REPORTERS)[number];

export interface TopologyMeasurement {
  readonly topology: string;
  /** Unix time of the window's end, ms. */
  readonly atMs: number;
  readonly windowMs: number;
  readonly backpressureReportedBy: BackpressureReporter;
  readonly operators: readonly OperatorMeasurement[];
  /** Culprit engines: share of the window in which the sources were suspended, 0..1. */
  readonly suspendedRatio: Reading<{ readonly ratio: number }>;
}
