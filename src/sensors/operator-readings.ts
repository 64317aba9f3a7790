// PURE: one operator's rows at one step as readings: measured, missing with the reason, or not applicable. What comes from fewer
// instances than there are is missing: a statistic of the others would be another number.
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
} from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { findGap, findVertexConflict } from './instance-identity.js';
import { valueAt, type InstanceRow, type OperatorRows } from './instance-table.js';
import {
  failureOf,
  isApplicable,
  maxOf,
  meanOf,
  partOf,
  presentInstances,
  senseInstance,
  sumOf,
  sumOfParts,
  type OperatorStep,
  type SensedValue,
  type TableStep,
} from './instance-values.js';
import { readSourceBacklog } from './source-backlog.js';

/** An operator whose series are there. */
export interface SeenOperator {
  readonly engine: Engine;
  readonly at: TableStep;
  readonly spec: OperatorSpec;
  /** Value of the engine's operator label. */
  readonly label: string;
  readonly rows: OperatorRows;
  /** The topology's own. */
  readonly settings: PolicySettings;
  /** Why the topology's instances cannot be of one; null: they can. */
  readonly conflict: string | null;
}

/** OperatorStep that stand out are named up to this many. */
const MAX_OUTLIERS = 10;
/** Of the instances with the most pending packets, those with at least this share of the operator's maximum stand out. */
const MIN_SHARE_OF_MAX = 0.5;

/** All readings of an operator of which instances are present. */
export function measureOperator(seen: SeenOperator): OperatorMeasurement {
  const present = presentInstances(seen.at, seen.rows);
  const { parallelism, incompleteBecause, expected } = countInstances(seen, present);
  const operator: OperatorStep = { ...seen, present, expected };
  const backlog = readSourceBacklog(operator);
  const measurement: OperatorMeasurement = {
    spec: { ...seen.spec, maxParallelism: smallest(seen.spec.maxParallelism, backlog.partitions) },
    parallelism,
    incompleteBecause: null,
    backpressure: read(operator, 'backpressure', (sensed) => {
      const above = sensed.filter(({ value }) => value > seen.settings.backpressureThreshold);
      return { mean: meanOf(sensed), max: maxOf(sensed), sumAboveThreshold: sumOf(above) };
    }),
    pendingPackets: readPendingPackets(operator),
    processingRate: read(operator, 'processing_rate', (sensed) => ({
      mean: meanOf(sensed),
      max: maxOf(sensed),
      min: Math.min(...sensed.map(({ value }) => value)),
      total: sumOf(sensed),
      lowestTotal: lowestTotalOf(operator, sensed),
    })),
    busy: read(operator, 'busy', (sensed) => ({ mean: meanOf(sensed), max: maxOf(sensed) })),
    sourceBacklog: backlog.reading,
    outliers: [],
  };
  if (incompleteBecause !== null) return asIncomplete(measurement, incompleteBecause);
  return isSkewed(measurement, seen.settings) ? { ...measurement, outliers: outliersOf(operator) } : measurement;
}

