// PURE: answers ⇒ measurements of the listed topologies and of those that a discovery found. Listed operators are matched to
// the series', others are taken from them. What is configured or was there a moment ago does not vanish with its series: it is missing.
import type { Discovery, Engine, ListedOperator, ListedTopology } from '../config/configuration.js';
import {
  PRESENCE_SENSORS,
  type OperatorMeasurement,
  type OperatorSpec,
  type TopologyMeasurement,
} from '../model/measurement.js';
import { attemptsOf, findJobConflict } from './instance-identity.js';
import { valueAt, type InstanceTable, type OperatorRows } from './instance-table.js';
import { presentInstances, type TableStep } from './instance-values.js';
import { factsOf, withGraph, withoutGone, type EngineGraph, type LabelledSpec } from './operator-graph.js';
import { measureOperator, missingOperator } from './operator-readings.js';

/** A topology's measurement, and how it hangs together with the configuration and the series. */
export interface SensedTopology {
  readonly measurement: TopologyMeasurement;
  readonly configuredBy: ListedTopology | Discovery;
  /** Value of the engine's topology label. */
  readonly labelValue: string;
  /** Value of the engine's operator label by operator name; none for an operator whose series were never seen. */
  readonly operatorLabelValues: ReadonlyMap<string, string>;
  /** By operator name, which attempt each of its instances is; none where the engine does not tell. */
  readonly attempts: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By operator name, the parallelism that the engine itself says it runs with; none where it does not. */
  readonly told: ReadonlyMap<string, number>;
}

export interface Assembly {
  readonly engine: Engine;
  readonly windowMs: number;
  readonly atMs: number;
  /** What the queries answered, and the step of it that is `atMs`. */
  readonly at: TableStep;
  /** Of this engine, all of them. */
  readonly listed: readonly ListedTopology[];
  readonly discoveries: readonly Discovery[];
  /** Values of the topology label to look at; null: all. */
  readonly only: readonly string[] | null;
  /** What was sensed last; stands in for what no series tells. */
  readonly known: readonly SensedTopology[];
  readonly graphOf?: GraphOf;
}

/** The graph that the engine itself tells of a topology, by the value of the topology's label; null: none is known. */
export type GraphOf = (configuredBy: ListedTopology | Discovery, labelValue: string) => EngineGraph | null;

/** Listed topologies in their order, then discovered ones by name. */
export function assembleMeasurements(assembly: Assembly): SensedTopology[] {
  const wanted = (labelValue: string): boolean => assembly.only?.includes(labelValue) ?? true;
  const listed = assembly.listed
    .filter(({ labelValue }) => wanted(labelValue))
    .map((topology) => assembleTopology(assembly, topology.labelValue, topology));
  const discovered = [...findDiscovered(assembly)]
    .filter(([labelValue]) => wanted(labelValue))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([labelValue, discovery]) => assembleTopology(assembly, labelValue, discovery));
  return [...listed, ...discovered];
}

/**
 * Label values that are not listed → the discovery that found them. A topology whose label value is the name of a listed
 * one is left out: two topologies cannot share a name. If presence is not known, those found last time.
 */
function findDiscovered({ at, discoveries, listed, known }: Assembly): ReadonlyMap<string, Discovery> {
  const found = new Map<string, Discovery>();
  const taken = new Set(listed.flatMap(({ name, labelValue }) => [name, labelValue]));
  const labelValues =
    presenceFailure(at.table) === null ? seenTopologies(at) : known.map(({ labelValue }) => labelValue);
  for (const labelValue of labelValues) {
    const discovery = taken.has(labelValue) ? undefined : discoveries.find(({ match }) => match.test(labelValue));
    if (discovery !== undefined) found.set(labelValue, discovery);
  }
  return found;
}

function seenTopologies(at: TableStep): string[] {
  return [...at.table.topologies].flatMap(([labelValue, { operators }]) =>
    [...operators.values()].some((rows) => presentInstances(at, rows).length > 0) ? [labelValue] : [],
  );
}

/** Why it is not known who is there; null: it is, since an instance shows in every one of these sensors as a rule. */
function presenceFailure({ positions, failures }: InstanceTable): string | null {
  const asked = PRESENCE_SENSORS.flatMap((sensor) => positions[`${sensor}/mean`] ?? []);
  const [first = -1] = asked;
  return asked.every((position) => failures.has(position)) ? (failures.get(first) ?? null) : null;
}

