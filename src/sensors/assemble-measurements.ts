// PURE: builds measurements of listed and discovered topologies from answers. Listed operators are matched to series; others are
// taken from the series. Something configured, or seen a moment ago, does not vanish with its series: it is missing.
import type { Discovery, ListedOperator, ListedTopology } from '../config/configuration.js';
import type { EngineGraph, EngineVertex } from '../model/engine-graph.js';
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import { attemptsOf, findConflict } from './instance-identity.js';
import {
  failureOf,
  isReported,
  presentInstances,
  valueAt,
  type InstanceRow,
  type InstanceTable,
  type OperatorRows,
  type TableStep,
} from './instance-table.js';
import { withGraph, withoutGone, type LabelledSpec } from './operator-graph.js';
import { measureOperator, smallerBound } from './operator-readings.js';
import type { SensingScope } from './sensing-queries.js';

/** A topology's measurement, and its connection to the configuration and the series. */
export interface SensedTopology {
  readonly measurement: TopologyMeasurement;
  readonly configuredBy: ListedTopology | Discovery;
  /** Value of the engine's topology label. */
  readonly labelValue: string;
  /** Value of the engine's operator label by operator name; none for an operator whose series were never seen. */
  readonly operatorLabelValues: ReadonlyMap<string, string>;
  /** By operator name: the attempt of each instance; absent where the engine's series do not show attempts. */
  readonly attempts: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By operator name: the parallelism that the engine reports; absent where it reports none. */
  readonly told: ReadonlyMap<string, number>;
}

export interface Assembly extends SensingScope {
  /** Unix ms. */
  readonly atMs: number;
  /** The answers of the queries, at the step of `atMs`. */
  readonly at: TableStep;
  /** The last measurements, of all topologies or some; they stand in for operators without series. */
  readonly known: readonly SensedTopology[];
  /** Edges for topologies listed without `inputs`; default: none. */
  readonly graphOf?: GraphOf;
}

/** The engine's own graph of a topology, by the value of the topology's label; null: unknown. */
export type GraphOf = (configuredBy: ListedTopology | Discovery, labelValue: string) => EngineGraph | null;

/** An operator with instances present. */
interface PresentOperator {
  readonly rows: OperatorRows;
  readonly present: readonly InstanceRow[];
}

/** By operator label; null: the present operators are unknown. */
type Seen = ReadonlyMap<string, PresentOperator> | null;

/** Listed topologies in their order, then discovered ones by name; each is built when the caller asks for it. */
export function* assembleMeasurements(assembly: Assembly): Generator<SensedTopology> {
  const { engine, at, listed, discoveries, known, graphOf } = assembly;
  const only = assembly.only && new Set(assembly.only);
  const absence = presenceFailure(at.table);
  const knownBefore = new Map(known.map((topology) => [topology.labelValue, topology]));
  const assemble = (labelValue: string, configuredBy: ListedTopology | Discovery, seen: Seen): SensedTopology => {
    const graph = graphOf?.(configuredBy, labelValue) ?? null;
    const before = knownBefore.get(labelValue);
    return assembleTopology(assembly, { engine, at, absence, labelValue, configuredBy, before, seen, graph });
  };
  const taken = new Set(listed.flatMap(({ name, labelValue }) => [name, labelValue]));
  for (const topology of listed) {
    const { labelValue } = topology;
    if (only?.has(labelValue) !== false) yield assemble(labelValue, topology, operatorsSeen(at, absence, labelValue));
  }
  // If the present topologies are unknown, those of the last look stand in.
  const labelValues = absence === null ? at.table.topologies.keys() : knownBefore.keys();
  for (const labelValue of [...labelValues].sort()) {
    // Two topologies cannot share a name: a discovered one with the name of a listed one is left out.
    if (only?.has(labelValue) === false || taken.has(labelValue)) continue;
    const seen = operatorsSeen(at, absence, labelValue);
    if (seen?.size === 0) continue;
    const discovery = discoveries.find(({ match }) => match.test(labelValue));
    if (discovery !== undefined) yield assemble(labelValue, discovery, seen);
  }
}

