// PURE: a look's answers as a table: a row for each operator instance, a column for each query, a value for each step; and its
// view at one step. An instant is a range of one step, so both use the same code.
import type { Engine } from '../config/configuration.js';
import { PRESENCE_SENSORS, type SensorName } from '../model/measurement.js';
import type { QueryPart } from './instance-vectors.js';
import type { RangeSeries, VectorSample } from './prometheus-answer.js';
import { PARTS, type PlannedQuery } from './sensing-queries.js';

/** The values by step; with a single step just the value, to save memory. */
type Column = VectorSample['value'] | RangeSeries['values'];

/** By the position of the query; undefined: its answer has no value here. */
type Columns = (Column | undefined)[];

/** Values of the labels that identify jobs, vertices and attempts; '' where the engine lists no such labels. */
export interface Identity {
  readonly topology: string;
  readonly operator: string;
  readonly attempt: string;
  readonly columns: Columns;
}

export interface InstanceRow {
  readonly operatorInstance: string;
  readonly columns: Columns;
  /** More than one where series of a restarted instance overlap, or where several jobs or vertices share a name. */
  readonly identities: Identity[];
}

export interface OperatorRows {
  readonly instances: Map<string, InstanceRow>;
  readonly columns: Columns;
}

export interface TopologyRows {
  readonly operators: Map<string, OperatorRows>;
  readonly columns: Columns;
}

export interface InstanceTable {
  /** The positions of a sensor's queries of one part, one for each of its expressions. */
  readonly positions: Partial<Record<PlannedQuery['purpose'], Partial<Record<QueryPart, number[]>>>>;
  /** Of the sensors in which instances show. */
  readonly presence: readonly number[];
  /** Position of the query that adds identities; -1: none does. */
  readonly identifying: number;
  /** By the position of the query: why it has no answer. A partial answer counts as none. */
  readonly failures: Map<number, string>;
  /** By the value of the engine's topology label. */
  readonly topologies: Map<string, TopologyRows>;
}

/** A table at one of its steps. */
export interface TableStep {
  readonly table: InstanceTable;
  readonly step: number;
}

export function createTable(queries: readonly PlannedQuery[]): InstanceTable {
  const positions: InstanceTable['positions'] = {};
  for (const [position, { purpose, part }] of queries.entries()) {
    const ofPurpose = (positions[purpose] ??= {});
    (ofPurpose[part] ??= []).push(position);
  }
  return {
    positions,
    presence: PRESENCE_SENSORS.flatMap((sensor) => positions[sensor]?.mean ?? []),
    identifying: queries.findIndex(({ hasIdentities }) => hasIdentities),
    failures: new Map(),
    topologies: new Map(),
  };
}

/** Where the series of an answer belong. */
export interface AnswerPlace {
  readonly table: InstanceTable;
  readonly engine: Engine;
  readonly query: PlannedQuery;
  readonly position: number;
}

/** Puts a series of the answer into the table. */
export function addSeries(
  { table, engine, query: { part }, position }: AnswerPlace,
  labels: VectorSample['labels'],
  column: Column,
): void {
  const topologyLabel = labels[engine.labels.topology];
  if (topologyLabel === undefined) return;
  let topology = table.topologies.get(topologyLabel);
  if (topology === undefined) table.topologies.set(topologyLabel, (topology = { operators: new Map(), columns: [] }));
  if (part === 'suspended') {
    addColumn(topology.columns, position, column);
    return;
  }
  const operatorLabel = labels[engine.labels.operator] ?? '';
  let operator = topology.operators.get(operatorLabel);
  if (operator === undefined) topology.operators.set(operatorLabel, (operator = { instances: new Map(), columns: [] }));
  if (part === 'sources' || part === 'told') {
    addColumn(operator.columns, position, column);
    return;
  }
  const operatorInstance = labels[engine.labels.operatorInstance] ?? '';
  let row = operator.instances.get(operatorInstance);
  if (row === undefined)
    operator.instances.set(operatorInstance, (row = { operatorInstance, columns: [], identities: [] }));
  addColumn(row.columns, position, column);
  if (position === table.identifying) addColumn(identityIn(row, engine, labels).columns, position, column);
}

