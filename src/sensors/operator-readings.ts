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

export interface LocatedOperator {
  readonly engine: Engine;
  readonly at: TableStep;
  readonly spec: OperatorSpec;
  /** As the engine's graph tells; null: not keyed, or not known. */
  readonly keyGroups: number | null;
  /** Value of the engine's operator label. */
  readonly label: string;
  /** Why nothing certain was seen of it; null: instances are present. */
  readonly missingBecause: string | null;
  readonly rows: OperatorRows;
  readonly present: readonly InstanceRow[];
  /** The topology's own. */
  readonly settings: PolicySettings;
  /** Why the topology's instances cannot be of one; null: they can. */
  readonly conflict: string | null;
}

/** At most this many outliers are named. */
const MAX_OUTLIERS = 10;
/** An instance with at least this share of the operator's maximum of pending packets is an outlier. */
const MIN_SHARE_OF_MAX = 0.5;

/** All readings of an operator. */
export function measureOperator(operator: LocatedOperator): OperatorMeasurement {
  const { spec, settings } = operator;
  const { parallelism, doubt } = countInstances(operator);
  const sourceBacklog = readSourceBacklog(operator);
  const partitions = countPartitions(operator, sourceBacklog);
  // Written out, as are the statistics: there are many, and V8 copies an object of this size a hundred times slower than it makes one.
  const measurement: OperatorMeasurement = {
    spec: { ...spec, maxParallelism: smallerBound(spec.maxParallelism, partitions) },
    inputShares: partitions ?? (operator.missingBecause === null ? operator.keyGroups : null),
    parallelism,
    incompleteBecause: null,
    backpressure: read(operator, 'backpressure', (sensed) => {
      const { mean, max } = summarize(sensed);
      const above = sensed.filter(({ value }) => value > settings.backpressureThreshold);
      return { kind: 'measured', mean, max, sumAboveThreshold: summarize(above).total };
    }),
    pendingPackets: readPendingPackets(operator),
    processingRate: read(operator, 'processing_rate', (sensed) => {
      const { mean, max, min, total } = summarize(sensed);
      // A sum of minima, which is at most the smallest sum; null: not all instances were there at the window's start.
      const lowestTotal = sumOfParts(operator, sensed, 'processing_rate', 'throughout');
      return { kind: 'measured', mean, max, min, total, lowestTotal };
    }),
    busy: read(operator, 'busy', (sensed) => {
      const { mean, max } = summarize(sensed);
      return { kind: 'measured', mean, max };
    }),
    sourceBacklog,
    outliers: [],
  };
  if (doubt !== null) return asIncomplete(measurement, doubt);
  const isSkewed = judgePendingPacketsSkew(measurement, settings) === 'yes';
  return isSkewed ? { ...measurement, outliers: outliersOf(operator) } : measurement;
}

/** Also why the present instances cannot be all of the operator's, or of it alone; null: they can. */
function countInstances(operator: LocatedOperator): { parallelism: number | null; doubt: string | null } {
  const { engine, at, present, label, missingBecause, conflict } = operator;
  if (missingBecause !== null) return { parallelism: null, doubt: null };
  const doubt = conflict ?? findConflict(at, present, 'operator', engine, label) ?? findGap(present, engine);
  if (engine.sensors.parallelism === undefined) return { parallelism: present.length, doubt };
  const told = toldParallelism(operator);
  const lack =
    told === null
      ? (failureOf(at, 'parallelism') ?? 'the sensor parallelism reports no whole number')
      : `${told} operator instances are expected, ${present.length} are present`;
  return { parallelism: told, doubt: told === present.length ? doubt : lack };
}

/** By the sensor `parallelism`. */
function toldParallelism({ at, rows }: LocatedOperator): number | null {
  const told = valueAt(at, rows.columns, at.table.positions.parallelism?.told?.[0]) ?? 0;
  return Number.isInteger(told) && told > 0 ? told : null;
}

/** Of how many instances a value is needed. */
function expectedOf(operator: LocatedOperator): number {
  return toldParallelism(operator) ?? operator.present.length;
}