/** Why the present instances are unknown; null: they are known, since an instance normally shows in all of these sensors. */
function presenceFailure({ presence, failures }: InstanceTable): string | null {
  const [first = -1] = presence;
  return presence.every((position) => failures.has(position)) ? (failures.get(first) ?? null) : null;
}

interface TopologyContext extends Pick<Assembly, 'engine' | 'at'> {
  /** Why the present instances are unknown; null: they are known. */
  readonly absence: string | null;
  readonly labelValue: string;
  readonly configuredBy: ListedTopology | Discovery;
  /** The last measurement. */
  readonly before: SensedTopology | undefined;
  readonly seen: Seen;
  readonly graph: EngineGraph | null;
}

/** An operator before it is measured. */
interface FoundOperator extends LabelledSpec {
  /** Why it cannot be measured; null: it can. */
  readonly missingBecause: string | null;
  /** Listed as one that ends before the topology does. */
  readonly mayFinish: boolean;
}

function assembleTopology({ windowMs, atMs }: Assembly, context: TopologyContext): SensedTopology {
  const { engine, at, labelValue, configuredBy, seen } = context;
  const instances = [...(seen?.values() ?? [])].flatMap(({ present }) => present);
  const conflict = findConflict(at, instances, 'topology', engine, labelValue);
  const listed = 'operators' in configuredBy ? configuredBy.operators : null;
  const found = listed === null ? discoverOperators(context) : listed.map((one) => matchOperator(context, one));
  const operators = withoutGone(withGraph(found, context.graph), (operator) => isGone(context, operator));
  return {
    measurement: {
      topology: 'name' in configuredBy ? configuredBy.name : labelValue,
      atMs,
      windowMs,
      backpressureReportedBy: engine.backpressureReportedBy,
      operators: operators.map((operator) => measure(context, operator, conflict)),
      suspendedRatio: suspendedRatioOf(context),
    },
    configuredBy,
    labelValue,
    operatorLabelValues: byName(operators, ({ label }) => label),
    attempts: byName(operators, (operator) => attemptsOf(at, seenOf(context, operator)?.present ?? [], engine)),
    told: byName(operators, (operator) => vertexOf(context, operator)?.parallelism),
  };
}

/** Of the operators that have such a value. */
function byName<Value>(
  operators: readonly FoundOperator[],
  valueOf: (operator: FoundOperator) => Value | null | undefined,
): ReadonlyMap<string, Value> {
  return new Map(
    operators.flatMap((operator) => {
      const value = valueOf(operator) ?? null;
      return value === null ? [] : [[operator.spec.name, value] as const];
    }),
  );
}

function vertexOf({ graph }: TopologyContext, { label }: LabelledSpec): EngineVertex | null {
  return label === undefined ? null : (graph?.vertexOf(label) ?? null);
}

function seenOf({ seen }: TopologyContext, { label }: LabelledSpec): PresentOperator | undefined {
  return label === undefined ? undefined : seen?.get(label);
}

/** Whether the operator has finished, by the engine's report or by the configuration: then its series are gone, not missing. */
function isGone(context: TopologyContext, operator: FoundOperator): boolean {
  if (context.seen === null || seenOf(context, operator) !== undefined) return false;
  // Without any series the topology is not visible, whichever operators may have finished.
  return vertexOf(context, operator)?.finished === true || (operator.mayFinish && context.seen.size > 0);
}

/** Only operators with instances present: the engine's `sources` may have series of others. */
function operatorsSeen(at: TableStep, absence: string | null, labelValue: string): Seen {
  if (absence !== null) return null;
  const seen = new Map<string, PresentOperator>();
  for (const [label, rows] of at.table.topologies.get(labelValue)?.operators ?? []) {
    const present = presentInstances(at, rows);
    if (present.length > 0) seen.set(label, { rows, present });
  }
  return seen;
}