/** All readings of an operator of which nothing, or nothing certain, was seen. */
export function missingOperator(engine: Engine, spec: OperatorSpec, because: string): OperatorMeasurement {
  const missing = (sensor: SensorName): { kind: 'missing'; because: string } | { kind: 'not_applicable' } =>
    isApplicable(engine, sensor, spec) ? { kind: 'missing', because } : { kind: 'not_applicable' };
  return {
    spec,
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

function countInstances({ engine, at, rows, label, conflict }: SeenOperator, present: readonly InstanceRow[]): Count {
  const doubt = conflict ?? findVertexConflict(at, present, engine, label) ?? findGap(present, engine);
  if (engine.sensors.parallelism === undefined) {
    return { parallelism: present.length, incompleteBecause: doubt, expected: present.length };
  }
  const failure = failureOf(at, 'parallelism');
  const position = at.table.positions['parallelism/told']?.[0];
  const told = position === undefined ? undefined : valueAt(rows.columns[position], at.step);
  if (told === undefined || !Number.isInteger(told) || told < 1) {
    const because = failure ?? 'the sensor parallelism reports no whole number';
    return { parallelism: null, incompleteBecause: because, expected: present.length };
  }
  const lack = `${told} operator instances are expected, ${present.length} are present`;
  return { parallelism: told, incompleteBecause: told === present.length ? doubt : lack, expected: told };
}

function read<Statistics>(
  operator: OperatorStep,
  sensor: SensorName,
  statistics: (sensed: readonly SensedValue[]) => Statistics,
): Reading<Statistics> {
  const { engine, at, spec, present, expected } = operator;
  if (!isApplicable(engine, sensor, spec)) return { kind: 'not_applicable' };
  const failure = failureOf(at, sensor);
  if (failure !== null) return { kind: 'missing', because: failure };
  const sensed = present.flatMap((row) => senseInstance(at, row, sensor) ?? []);
  if (sensed.length !== expected)
    return { kind: 'missing', because: `${sensed.length} of ${expected} operator instances report` };
  return { kind: 'measured', ...statistics(sensed) };
}

function readPendingPackets(operator: OperatorStep): Reading<PendingPacketsStatistics> {
  const failure = failureOf(operator.at, 'idle');
  const reading = read(operator, 'pending_packets', (sensed) => {
    const bounded = sensed.map((one) => boundedPending(operator, one));
    return {
      mean: meanOf(bounded),
      max: maxOf(bounded),
      slopePerSecond: sumOfParts(operator, sensed, 'pending_packets', 'slope'),
    };
  });
  return reading.kind === 'measured' && failure !== null ? { kind: 'missing', because: failure } : reading;
}

/**
 * No more can wait than the least idle time i of the window allows: a queue that is empty for that share of time has, where records take about
 * equally long (M/D/1), (1 − i)² / 2i waiting on average, which 1 / 2i − 1 is to within i / 2: 0 at i = 0.5, 1 at 0.25, 4 at
 * 0.1, any number at 0. Where idle time is not known, any number may wait.
 */
function boundedPending({ at }: OperatorStep, sensed: SensedValue): SensedValue {
  const idle = senseInstance(at, sensed.row, 'idle')?.value ?? 0;
  return { ...sensed, value: Math.min(sensed.value, Math.max(0, 0.5 / Math.max(0, idle) - 1)) };
}

/** A sum of minima, which is at most the smallest sum; null: not all instances were there at the window's start. */
function lowestTotalOf(operator: OperatorStep, sensed: readonly SensedValue[]): number | null {
  const wereThere = sensed.every((one) => partOf(operator.at, one, 'processing_rate', 'start') !== null);
  return wereThere ? sumOfParts(operator, sensed, 'processing_rate', 'lowest') : null;
}

function isSkewed(operator: OperatorMeasurement, settings: PolicySettings): boolean {
  return judgePendingPacketsSkew(operator, settings) === 'yes';
}

function outliersOf(operator: OperatorStep): OutlierInstance[] {
  const { at, present } = operator;
  const pending = present
    .flatMap((row) => senseInstance(at, row, 'pending_packets') ?? [])
    .map((sensed) => boundedPending(operator, sensed));
  const largest = maxOf(pending);
  return pending
    .filter(({ value }) => value >= MIN_SHARE_OF_MAX * largest)
    .sort((a, b) => b.value - a.value || (a.row.operatorInstance < b.row.operatorInstance ? -1 : 1))
    .slice(0, MAX_OUTLIERS)
    .map(({ row, value }) => ({
      operatorInstance: row.operatorInstance,
      pendingPackets: value,
      processingRate: senseInstance(at, row, 'processing_rate')?.value ?? null,
      busy: senseInstance(at, row, 'busy')?.value ?? null,
    }));
}

function smallest(bound: number | null, other: number | null): number | null {
  if (bound === null || other === null) return bound ?? other;
  return Math.min(bound, other);
}
