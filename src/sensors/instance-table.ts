// PURE: what the queries of a look answered, as a table: a row an operator instance, a column a query, a value a step; and what
// it says of single instances at one step. The same for one instant, which is a range of one step, and for a range.
import type { Engine } from '../config/configuration.js';
import { PRESENCE_SENSORS, type SensorName } from '../model/measurement.js';
import type { RangeSeries } from './prometheus-client.js';
import { mainPartOf, type PlannedQuery, type QueryPart } from './sensing-queries.js';

/** Its values by step; of one step just the value, since there are many. */
type Column = number | StepColumn;

interface StepColumn {
  readonly values: Float64Array;
  /** By step, 1: there is a value, which may be NaN. */
  readonly present: Uint8Array;
}

/** By the position of the query; undefined: it answered nothing about this. */
type Columns = (Column | undefined)[];

/** Values of the labels that tell jobs, vertices and attempts apart; each '' where the engine lists none. */
export interface Identity {
  readonly topology: string;
  readonly operator: string;
  readonly attempt: string;
  readonly column: Column;
}

export interface InstanceRow {
  readonly operatorInstance: string;
  readonly columns: Readonly<Columns>;
  /** More than one where series of a restarted instance overlap, or where several jobs or vertices have one name. */
  readonly identities: readonly Identity[];
}

export interface OperatorRows {
  readonly instances: ReadonlyMap<string, InstanceRow>;
  readonly columns: Readonly<Columns>;
}

export interface TopologyRows {
  readonly operators: ReadonlyMap<string, OperatorRows>;
  readonly columns: Readonly<Columns>;
}

/** The positions of a sensor's queries of one part, by alternative. */
type Positions = Partial<Record<`${PlannedQuery['purpose']}/${QueryPart}`, number[]>>;

export interface InstanceTable {
  readonly positions: Readonly<Positions>;
  /** Of the sensors in which instances show. */
  readonly presence: readonly number[];
  /** By the position of the query, why it has no answer. */
  readonly failures: ReadonlyMap<number, string>;
  /** By the value of the engine's topology label. */
  readonly topologies: ReadonlyMap<string, TopologyRows>;
}

/** A table as it was at one of its steps. */
export interface TableStep {
  readonly table: InstanceTable;
  readonly step: number;
}

/** A table that is being filled, as the answers come. */
export interface TableDraft {
  readonly table: InstanceTable;
  /** @param firstStep the step of the table that is the first of the series' */
  add(position: number, series: RangeSeries, firstStep: number): void;
  fail(position: number, because: string): void;
}

/** @param stepCount how many steps there are; all answers are of them */
export function draftTable(queries: readonly PlannedQuery[], engine: Engine, stepCount: number): TableDraft {
  const topologies = new Map<string, MutableTopology>();
  const failures = new Map<number, string>();
  const positions: Positions = {};
  for (const [position, { purpose, part }] of queries.entries())
    (positions[`${purpose}/${part}`] ??= []).push(position);
  const presence = PRESENCE_SENSORS.flatMap((sensor) => positions[`${sensor}/mean`] ?? []);
  return {
    table: { positions, presence, failures, topologies },
    add: (position, series, firstStep) => {
      const query = queries[position];
      if (query !== undefined) addSeries({ topologies, engine, query, position, firstStep, stepCount }, series);
    },
    fail: (position, because) => void failures.set(position, because),
  };
}

interface MutableRow {
  readonly operatorInstance: string;
  readonly columns: Columns;
  readonly identities: Identity[];
}
interface MutableOperator {
  readonly instances: Map<string, MutableRow>;
  readonly columns: Columns;
}
interface MutableTopology {
  readonly operators: Map<string, MutableOperator>;
  readonly columns: Columns;
}

/** Where in a table a series belongs. */
interface Place {
  readonly topologies: Map<string, MutableTopology>;
  readonly engine: Engine;
  readonly query: PlannedQuery;
  readonly position: number;
  readonly firstStep: number;
  /** Of the table. */
  readonly stepCount: number;
}

function addSeries(place: Place, series: RangeSeries): void {
  const { engine, position } = place;
  const { part, hasIdentities } = place.query;
  const { labels } = series;
  const topologyLabel = labels[engine.labels.topology];
  if (topologyLabel === undefined) return;
  const topology = entryOf(place.topologies, topologyLabel, createTopology);
  if (part === 'suspended') {
    topology.columns[position] = columnOf(topology.columns[position], series, place);
    return;
  }
  const operator = entryOf(topology.operators, labels[engine.labels.operator] ?? '', createOperator);
  if (part === 'sources' || part === 'told') {
    operator.columns[position] = columnOf(operator.columns[position], series, place);
    return;
  }
  const row = entryOf(operator.instances, labels[engine.labels.operatorInstance] ?? '', createRow);
  row.columns[position] = columnOf(row.columns[position], series, place);
  if (hasIdentities) addIdentity(row.identities, series, place);
}

