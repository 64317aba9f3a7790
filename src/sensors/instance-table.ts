// PURE: what the queries of a look answered, as a table: a row an operator instance, a column a query, a value a step. The same
// for one instant, which is a range of one step, and for a range.
import type { Engine } from '../config/configuration.js';
import type { RangeSeries } from './prometheus-client.js';
import type { PlannedQuery, QueryPart } from './sensing-queries.js';

/** An answer, or why there is none. */
export type Answer<Content> =
  { readonly kind: 'answered'; readonly content: Content } | { readonly kind: 'failed'; readonly because: string };

/** Its values by step; of one step just the value, since there are many. */
type Column = number | StepColumn;

interface StepColumn {
  readonly values: Float64Array;
  /** By step, 1: there is a value, which may be NaN. */
  readonly present: Uint8Array;
}

/** By the position of the query; undefined: it answered nothing about this. */
export type Columns = readonly (Column | undefined)[];

/** Values of the labels that tell jobs, vertices and attempts apart; each '' where the engine lists none. */
export interface Identity {
  readonly topology: string;
  readonly operator: string;
  readonly attempt: string;
  readonly column: Column;
}

export interface InstanceRow {
  readonly operatorInstance: string;
  readonly columns: Columns;
  /** More than one where series of a restarted instance overlap, or where several jobs or vertices have one name. */
  readonly identities: readonly Identity[];
}

export interface OperatorRows {
  readonly instances: ReadonlyMap<string, InstanceRow>;
  readonly columns: Columns;
}

export interface TopologyRows {
  readonly operators: ReadonlyMap<string, OperatorRows>;
  readonly columns: Columns;
}

/** The positions of a sensor's queries of one part, by alternative. */
export type Positions = Readonly<Partial<Record<`${PlannedQuery['purpose']}/${QueryPart}`, readonly number[]>>>;

export interface InstanceTable {
  readonly positions: Positions;
  /** By the position of the query, why it has no answer. */
  readonly failures: ReadonlyMap<number, string>;
  /** By the value of the engine's topology label. */
  readonly topologies: ReadonlyMap<string, TopologyRows>;
}

interface MutableRow {
  readonly operatorInstance: string;
  readonly columns: (Column | undefined)[];
  readonly identities: Identity[];
}
interface MutableOperator {
  readonly instances: Map<string, MutableRow>;
  readonly columns: (Column | undefined)[];
}
interface MutableTopology {
  readonly operators: Map<string, MutableOperator>;
  readonly columns: (Column | undefined)[];
}

/**
 * Series without the topology label belong to no topology and are left out. Where a query was halved, labels come twice.
 * @param answers one for each query
 */
export function tabulate(
  queries: readonly PlannedQuery[],
  answers: readonly Answer<readonly RangeSeries[]>[],
  engine: Engine,
  stepCount: number,
): InstanceTable {
  const topologies = new Map<string, MutableTopology>();
  const failures = new Map<number, string>();
  for (const [position, query] of queries.entries()) {
    const answer = answers[position] ?? { kind: 'failed', because: 'it was not asked for' };
    if (answer.kind === 'failed') failures.set(position, answer.because);
    else for (const series of answer.content) addSeries(topologies, query, position, series, engine, stepCount);
  }
  return { positions: positionsIn(queries), failures, topologies };
}

function positionsIn(queries: readonly PlannedQuery[]): Positions {
  const positions: Partial<Record<keyof Positions, number[]>> = {};
  for (const [position, { purpose, part }] of queries.entries())
    (positions[`${purpose}/${part}`] ??= []).push(position);
  return positions;
}

/** undefined: it has no value then. */
export function valueAt(column: Column | undefined, step: number): number | undefined {
  if (column === undefined) return undefined;
  if (typeof column === 'number') return step === 0 ? column : undefined;
  return column.present[step] === 1 ? column.values[step] : undefined;
}

function addSeries(
  topologies: Map<string, MutableTopology>,
  { part }: PlannedQuery,
  position: number,
  series: RangeSeries,
  engine: Engine,
  stepCount: number,
): void {
  const { labels } = series;
  const topologyLabel = labels[engine.labels.topology];
  if (topologyLabel === undefined) return;
  const topology = entryOf(topologies, topologyLabel, () => ({ operators: new Map(), columns: [] }));
  if (part === 'suspended') {
    topology.columns[position] = columnOf(topology.columns[position], series, stepCount);
    return;
  }
  const operator = entryOf(topology.operators, labels[engine.labels.operator] ?? '', () => ({
    instances: new Map<string, MutableRow>(),
    columns: [],
  }));
  if (part === 'sources' || part === 'told') {
    operator.columns[position] = columnOf(operator.columns[position], series, stepCount);
    return;
  }
  const operatorInstance = labels[engine.labels.operatorInstance] ?? '';
  const row = entryOf(operator.instances, operatorInstance, () => ({ operatorInstance, columns: [], identities: [] }));
  if (part === 'identity') addIdentity(row.identities, series, engine, stepCount);
  else row.columns[position] = columnOf(row.columns[position], series, stepCount);
}

function addIdentity(identities: Identity[], series: RangeSeries, engine: Engine, stepCount: number): void {
  const textOf = (names: readonly string[]): string => names.map((name) => series.labels[name] ?? '').join(' ');
  const { identity } = engine;
  const [topology, operator, attempt] = [
    textOf(identity.topology),
    textOf(identity.operator),
    textOf(identity.attempt),
  ];
  const known = identities.findIndex(
    (one) => one.topology === topology && one.operator === operator && one.attempt === attempt,
  );
  const column = columnOf(identities[known]?.column, series, stepCount);
  identities[known < 0 ? identities.length : known] = { topology, operator, attempt, column };
}

function columnOf(before: Column | undefined, { steps, values }: RangeSeries, stepCount: number): Column {
  if (stepCount === 1) return values[0] ?? NaN;
  const column =
    typeof before === 'object' ? before : { values: new Float64Array(stepCount), present: new Uint8Array(stepCount) };
  for (const [index, step] of steps.entries()) {
    column.values[step] = values[index] ?? NaN;
    column.present[step] = 1;
  }
  return column;
}

/** The entry of a key, made where there is none. */
function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}
