// PURE: builds measurements of listed and discovered topologies from answers. Listed operators are matched to series; others are
// taken from the series. Something configured, or seen a moment ago, does not vanish with its series: it is missing.
import type { Discovery, Engine, ListedOperator, ListedTopology } from '../config/configuration.js';
import type { EngineGraph, EngineVertex } from '../model/engine-graph.js';
import type { OperatorMeasurement, OperatorSpec, TopologyMeasurement } from '../model/measurement.js';
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
import { measureOperator, missingOperator, smallerBound } from './operator-readings.js';

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

export interface Assembly {
  readonly engine: Engine;
  readonly windowMs: number;
  readonly atMs: number;
  /** The answers of the queries, at the step of `atMs`. */
  readonly at: TableStep;
  /** Of this engine, all of them. */
  readonly listed: readonly ListedTopology[];
  readonly discoveries: readonly Discovery[];
  /** Values of the topology label to look at; null: all. */
  readonly only: readonly string[] | null;
  /** The last measurement; it stands in for operators without series. */
  readonly known: readonly SensedTopology[];
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
  const { at, listed, discoveries, known } = assembly;
  const only = assembly.only === null ? null : new Set(assembly.only);
  const context: AssemblyContext = {
    ...assembly,
    absence: presenceFailure(at.table),
    knownBefore: new Map(known.map((topology) => [topology.labelValue, topology])),
  };
  const taken = new Set(listed.flatMap(({ name, labelValue }) => [name, labelValue]));
  for (const topology of listed) {
    if (only?.has(topology.labelValue) === false) continue;
    yield assembleTopology(context, topology.labelValue, topology, operatorsSeen(context, topology.labelValue));
  }
  // If the present topologies are unknown, those of the last look stand in.
  const labelValues = context.absence === null ? at.table.topologies.keys() : context.knownBefore.keys();
  for (const labelValue of [...labelValues].sort()) {
    // Two topologies cannot share a name: a discovered one with the name of a listed one is left out.
    if (only?.has(labelValue) === false || taken.has(labelValue)) continue;
    const seen = operatorsSeen(context, labelValue);
    if (seen?.size === 0) continue;
    const discovery = discoveries.find(({ match }) => match.test(labelValue));
    if (discovery !== undefined) yield assembleTopology(context, labelValue, discovery, seen);
  }
}

/** Why the present instances are unknown; null: they are known, since an instance normally shows in all of these sensors. */
function presenceFailure({ presence, failures }: InstanceTable): string | null {
  const [first = -1] = presence;
  return presence.every((position) => failures.has(position)) ? (failures.get(first) ?? null) : null;
}

interface AssemblyContext extends Assembly {
  /** Why the present instances are unknown; null: they are known. */
  readonly absence: string | null;
  /** By label value. */
  readonly knownBefore: ReadonlyMap<string, SensedTopology>;
}

interface TopologyContext extends Pick<AssemblyContext, 'engine' | 'at' | 'absence'> {
  readonly labelValue: string;
  readonly configuredBy: ListedTopology | Discovery;
  /** The last measurement. */
  readonly before: SensedTopology | undefined;
  readonly seen: Seen;
  readonly graph: EngineGraph | null;
  /** Why the instances cannot belong to one topology; null: they can. */
  readonly conflict: string | null;
}

/** An operator before it is measured. */
interface FoundOperator extends LabelledSpec {
  /** Why it cannot be measured; null: it can. */
  readonly missingBecause: string | null;
  /** Listed as one that ends before the topology does. */
  readonly mayFinish: boolean;
}

function assembleTopology(
  assembly: AssemblyContext,
  labelValue: string,
  configuredBy: ListedTopology | Discovery,
  seen: Seen,
): SensedTopology {
  const { engine, windowMs, atMs, at, absence } = assembly;
  const context: TopologyContext = {
    engine,
    at,
    absence,
    labelValue,
    configuredBy,
    before: assembly.knownBefore.get(labelValue),
    seen,
    graph: assembly.graphOf?.(configuredBy, labelValue) ?? null,
    conflict: seen === null ? null : findConflict(at, instancesOf(seen), 'topology', engine, labelValue),
  };
  const listed = 'operators' in configuredBy ? configuredBy.operators : null;
  const found = listed === null ? discoverOperators(context) : listed.map((one) => matchOperator(context, one));
  const operators = withoutGone(withGraph(found, context.graph), (operator) => isGone(context, operator));
  return {
    measurement: {
      topology: 'name' in configuredBy ? configuredBy.name : labelValue,
      atMs,
      windowMs,
      backpressureReportedBy: engine.backpressureReportedBy,
      operators: operators.map((operator) => measure(context, operator)),
      suspendedRatio: suspendedRatioOf(context),
    },
    configuredBy,
    labelValue,
    operatorLabelValues: byName(operators, ({ label }) => label),
    attempts: byName(operators, (operator) => attemptsOf(at, seenOf(context, operator)?.present ?? [], engine)),
    told: byName(operators, (operator) => vertexOf(context, operator)?.parallelism),
  };
}

