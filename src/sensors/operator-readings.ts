// PURE: turns one operator's rows at one step into readings: measured, missing with the reason, or not applicable. A value from
// fewer instances than exist is missing: a statistic of the others would be a different number.
import type { Engine } from '../config/configuration.js';
import { judgePendingPacketsSkew } from '../detectors/pending-packets-skew-detector.js';
import { asIncomplete } from '../model/incomplete-operator.js';
import type {
  OperatorMeasurement,
  OperatorSpec,
  OutlierInstance,
  PendingPacketsStatistics,
  Reading,
  SensorName,
  SourceBacklogStatistics,
} from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { findConflict, findGap } from './instance-identity.js';
import {
  failureOf,
  isReported,
  partOf,
  senseInstance,
  senseInstances,
  valueAt,
  type InstanceRow,
  type OperatorRows,
  type SensedValue,
  type TableStep,
} from './instance-table.js';

/** An operator with instances present. */
export interface SeenOperator {
  readonly engine: Engine;
  readonly at: TableStep;
  readonly spec: OperatorSpec;
  /** As the engine's graph tells; null: not keyed, or not known. */
  readonly keyGroups: number | null;
  /** Value of the engine's operator label. */
  readonly label: string;
  readonly rows: OperatorRows;
  readonly present: readonly InstanceRow[];
  /** The topology's own. */
  readonly settings: PolicySettings;
  /** Why the topology's instances cannot be of one; null: they can. */
  readonly conflict: string | null;
}

/** An operator with a known number of instances that should report. */
interface CountedOperator extends Pick<SeenOperator, 'engine' | 'at' | 'spec' | 'rows' | 'present'> {
  readonly expected: number;
}

/** At most this many outliers are named. */
const MAX_OUTLIERS = 10;
/** An instance with at least this share of the operator's maximum of pending packets is an outlier. */
const MIN_SHARE_OF_MAX = 0.5;

/** All readings of an operator with instances present. */
export function measureOperator(seen: SeenOperator): OperatorMeasurement {
  const { parallelism, incompleteBecause, expected } = countInstances(seen);
  const { engine, at, spec, keyGroups, rows, present, settings } = seen;
  // Written out, as are the statistics: there are many, and copying an object with more properties takes a hundred times as long.
  const operator: CountedOperator = { engine, at, spec, rows, present, expected };
  const backlog = readSourceBacklog(operator);
  const measurement: OperatorMeasurement = {
    spec: { ...spec, maxParallelism: smallerBound(spec.maxParallelism, backlog.partitions) },
    inputShares: backlog.partitions ?? keyGroups,
    parallelism,
    incompleteBecause: null,
    backpressure: read(operator, 'backpressure', (values) => {
      const { mean, max } = summarize(values);
      const above = values.filter((value) => value > settings.backpressureThreshold);
      return { kind: 'measured', mean, max, sumAboveThreshold: summarize(above).total };
    }),
    pendingPackets: readPendingPackets(operator),
    processingRate: read(operator, 'processing_rate', (values, sensed) => {
      const { mean, max, min, total } = summarize(values);
      // A sum of minima, which is at most the smallest sum; null: not all instances were there at the window's start.
      const lowestTotal = sumOfParts(operator, sensed, 'processing_rate', 'throughout');
      return { kind: 'measured', mean, max, min, total, lowestTotal };
    }),
    busy: read(operator, 'busy', (values) => {
      const { mean, max } = summarize(values);
      return { kind: 'measured', mean, max };
    }),
    sourceBacklog: backlog.reading,
    outliers: [],
  };
  if (incompleteBecause !== null) return asIncomplete(measurement, incompleteBecause);
  const isSkewed = judgePendingPacketsSkew(measurement, settings) === 'yes';
  return isSkewed ? { ...measurement, outliers: outliersOf(operator) } : measurement;
}

/** All readings of an operator of which nothing certain was seen. */
export function missingOperator(engine: Engine, spec: OperatorSpec, because: string): OperatorMeasurement {
  const missing = (sensor: SensorName): { kind: 'missing'; because: string } | { kind: 'not_applicable' } =>
    isApplicable(engine, sensor, spec) ? { kind: 'missing', because } : { kind: 'not_applicable' };
  return {
    spec,
    inputShares: null,
    parallelism: null,
    incompleteBecause: null,
    backpressure: missing('backpressure'),
    pendingPackets: missing('pending_packets'),
    processingRate: missing('processing_rate'),
    busy: missing('busy'),
    sourceBacklog: missing('source_backlog'),
    outliers: [],
  };
}