/** The largest of several series of one instance counts, as in a query that does not distinguish them. */
function addColumn(columns: Columns, position: number, column: Column): void {
  const before = columns[position];
  if (typeof before === 'object' && typeof column === 'object') {
    const [longer, other] = before.length < column.length ? [column, before] : [before, column];
    // Unlike `map`, this does not pass over what is absent.
    columns[position] = Array.from(longer, (value, step) => larger(value, other[step]));
  } else {
    columns[position] = typeof before === 'number' && typeof column === 'number' ? larger(before, column) : column;
  }
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Number.isNaN(one) || other > one ? other : one;
}

function identityIn({ identities }: InstanceRow, { identity }: Engine, labels: VectorSample['labels']): Identity {
  const textOf = (names: readonly string[]): string => names.map((name) => labels[name] ?? '').join(' ');
  const { topology, operator, attempt } = identity;
  const own = { topology: textOf(topology), operator: textOf(operator), attempt: textOf(attempt), columns: [] };
  const known = identities.find((one) => {
    return one.topology === own.topology && one.operator === own.operator && one.attempt === own.attempt;
  });
  if (known === undefined) identities.push(own);
  return known ?? own;
}

/** A query's value for an instance, an operator or a topology; undefined: none. */
export function valueAt(
  { table, step }: TableStep,
  columns: Readonly<Columns> | undefined,
  position: number | undefined,
): number | undefined {
  if (columns === undefined || position === undefined || table.failures.has(position)) return undefined;
  const column = columns[position];
  return typeof column === 'object' ? column[step] : column;
}

/** A sensor's value for an instance, and which of its expressions it comes from. */
export interface SensedValue {
  readonly row: InstanceRow;
  readonly value: number;
  readonly alternative: number;
}

/** The instances that show any of the sensors that every engine has, whatever its value: NaN is presence too. */
export function presentInstances(at: TableStep, { instances }: OperatorRows): InstanceRow[] {
  return [...instances.values()].filter((row) => isAnswered(at, row, at.table.presence));
}

/** Whether any instance, present or not, has a value. */
export function isReported(at: TableStep, { instances }: OperatorRows, sensor: SensorName, part: QueryPart): boolean {
  const positions = at.table.positions[sensor]?.[part] ?? [];
  return [...instances.values()].some((row) => isAnswered(at, row, positions));
}

function isAnswered(at: TableStep, { columns }: InstanceRow, positions: readonly number[]): boolean {
  return positions.some((position) => valueAt(at, columns, position) !== undefined);
}

/** Why a sensor is unknown; null: all its expressions were answered. */
export function failureOf({ table }: TableStep, sensor: SensorName): string | null {
  if (table.failures.size === 0) return null;
  const failed = positionsOf(table, sensor).find((position) => table.failures.has(position)) ?? -1;
  return table.failures.get(failed) ?? null;
}

/** Of the queries for what readings are made of, one for each expression. */
function positionsOf({ positions }: InstanceTable, sensor: SensorName): readonly number[] {
  return positions[sensor]?.[PARTS[sensor][0]] ?? [];
}

/** Of the first expression of the sensor that is above 0, else of the first that has a finite value; null: none has. */
export function senseInstance(at: TableStep, row: InstanceRow, sensor: SensorName): SensedValue | null {
  let found: SensedValue | null = null;
  const positions = positionsOf(at.table, sensor);
  for (let alternative = 0; alternative < positions.length; alternative += 1) {
    const value = valueAt(at, row.columns, positions[alternative]);
    if (value === undefined || !Number.isFinite(value) || (found !== null && value <= 0)) continue;
    found = { row, value, alternative };
    if (value > 0) break;
  }
  return found;
}

/** The same of each instance that has any. */
export function senseInstances(at: TableStep, rows: readonly InstanceRow[], sensor: SensorName): SensedValue[] {
  return rows.flatMap((row) => senseInstance(at, row, sensor) ?? []);
}

/** Another part of the same expression; null: it has no finite value. */
export function partOf(
  at: TableStep,
  { row, alternative }: SensedValue,
  sensor: SensorName,
  part: QueryPart,
): number | null {
  const value = valueAt(at, row.columns, at.table.positions[sensor]?.[part]?.[alternative]);
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** The jobs, vertices and attempts whose series the instance has now. */
export function identitiesOf(at: TableStep, { identities }: InstanceRow): Identity[] {
  return identities.filter(({ columns }) => valueAt(at, columns, at.table.identifying) !== undefined);
}