/** The instances of each operator. */
function byName<Value>(
  operators: readonly FoundOperator[],
  valueOf: (operator: FoundOperator) => Value | null | undefined,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const operator of operators) {
    const value = valueOf(operator) ?? null;
    if (value !== null) values.set(operator.spec.name, value);
  }
  return values;
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
function operatorsSeen({ at, absence }: AssemblyContext, labelValue: string): Seen {
  if (absence !== null) return null;
  const seen = new Map<string, PresentOperator>();
  for (const [label, rows] of at.table.topologies.get(labelValue)?.operators ?? []) {
    const present = presentInstances(at, rows);
    if (present.length > 0) seen.set(label, { rows, present });
  }
  return seen;
}

function* instancesOf(seen: ReadonlyMap<string, PresentOperator>): Generator<InstanceRow> {
  for (const { present } of seen.values()) yield* present;
}

function matchOperator(context: TopologyContext, { spec, match, mayFinish }: ListedOperator): FoundOperator {
  const labels = [...(context.seen?.keys() ?? [])].filter((label) => match.test(label));
  const [label] = labels;
  if (labels.length > 1) {
    const missingBecause = `it matches ${labels.length} operators: ${labels.sort().join(', ')}`;
    return { spec, label: undefined, missingBecause, mayFinish };
  }
  if (label !== undefined) return { spec, label, missingBecause: null, mayFinish };
  const told = context.graph?.vertices.filter(({ name }) => match.test(name)) ?? [];
  const lastLabel =
    context.before?.operatorLabelValues.get(spec.name) ?? (told.length === 1 ? told[0]?.name : undefined);
  return { spec, label: lastLabel, missingBecause: absenceIn(context), mayFinish };
}

/** Why an unseen operator is unknown. */
function absenceIn({ absence }: TopologyContext): string {
  return absence ?? 'no series';
}

/**
 * Operators of the series, and operators of the last look without series now. If the topology shows nothing, all of these count.
 * If it shows other operators, only those that were present at the last look count: so a lost instance is noticed, and a new
 * version of the topology without the operator is accepted at the next evaluation.
 */
function discoverOperators(context: TopologyContext): FoundOperator[] {
  const seen = context.seen ?? new Map<string, PresentOperator>();
  const found = [...seen].map(([label, { rows }]): FoundOperator => {
    const spec = discoveredSpec(context, label, isSource(context, rows));
    return { spec, label, missingBecause: null, mayFinish: false };
  });
  const gone = (context.before?.measurement.operators ?? [])
    .filter(({ spec, parallelism }) => !seen.has(spec.name) && (seen.size === 0 || parallelism !== null))
    .map(({ spec }): FoundOperator => {
      const lastSpec = discoveredSpec(context, spec.name, spec.role === 'source');
      return { spec: lastSpec, label: spec.name, missingBecause: absenceIn(context), mayFinish: false };
    });
  return [...found, ...gone].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
}

function measure(context: TopologyContext, operator: FoundOperator): OperatorMeasurement {
  const { engine, at, conflict, configuredBy } = context;
  const { label, missingBecause } = operator;
  const vertex = vertexOf(context, operator);
  // Dhalion asks for no more than the engine grants.
  const maxParallelism = smallerBound(operator.spec.maxParallelism, vertex?.maxParallelism ?? null);
  const spec = { ...operator.spec, maxParallelism };
  const seen = seenOf(context, operator);
  if (missingBecause !== null || label === undefined || seen === undefined) {
    return missingOperator(engine, spec, missingBecause ?? absenceIn(context));
  }
  const { rows, present } = seen;
  const keyGroups = vertex?.keyGroups ?? null;
  return measureOperator({
    engine,
    at,
    spec,
    keyGroups,
    label,
    rows,
    present,
    settings: configuredBy.policy,
    conflict,
  });
}

function discoveredSpec({ configuredBy }: TopologyContext, name: string, source: boolean): OperatorSpec {
  const { minParallelism, maxParallelism } = configuredBy.policy;
  return { name, role: source ? 'source' : 'inner', inputs: null, minParallelism, maxParallelism };
}

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
  if (ratio === undefined || !Number.isFinite(ratio)) return { kind: 'missing', because: 'no series' };
  return { kind: 'measured', ratio };
}