interface TopologyContext {
  readonly engine: Engine;
  readonly at: TableStep;
  readonly labelValue: string;
  readonly configuredBy: ListedTopology | Discovery;
  readonly known: SensedTopology | null;
  /** Operators of which instances are present, by operator label; null: not known. */
  readonly seen: ReadonlyMap<string, OperatorRows> | null;
  /** Why nothing is known of an operator that was not seen. */
  readonly absence: string;
  /** Why the instances cannot be of one topology; null: they can. */
  readonly conflict: string | null;
}

/** An operator before it is measured. */
interface FoundOperator extends LabelledSpec {
  /** Why it cannot be; null: it can. */
  readonly missingBecause: string | null;
  /** Listed as one that ends before the topology does. */
  readonly mayFinish: boolean;
}

function assembleTopology(
  assembly: Assembly,
  labelValue: string,
  configuredBy: ListedTopology | Discovery,
): SensedTopology {
  const { engine, windowMs, at } = assembly;
  const failure = presenceFailure(at.table);
  const seen = failure === null ? operatorsSeen(at, labelValue) : null;
  const context: TopologyContext = {
    engine,
    at,
    labelValue,
    configuredBy,
    known: assembly.known.find((known) => known.labelValue === labelValue) ?? null,
    seen,
    absence: failure ?? 'no series',
    conflict: seen === null ? null : findJobConflict(at, seen.values(), engine, labelValue),
  };
  const graph = assembly.graphOf?.(configuredBy, labelValue) ?? null;
  const listed = 'operators' in configuredBy ? configuredBy.operators : null;
  const found = listed === null ? discoverOperators(context) : listed.map((one) => matchOperator(context, one, graph));
  const operators = withoutGone(withGraph(found, graph), (operator) => isGone(context, operator, graph)).map(
    (operator) => withBound(operator, factsOf(operator, graph)?.maxParallelism ?? null),
  );
  return {
    measurement: {
      topology: 'name' in configuredBy ? configuredBy.name : labelValue,
      atMs: assembly.atMs,
      windowMs,
      backpressureReportedBy: engine.backpressureReportedBy,
      operators: operators.map((operator) => measure(context, operator)),
      suspendedRatio: suspendedRatioOf(context),
    },
    configuredBy,
    labelValue,
    operatorLabelValues: new Map(
      operators.flatMap(({ spec, label }) => (label === undefined ? [] : [[spec.name, label] as const])),
    ),
    attempts: attemptsIn(context, operators),
    told: new Map(
      operators.flatMap((operator) => {
        const parallelism = factsOf(operator, graph)?.parallelism ?? null;
        return parallelism === null ? [] : [[operator.spec.name, parallelism] as const];
      }),
    ),
  };
}

/** It has ended as it was to, by the engine's word or as it may by the configuration: its series are gone, not missing. */
function isGone({ seen }: TopologyContext, operator: FoundOperator, graph: EngineGraph | null): boolean {
  if (seen === null || (operator.label !== undefined && seen.has(operator.label))) return false;
  // Without any series at all the topology is not to be seen, whatever of it may have ended.
  return factsOf(operator, graph)?.finished === true || (operator.mayFinish && seen.size > 0);
}

/** No more is asked for than the engine grants. */
function withBound(operator: FoundOperator, bound: number | null): FoundOperator {
  const { maxParallelism } = operator.spec;
  if (bound === null || (maxParallelism !== null && maxParallelism <= bound)) return operator;
  return { ...operator, spec: { ...operator.spec, maxParallelism: bound } };
}

/** Only operators of which instances are present: the engine's `sources` may have series of others. */
function operatorsSeen(at: TableStep, labelValue: string): ReadonlyMap<string, OperatorRows> {
  const operators = [...(at.table.topologies.get(labelValue)?.operators ?? [])];
  return new Map(operators.filter(([, rows]) => presentInstances(at, rows).length > 0));
}