/** A reading without statistics. */
type Unread = Exclude<Reading<object>, { readonly kind: 'measured' }>;

const NOT_APPLICABLE: Unread = { kind: 'not_applicable' };

/** null: the sensor may have values. */
function unreadOf({ engine, at, spec, missingBecause }: LocatedOperator, sensor: SensorName): Unread | null {
  if (!isApplicable(engine, sensor, spec)) return NOT_APPLICABLE;
  const because = missingBecause ?? failureOf(at, sensor);
  return because === null ? null : { kind: 'missing', because };
}

function tooFew(reporting: number, expected: number): Unread {
  return { kind: 'missing', because: `${reporting} of ${expected} operator instances report` };
}

function read<Statistics>(
  operator: LocatedOperator,
  sensor: SensorName,
  statistics: (sensed: readonly SensedValue[]) => { kind: 'measured' } & Statistics,
): Reading<Statistics> {
  const unread = unreadOf(operator, sensor);
  if (unread !== null) return unread;
  const sensed = senseInstances(operator.at, operator.present, sensor);
  const expected = expectedOf(operator);
  return sensed.length === expected ? statistics(sensed) : tooFew(sensed.length, expected);
}

function readPendingPackets(operator: LocatedOperator): Reading<PendingPacketsStatistics> {
  const because = failureOf(operator.at, 'idle');
  const reading = read(operator, 'pending_packets', (sensed) => {
    const { mean, max } = summarize(sensed.map((one) => ({ value: boundedPending(operator, one) })));
    return { kind: 'measured', mean, max, slopePerSecond: sumOfParts(operator, sensed, 'pending_packets', 'slope') };
  });
  return reading.kind === 'measured' && because !== null ? { kind: 'missing', because } : reading;
}

/**
 * No more can wait than the least idle time i of the window allows: a queue that is empty for that share of time has, where records take about
 * equally long (M/D/1), (1 − i)² / 2i waiting on average, which 1 / 2i − 1 is to within i / 2: 0 at i = 0.5, 1 at 0.25, 4 at
 * 0.1, any number at 0. Where idle time is not known, any number may wait.
 */
function boundedPending({ at }: LocatedOperator, { row, value }: SensedValue): number {
  const idle = senseInstance(at, row, 'idle')?.value ?? 0;
  return Math.min(value, Math.max(0, 0.5 / Math.max(0, idle) - 1));
}

function outliersOf(operator: LocatedOperator): OutlierInstance[] {
  const { at, present } = operator;
  const outliers = senseInstances(at, present, 'pending_packets').map((sensed) => ({
    operatorInstance: sensed.row.operatorInstance,
    pendingPackets: boundedPending(operator, sensed),
    processingRate: senseInstance(at, sensed.row, 'processing_rate')?.value ?? null,
    busy: senseInstance(at, sensed.row, 'busy')?.value ?? null,
  }));
  const max = Math.max(...outliers.map(({ pendingPackets }) => pendingPackets));
  return outliers
    .filter(({ pendingPackets }) => pendingPackets >= MIN_SHARE_OF_MAX * max)
    .sort((a, b) => b.pendingPackets - a.pendingPackets || (a.operatorInstance < b.operatorInstance ? -1 : 1))
    .slice(0, MAX_OUTLIERS);
}

