// PURE: what each sensor says of single operator instances at one step of a table.
import type { Engine } from '../config/configuration.js';
import { PRESENCE_SENSORS, type OperatorSpec, type SensorName } from '../model/measurement.js';
import { valueAt, type Identity, type InstanceRow, type InstanceTable, type OperatorRows } from './instance-table.js';
import { mainPartOf, type QueryPart } from './sensing-queries.js';

/** A table as it was at one of its steps. */
export interface TableStep {
  readonly table: InstanceTable;
  readonly step: number;
}

/** One operator's present instances at one step. */
export interface OperatorStep {
  readonly engine: Engine;
  readonly at: TableStep;
  readonly spec: OperatorSpec;
  readonly rows: OperatorRows;
  readonly present: readonly InstanceRow[];
  /** How many should report. */
  readonly expected: number;
}

/** What a sensor says of an instance, and which of its expressions said it. */
export interface SensedValue {
  readonly row: InstanceRow;
  readonly value: number;
  readonly alternative: number;
}

/** The instances that show any of the sensors that every engine has, whatever its value: NaN is presence too. */
export function presentInstances({ table, step }: TableStep, rows: OperatorRows): InstanceRow[] {
  const positions = PRESENCE_SENSORS.flatMap((sensor) => table.positions[`${sensor}/mean`] ?? []);
  return [...rows.instances.values()].filter(({ columns }) =>
    positions.some((position) => valueAt(columns[position], step) !== undefined),
  );
}

/** Why nothing is known of a sensor; null: all its expressions were answered. */
export function failureOf({ table }: TableStep, sensor: SensorName): string | null {
  const positions = table.positions[`${sensor}/${mainPartOf(sensor)}`] ?? [];
  const failed = positions.find((position) => table.failures.has(position));
  return failed === undefined ? null : (table.failures.get(failed) ?? null);
}

/** Of the first expression of the sensor that is above 0, else of the first that has a finite value; null: none has. */
export function senseInstance({ table, step }: TableStep, row: InstanceRow, sensor: SensorName): SensedValue | null {
  const positions = table.positions[`${sensor}/${mainPartOf(sensor)}`] ?? [];
  let first: SensedValue | null = null;
  for (const [alternative, position] of positions.entries()) {
    const value = valueAt(row.columns[position], step);
    if (value === undefined || !Number.isFinite(value)) continue;
    if (value > 0) return { row, value, alternative };
    first ??= { row, value, alternative };
  }
  return first;
}

/** Another part of the same expression; null: it has no finite value. */
export function partOf(
  { table, step }: TableStep,
  { row, alternative }: Pick<SensedValue, 'row' | 'alternative'>,
  sensor: SensorName,
  part: QueryPart,
): number | null {
  const position = table.positions[`${sensor}/${part}`]?.[alternative];
  const value = position === undefined ? undefined : valueAt(row.columns[position], step);
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** The jobs, vertices and attempts whose series the instance has now. */
export function identitiesOf({ step }: Pick<TableStep, 'step'>, { identities }: InstanceRow): Identity[] {
  return identities.filter(({ column }) => valueAt(column, step) !== undefined);
}

/** Whether the engine has the sensor and it means something for such an operator (the contract's table, section 4). */
export function isApplicable(engine: Engine, sensor: SensorName, { role }: OperatorSpec): boolean {
  if (engine.sensors[sensor] === undefined) return false;
  const isSource = role === 'source';
  if (sensor === 'backpressure') return !isSource || engine.backpressureReportedBy === 'victim';
  if (sensor === 'pending_packets') return !isSource;
  if (sensor === 'source_backlog') return isSource;
  return true;
}

/** Prometheus' regression leaves rounding errors, which a ceiling further on would make a whole instance of. */
const SLOPE_DECIMALS = 1e6;

/** The sum of another part of what was sensed; null: one of them has none. */
export function sumOfParts(
  { at }: OperatorStep,
  sensed: readonly SensedValue[],
  sensor: SensorName,
  part: 'slope' | 'lowest',
): number | null {
  const values = sensed.map((one) => partOf(at, one, sensor, part));
  const sum = values.reduce<number | null>(
    (total, value) => (total === null || value === null ? null : total + value),
    0,
  );
  return sum === null || part !== 'slope' ? sum : Math.round(sum * SLOPE_DECIMALS) / SLOPE_DECIMALS;
}

export function sumOf(sensed: readonly SensedValue[]): number {
  return sensed.reduce((sum, { value }) => sum + value, 0);
}

export function meanOf(sensed: readonly SensedValue[]): number {
  return sumOf(sensed) / sensed.length;
}

export function maxOf(sensed: readonly SensedValue[]): number {
  return Math.max(...sensed.map(({ value }) => value));
}