function attemptsIn(
  { engine, at, seen }: TopologyContext,
  operators: readonly LabelledSpec[],
): SensedTopology['attempts'] {
  return new Map(
    operators.flatMap(({ spec, label }) => {
      const rows = label === undefined ? undefined : seen?.get(label);
      const attempts = rows === undefined ? null : attemptsOf(at, presentInstances(at, rows), engine);
      return attempts === null ? [] : [[spec.name, attempts] as const];
    }),
  );
}

function matchOperator(
  context: TopologyContext,
  { spec, match, mayFinish }: ListedOperator,
  graph: EngineGraph | null,
): FoundOperator {
  const labels = [...(context.seen?.keys() ?? [])].filter((label) => match.test(label));
  const [label] = labels;
  if (labels.length > 1) {
    const missingBecause = `it matches ${labels.length} operators: ${labels.sort().join(', ')}`;
    return { spec, label: undefined, missingBecause, mayFinish };
  }
  if (label === undefined) {
    const told = graph?.labels?.().filter((vertex) => match.test(vertex)) ?? [];
    const lastLabel = context.known?.operatorLabelValues.get(spec.name) ?? (told.length === 1 ? told[0] : undefined);
    return { spec, label: lastLabel, missingBecause: context.absence, mayFinish };
  }
  return { spec, label, missingBecause: null, mayFinish };
}

/**
 * Operators of the series, and those known from last time of which nothing is seen now: all of them if the topology shows
 * nothing; if it shows others, only those that were there last time, so that a lost instance is noticed and a new version
 * of the topology, without the operator, is accepted at the next evaluation.
 */
function discoverOperators(context: TopologyContext): FoundOperator[] {
  const seen = context.seen ?? new Map<string, OperatorRows>();
  const found = [...seen].map(([label, rows]): FoundOperator => {
    const spec = discoveredSpec(context, label, isSource(context, rows));
    return { spec, label, missingBecause: null, mayFinish: false };
  });
  const gone = (context.known?.measurement.operators ?? [])
    .filter(({ spec, parallelism }) => !seen.has(spec.name) && (seen.size === 0 || parallelism !== null))
    .map(({ spec }): FoundOperator => {
      const lastSpec = discoveredSpec(context, spec.name, spec.role === 'source');
      return { spec: lastSpec, label: spec.name, missingBecause: context.absence, mayFinish: false };
    });
  return [...found, ...gone].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
}

function measure(context: TopologyContext, { spec, label, missingBecause }: FoundOperator): OperatorMeasurement {
  const { engine, at, conflict } = context;
  const rows = label === undefined ? undefined : context.seen?.get(label);
  if (missingBecause !== null || label === undefined || rows === undefined) {
    return missingOperator(engine, spec, missingBecause ?? context.absence);
  }
  return measureOperator({ engine, at, spec, label, rows, settings: context.configuredBy.policy, conflict });
}

function discoveredSpec({ configuredBy }: TopologyContext, name: string, source: boolean): OperatorSpec {
  const { minParallelism, maxParallelism } = configuredBy.policy;
  return { name, role: source ? 'source' : 'inner', inputs: null, minParallelism, maxParallelism };
}

/** Where the engine cannot tell its sources, an operator with a backlog is one. */
function isSource({ engine, at }: TopologyContext, rows: OperatorRows): boolean {
  if (engine.sources !== null) {
    const position = at.table.positions['presence/sources']?.[0];
    return position !== undefined && valueAt(rows.columns[position], at.step) !== undefined;
  }
  const positions = at.table.positions['source_backlog/now'] ?? [];
  return [...rows.instances.values()].some(({ columns }) =>
    positions.some((position) => valueAt(columns[position], at.step) !== undefined),
  );
}

function suspendedRatioOf({ engine, at, labelValue }: TopologyContext): TopologyMeasurement['suspendedRatio'] {
  if (engine.sensors.topology_suspended === undefined || engine.backpressureReportedBy === 'victim') {
    return { kind: 'not_applicable' };
  }
  const { table, step } = at;
  const [position = -1] = table.positions['topology_suspended/suspended'] ?? [];
  const because = table.failures.get(position);
  if (because !== undefined) return { kind: 'missing', because };
  const ratio = valueAt(table.topologies.get(labelValue)?.columns[position], step);
  if (ratio === undefined || !Number.isFinite(ratio)) return { kind: 'missing', because: 'no series' };
  return { kind: 'measured', ratio };
}