/** The smaller of two values; null counts as absent. */
export function smallerBound(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** An idle ratio from here on means that an instance did nothing all window; means are not exact. */
const IDLE = 0.99;

/**
 * Not every source has a backlog (push sources), so one without any series of it in the whole window has none. An instance
 * of one that has, but has none itself, has no partition if it does nothing all window; else its backlog is missing.
 */
function readSourceBacklog(operator: LocatedOperator): Reading<SourceBacklogStatistics> {
  const { at, rows, present } = operator;
  const unread = unreadOf(operator, 'source_backlog');
  if (unread !== null) return unread;
  const sensed = senseInstances(at, present, 'source_backlog');
  if (sensed.length === 0 && !isReported(at, rows, 'source_backlog', 'slope')) return NOT_APPLICABLE;
  const reporting = new Set(sensed.map(({ row }) => row));
  const idle = sensed.length === 0 ? [] : present.filter((row) => !reporting.has(row) && doesNothing(at, row));
  const [accounted, expected] = [sensed.length + idle.length, expectedOf(operator)];
  if (accounted !== expected) return tooFew(accounted, expected);
  const slopePerSecond = sumOfParts(operator, sensed, 'source_backlog', 'slope');
  const largestOfferedRate = largestOfferedRateOf(operator, sensed);
  return { kind: 'measured', total: summarize(sensed).total, slopePerSecond, largestOfferedRate };
}

function largestOfferedRateOf({ at }: LocatedOperator, backlogs: readonly SensedValue[]): number | null {
  let largest: number | null = null;
  for (const backlog of backlogs) {
    const rate = senseInstance(at, backlog.row, 'processing_rate')?.value;
    const slope = partOf(at, backlog, 'source_backlog', 'slope');
    if (rate === undefined || slope === null) return null;
    largest = Math.max(largest ?? 0, rate + slope);
  }
  return largest;
}

/** It was there all window, processes nothing and is idle throughout, or, where the engine does not tell idle time, not busy. */
function doesNothing(at: TableStep, row: InstanceRow): boolean {
  const rate = senseInstance(at, row, 'processing_rate');
  if (rate?.value !== 0 || partOf(at, rate, 'processing_rate', 'throughout') === null) return false;
  const idle = senseInstance(at, row, 'idle')?.value;
  const busy = senseInstance(at, row, 'busy')?.value;
  return idle === undefined ? busy !== undefined && busy <= 1 - IDLE : idle >= IDLE;
}

/**
 * Instances beyond this number have nothing to read: the engine's count; else, once some instances have no backlog, the number
 * of those that have one. Null: unknown.
 */
function countPartitions(operator: LocatedOperator, backlog: Reading<SourceBacklogStatistics>): number | null {
  if (backlog.kind !== 'measured') return null;
  const { at, present } = operator;
  const withBacklog = senseInstances(at, present, 'source_backlog');
  const counts = withBacklog.flatMap(({ row }) => senseInstance(at, row, 'source_partitions') ?? []);
  if (counts.length === withBacklog.length) return summarize(counts).total;
  return withBacklog.length < expectedOf(operator) ? withBacklog.length : null;
}

/**
 * Whether the engine has the sensor and it means something for such an operator: packets wait in front of inner operators only, a backlog
 * in front of sources only, and a source's own backpressure means something only where the victim reports it.
 */
function isApplicable(engine: Engine, sensor: SensorName, { role }: OperatorSpec): boolean {
  if (engine.sensors[sensor] === undefined) return false;
  const isSource = role === 'source';
  if (sensor === 'backpressure') return !isSource || engine.backpressureReportedBy === 'victim';
  if (sensor === 'pending_packets') return !isSource;
  return sensor !== 'source_backlog' || isSource;
}

/** Prometheus' regression leaves rounding errors, which a later rounding up would turn into a whole instance. */
const SLOPE_DECIMALS = 1e6;

/** The sum over the instances of another part of the answers; null: an instance has none. */
function sumOfParts(
  { at }: LocatedOperator,
  sensed: readonly SensedValue[],
  sensor: SensorName,
  part: 'slope' | 'throughout',
): number | null {
  let sum = 0;
  for (const one of sensed) {
    const value = partOf(at, one, sensor, part);
    if (value === null) return null;
    sum += value;
  }
  return part === 'slope' ? Math.round(sum * SLOPE_DECIMALS) / SLOPE_DECIMALS : sum;
}

/** Without values the mean is NaN, and the largest and smallest are infinite. */
function summarize(sensed: readonly Pick<SensedValue, 'value'>[]): Record<'mean' | 'max' | 'min' | 'total', number> {
  let total = 0;
  let max = -Infinity;
  let min = Infinity;
  for (const { value } of sensed) {
    total += value;
    max = Math.max(max, value);
    min = Math.min(min, value);
  }
  return { mean: total / sensed.length, max, min, total };
}