function matchOperator(context: TopologyContext, { spec, match, mayFinish }: ListedOperator): FoundOperator {
  const labels = [...(context.seen?.keys() ?? [])].filter((label) => match.test(label));
  if (labels.length > 1) {
    const missingBecause = `it matches ${labels.length} operators: ${labels.sort().join(', ')}`;
    return { spec, label: undefined, missingBecause, mayFinish };
  }
  const told = context.graph?.vertices.filter(({ name }) => match.test(name)) ?? [];
  const unseen = context.before?.operatorLabelValues.get(spec.name) ?? (told.length === 1 ? told[0]?.name : undefined);
  const missingBecause = labels.length === 0 ? (context.absence ?? NO_SERIES) : null;
  return { spec, label: labels[0] ?? unseen, missingBecause, mayFinish };
}

/**
 * Operators of the series, and operators of the last look without series now. If the topology shows nothing, all of these count.
 * If it shows other operators, only those that were present at the last look count: so a lost instance is noticed, and a new
 * version of the topology without the operator is accepted at the next evaluation.
 */
function discoverOperators(context: TopologyContext): FoundOperator[] {
  const seen = context.seen ?? new Map<string, PresentOperator>();
  const found = (name: string, isSource: boolean, missingBecause: string | null): FoundOperator => {
    const { minParallelism, maxParallelism } = context.configuredBy.policy;
    const role = isSource ? 'source' : 'inner';
    return {
      spec: { name, role, inputs: null, minParallelism, maxParallelism },
      label: name,
      missingBecause,
      mayFinish: false,
    };
  };
  const present = [...seen].map(([label, { rows }]) => found(label, isSource(context, rows), null));
  const gone = (context.before?.measurement.operators ?? [])
    .filter(({ spec, parallelism }) => !seen.has(spec.name) && (seen.size === 0 || parallelism !== null))
    .map(({ spec }) => found(spec.name, spec.role === 'source', context.absence ?? NO_SERIES));
  return [...present, ...gone].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
}

function measure(context: TopologyContext, operator: FoundOperator, conflict: string | null): OperatorMeasurement {
  const { engine, at, configuredBy } = context;
  const { label = '', missingBecause } = operator;
  // Dhalion asks for no more than the engine grants.
  const vertex = vertexOf(context, operator);
  const granted = vertex?.maxParallelism ?? null;
  const seen = seenOf(context, operator);
  return measureOperator({
    engine,
    at,
    spec: { ...operator.spec, maxParallelism: smallerBound(operator.spec.maxParallelism, granted) },
    keyGroups: vertex?.keyGroups ?? null,
    label,
    missingBecause,
    rows: seen?.rows ?? NO_ROWS,
    present: seen?.present ?? [],
    settings: configuredBy.policy,
    conflict,
  });
}

/** Why what is not seen is unknown, where Prometheus answers. */
const NO_SERIES = 'no series';
const NO_ROWS: OperatorRows = { instances: new Map(), columns: [] };

/** Where the engine cannot identify its sources, an operator with a backlog counts as one. */
function isSource({ engine, at }: TopologyContext, rows: OperatorRows): boolean {
  if (engine.sources === null) return isReported(at, rows, 'source_backlog', 'now');
  return valueAt(at, rows.columns, at.table.positions.presence?.sources?.[0]) !== undefined;
}

function suspendedRatioOf({ engine, at, labelValue }: TopologyContext): TopologyMeasurement['suspendedRatio'] {
  if (engine.sensors.topology_suspended === undefined || engine.backpressureReportedBy === 'victim') {
    return { kind: 'not_applicable' };
  }
  const because = failureOf(at, 'topology_suspended');
  if (because !== null) return { kind: 'missing', because };
  const { positions, topologies } = at.table;
  const ratio = valueAt(at, topologies.get(labelValue)?.columns, positions.topology_suspended?.suspended?.[0]);
  if (ratio === undefined || !Number.isFinite(ratio)) return { kind: 'missing', because: NO_SERIES };
  return { kind: 'measured', ratio };
}