interface Count {
  readonly parallelism: number | null;
  readonly incompleteBecause: string | null;
  readonly expected: number;
}

function countInstances({ engine, at, rows, present, label, conflict }: SeenOperator): Count {
  const doubt = conflict ?? findConflict(at, present, 'operator', engine, label) ?? findGap(present, engine);
  if (engine.sensors.parallelism === undefined) {
    return { parallelism: present.length, incompleteBecause: doubt, expected: present.length };
  }
  const failure = failureOf(at, 'parallelism');
  const told = valueAt(at, rows.columns, at.table.positions.parallelism?.told?.[0]);
  if (told === undefined || !Number.isInteger(told) || told < 1) {
    const because = failure ?? 'the sensor parallelism reports no whole number';
    return { parallelism: null, incompleteBecause: because, expected: present.length };
  }
  const lack = `${told} operator instances are expected, ${present.length} are present`;
  return { parallelism: told, incompleteBecause: told === present.length ? doubt : lack, expected: told };
}

function read<Statistics>(
  operator: CountedOperator,
  sensor: SensorName,
  statistics: (values: readonly number[], sensed: readonly SensedValue[]) => { kind: 'measured' } & Statistics,
): Reading<Statistics> {
  const { engine, at, spec, present, expected } = operator;
  if (!isApplicable(engine, sensor, spec)) return { kind: 'not_applicable' };
  const failure = failureOf(at, sensor);
  if (failure !== null) return { kind: 'missing', because: failure };
  const sensed = senseInstances(at, present, sensor);
  if (sensed.length !== expected)
    return { kind: 'missing', because: `${sensed.length} of ${expected} operator instances report` };
  return statistics(sensed.map(valueOf), sensed);
}

function readPendingPackets(operator: CountedOperator): Reading<PendingPacketsStatistics> {
  const failure = failureOf(operator.at, 'idle');
  const reading = read(operator, 'pending_packets', (_values, sensed) => {
    const { mean, max } = summarize(sensed.map((one) => boundedPending(operator, one)));
    return { kind: 'measured', mean, max, slopePerSecond: sumOfParts(operator, sensed, 'pending_packets', 'slope') };
  });
  return reading.kind === 'measured' && failure !== null ? { kind: 'missing', because: failure } : reading;
}

/**
 * No more can wait than the least idle time i of the window allows: a queue that is empty for that share of time has, where records take about
 * equally long (M/D/1), (1 − i)² / 2i waiting on average, which 1 / 2i − 1 is to within i / 2: 0 at i = 0.5, 1 at 0.25, 4 at
 * 0.1, any number at 0. Where idle time is not known, any number may wait.
 */
function boundedPending({ at }: CountedOperator, { row, value }: SensedValue): number {
  const idle = senseInstance(at, row, 'idle')?.value ?? 0;
  return Math.min(value, Math.max(0, 0.5 / Math.max(0, idle) - 1));
}

function outliersOf(operator: CountedOperator): OutlierInstance[] {
  const { at, present } = operator;
  const pending = senseInstances(at, present, 'pending_packets').map((sensed) => {
    return { row: sensed.row, value: boundedPending(operator, sensed) };
  });
  const { max } = summarize(pending.map(valueOf));
  return pending
    .filter(({ value }) => value >= MIN_SHARE_OF_MAX * max)
    .sort((a, b) => b.value - a.value || (a.row.operatorInstance < b.row.operatorInstance ? -1 : 1))
    .slice(0, MAX_OUTLIERS)
    .map(({ row, value }) => ({
      operatorInstance: row.operatorInstance,
      pendingPackets: value,
      processingRate: senseInstance(at, row, 'processing_rate')?.value ?? null,
      busy: senseInstance(at, row, 'busy')?.value ?? null,
    }));
}