function addIdentity(identities: Identity[], series: RangeSeries, place: Place): void {
  const { identity } = place.engine;
  const textOf = (names: readonly string[]): string => names.map((name) => series.labels[name] ?? '').join(' ');
  const topology = textOf(identity.topology);
  const operator = textOf(identity.operator);
  const attempt = textOf(identity.attempt);
  const known = identities.findIndex(
    (one) => one.topology === topology && one.operator === operator && one.attempt === attempt,
  );
  const column = columnOf(identities[known]?.column, series, place);
  identities[known < 0 ? identities.length : known] = { topology, operator, attempt, column };
}

/** Of several series of one instance the larger value counts, as in a query that does not tell them apart. */
function columnOf(before: Column | undefined, { steps, values }: RangeSeries, { firstStep, stepCount }: Place): Column {
  if (stepCount === 1) return larger(typeof before === 'number' ? before : NaN, values[0] ?? NaN);
  const column =
    typeof before === 'object' ? before : { values: new Float64Array(stepCount), present: new Uint8Array(stepCount) };
  for (let index = 0; index < steps.length; index += 1) {
    const step = firstStep + (steps[index] ?? NaN);
    const value = values[index] ?? NaN;
    column.values[step] = column.present[step] === 1 ? larger(column.values[step] ?? NaN, value) : value;
    column.present[step] = 1;
  }
  return column;
}

function larger(one: number, other: number): number {
  return Number.isNaN(one) || other > one ? other : one;
}

/** The entry of a key, made where there is none. */
function entryOf<Value>(map: Map<string, Value>, key: string, create: (key: string) => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create(key)));
  return value;
}

function createTopology(): MutableTopology {
  return { operators: new Map(), columns: [] };
}

function createOperator(): MutableOperator {
  return { instances: new Map(), columns: [] };
}

function createRow(operatorInstance: string): MutableRow {
  return { operatorInstance, columns: [], identities: [] };
}

/** undefined: it has no value then. */
export function valueAt(column: Column | undefined, step: number): number | undefined {
  if (column === undefined) return undefined;
  if (typeof column === 'number') return step === 0 ? column : undefined;
  return column.present[step] === 1 ? column.values[step] : undefined;
}

/** What a sensor says of an instance, and which of its expressions said it. */
export interface SensedValue {
  readonly row: InstanceRow;
  readonly value: number;
  readonly alternative: number;
}

/** The instances that show any of the sensors that every engine has, whatever its value: NaN is presence too. */
export function presentInstances({ table, step }: TableStep, rows: OperatorRows): InstanceRow[] {
  const present: InstanceRow[] = [];
  for (const row of rows.instances.values()) {
    if (table.presence.some((position) => valueAt(row.columns[position], step) !== undefined)) present.push(row);
  }
  return present;
}

/** Why nothing is known of a sensor; null: all its expressions were answered. */
export function failureOf({ table }: TableStep, sensor: SensorName): string | null {
  if (table.failures.size === 0) return null;
  const positions = table.positions[`${sensor}/${mainPartOf(sensor)}`] ?? [];
  const failed = positions.find((position) => table.failures.has(position));
  return failed === undefined ? null : (table.failures.get(failed) ?? null);
}

/** Of each instance that has any: of the first expression of the sensor that is above 0, else of the first that has a finite value. */
export function senseInstances(
  { table, step }: TableStep,
  rows: readonly InstanceRow[],
  sensor: SensorName,
): SensedValue[] {
  const positions = table.positions[`${sensor}/${mainPartOf(sensor)}`] ?? [];
  const sensed: SensedValue[] = [];
  for (const row of rows) {
    let found: SensedValue | null = null;
    for (let alternative = 0; alternative < positions.length; alternative += 1) {
      const value = valueAt(row.columns[positions[alternative] ?? -1], step);
      if (value === undefined || !Number.isFinite(value) || (found !== null && value <= 0)) continue;
      found = { row, value, alternative };
      if (value > 0) break;
    }
    if (found !== null) sensed.push(found);
  }
  return sensed;
}

/** The same of one instance; null: it has none. */
export function senseInstance(at: TableStep, row: InstanceRow, sensor: SensorName): SensedValue | null {
  return senseInstances(at, [row], sensor)[0] ?? null;
}

/** Another part of the same expression; null: it has no finite value. */
export function partOf(
  { table, step }: TableStep,
  { row, alternative }: SensedValue,
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