/** The smaller of two values; null counts as absent. */
export function smallerBound(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** An idle ratio from here on means that an instance did nothing all window; means are not exact. */
const IDLE = 0.99;

interface SourceBacklog {
  readonly reading: Reading<SourceBacklogStatistics>;
  /** Instances beyond this number have nothing to read; null: unknown. */
  readonly partitions: number | null;
}

/**
 * Not every source has a backlog (push sources), so one without any series of it in the whole window has none. An instance
 * of one that has, but has none itself, has no partition if it does nothing all window; else its backlog is missing.
 */
function readSourceBacklog(operator: CountedOperator): SourceBacklog {
  const { engine, at, spec, present, expected } = operator;
  const withoutBacklog = { partitions: null, reading: { kind: 'not_applicable' } } as const;
  if (!isApplicable(engine, 'source_backlog', spec)) return withoutBacklog;
  const failure = failureOf(at, 'source_backlog');
  if (failure !== null) return { partitions: null, reading: { kind: 'missing', because: failure } };
  const sensed = senseInstances(at, present, 'source_backlog');
  if (sensed.length === 0 && !isReported(at, operator.rows, 'source_backlog', 'slope')) return withoutBacklog;
  const reporting = new Set(sensed.map(({ row }) => row));
  const without = present.filter((row) => !reporting.has(row));
  const idle = without.filter((row) => doesNothing(at, row));
  if (sensed.length === 0 || sensed.length + idle.length !== expected) {
    const because = `${sensed.length + (sensed.length === 0 ? 0 : idle.length)} of ${expected} operator instances report`;
    return { partitions: null, reading: { kind: 'missing', because } };
  }
  const slopePerSecond = sumOfParts(operator, sensed, 'source_backlog', 'slope');
  return {
    reading: { kind: 'measured', total: summarize(sensed.map(valueOf)).total, slopePerSecond },
    partitions: countPartitions(operator, sensed, idle),
  };
}

/** It was there all window, processes nothing and is idle throughout, or, where the engine does not tell idle time, not busy. */
function doesNothing(at: TableStep, row: InstanceRow): boolean {
  const rate = senseInstance(at, row, 'processing_rate');
  if (rate?.value !== 0 || partOf(at, rate, 'processing_rate', 'throughout') === null) return false;
  const idle = senseInstance(at, row, 'idle')?.value;
  const busy = senseInstance(at, row, 'busy')?.value;
  return idle === undefined ? busy !== undefined && busy <= 1 - IDLE : idle >= IDLE;
}

/** The engine's count; else, once some instances have no backlog, the number of those that have one. */
function countPartitions(
  { at }: CountedOperator,
  withBacklog: readonly SensedValue[],
  idle: readonly InstanceRow[],
): number | null {
  const counted = withBacklog.map(({ row }) => senseInstance(at, row, 'source_partitions')?.value ?? null);
  if (!counted.includes(null)) return counted.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return idle.length > 0 ? withBacklog.length : null;
}

/** Whether the engine has the sensor and it means something for such an operator (the contract's table, section 4). */
function isApplicable(engine: Engine, sensor: SensorName, { role }: OperatorSpec): boolean {
  if (engine.sensors[sensor] === undefined) return false;
  const isSource = role === 'source';
  if (sensor === 'backpressure') return !isSource || engine.backpressureReportedBy === 'victim';
  if (sensor === 'pending_packets') return !isSource;
  if (sensor === 'source_backlog') return isSource;
  return true;
}

/** Prometheus' regression leaves rounding errors, which a later rounding up would turn into a whole instance. */
const SLOPE_DECIMALS = 1e6;

/** The sum over the instances of another part of the answers; null: an instance has none. */
function sumOfParts(
  { at }: CountedOperator,
  sensed: readonly SensedValue[],
  sensor: SensorName,
  part: 'slope' | 'throughout',
): number | null {
  const values = sensed.map((one) => partOf(at, one, sensor, part));
  const sum = values.reduce<number | null>(
    (total, value) => (total === null || value === null ? null : total + value),
    0,
  );
  return sum === null || part !== 'slope' ? sum : Math.round(sum * SLOPE_DECIMALS) / SLOPE_DECIMALS;
}

/** Without values the mean is NaN, and the largest and smallest are infinite. */
function summarize(values: readonly number[]): { mean: number; max: number; min: number; total: number } {
  let total = 0;
  let max = -Infinity;
  let min = Infinity;
  for (const value of values) {
    total += value;
    max = Math.max(max, value);
    min = Math.min(min, value);
  }
  return { mean: total / values.length, max, min, total };
}

function valueOf({ value }: { readonly value: number }): number {
  return value;
}
