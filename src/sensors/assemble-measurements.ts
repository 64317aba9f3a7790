// PURE: answers ⇒ measurements of the listed topologies and of those that a discovery found. Listed operators are matched to
// the series', others are taken from them. What is configured or was there a moment ago does not vanish with its series: it is missing.
import type { Discovery, Engine, ListedOperator, ListedTopology } from '../config/configuration.js';
import type { OperatorMeasurement, OperatorSpec, TopologyMeasurement } from '../model/measurement.js';
import { withGraph, type EngineGraph, type LabelledSpec } from './operator-graph.js';
import { measureOperator, missingOperator, type ReadingContext } from './sensor-readings.js';
import type { Presence, SensorAnswers, Statistics } from './sensor-answers.js';

/** A topology's measurement, and how it hangs together with the configuration and the series. */
export interface SensedTopology {
  readonly measurement: TopologyMeasurement;
  readonly configuredBy: ListedTopology | Discovery;
  /** Value of the engine's topology label. */
  readonly labelValue: string;
  /** Value of the engine's operator label by operator name; none for an operator whose series were never seen. */
  readonly operatorLabelValues: ReadonlyMap<string, string>;
}

export interface Assembly {
  readonly engine: Engine;
  readonly windowMs: number;
  readonly atMs: number;
  /** Of this engine, all of them. */
  readonly listed: readonly ListedTopology[];
  readonly discoveries: readonly Discovery[];
  /** Values of the topology label to look at; null: all. */
  readonly only: readonly string[] | null;
  /** What was sensed last; stands in for what no series tells. */
  readonly known: readonly SensedTopology[];
  readonly answers: SensorAnswers;
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
function findDiscovered({ answers, discoveries, listed, known }: Assembly): ReadonlyMap<string, Discovery> {
  const found = new Map<string, Discovery>();
  const taken = new Set(listed.flatMap(({ name, labelValue }) => [name, labelValue]));
  const add = (labelValue: string, discovery: Discovery | undefined): void => {
    if (discovery !== undefined && !taken.has(labelValue)) found.set(labelValue, discovery);
  };
  if (answers.presence.kind === 'answered') {
    for (const [labelValue, position] of answers.presence.content.discoveries) add(labelValue, discoveries[position]);
    return found;
  }
  for (const { labelValue, configuredBy } of known) {
    // The configuration may have been reloaded since.
    if ('pattern' in configuredBy)
      add(
        labelValue,
        discoveries.find(({ pattern }) => pattern === configuredBy.pattern),
      );
  }
  return found;
}

interface TopologyContext extends ReadingContext {
  readonly labelValue: string;
  readonly configuredBy: ListedTopology | Discovery;
  readonly known: SensedTopology | null;
  /** By operator label; null: not known. */
  readonly seen: ReadonlyMap<string, Statistics> | null;
  readonly presence: Presence | null;
  /** Why nothing is known of an operator that was not seen. */
  readonly absence: string;
}

/** An operator before it is measured. */
interface FoundOperator extends LabelledSpec {
  /** Why it cannot be; null: it can. */
  readonly missingBecause: string | null;
}

function assembleTopology(
  assembly: Assembly,
  labelValue: string,
  configuredBy: ListedTopology | Discovery,
): SensedTopology {
  const { engine, windowMs, answers } = assembly;
  const presence = answers.presence.kind === 'answered' ? answers.presence.content : null;
  const context: TopologyContext = {
    engine,
    windowMs,
    answers,
    labelValue,
    configuredBy,
    known: assembly.known.find((known) => known.labelValue === labelValue) ?? null,
    seen: presence === null ? null : instancesSeen(presence, labelValue),
    presence,
    absence: answers.presence.kind === 'failed' ? answers.presence.because : 'no series',
  };
  const listed = 'operators' in configuredBy ? configuredBy.operators : null;
  const found = listed === null ? discoverOperators(context) : listed.map((one) => matchOperator(context, one));
  const operators = withGraph(found, assembly.graphOf?.(configuredBy, labelValue) ?? null);
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
  };
}

/** Only operators of which instances are present: the engine's `sources` may have series of others. */
function instancesSeen(presence: Presence, labelValue: string): ReadonlyMap<string, Statistics> {
  const operators = [...(presence.statistics.get(labelValue) ?? [])];
  return new Map(operators.filter(([, statistics]) => statistics.has('instances')));
}

function matchOperator(context: TopologyContext, { spec, match }: ListedOperator): FoundOperator {
  const labels = [...(context.seen?.keys() ?? [])].filter((label) => match.test(label));
  const [label] = labels;
  if (labels.length > 1) {
    const missingBecause = `it matches ${labels.length} operators: ${labels.sort().join(', ')}`;
    return { spec, label: undefined, missingBecause };
  }
  if (label === undefined) {
    const lastLabel = context.known?.operatorLabelValues.get(spec.name);
    return { spec, label: lastLabel, missingBecause: context.absence };
  }
  return { spec, label, missingBecause: null };
}

/**
 * Operators of the series, and those known from last time of which nothing is seen now: all of them if the topology shows
 * nothing; if it shows others, only those that were there last time, so that a lost instance is noticed and a new version
 * of the topology, without the operator, is accepted at the next evaluation.
 */
function discoverOperators(context: TopologyContext): FoundOperator[] {
  const seen = context.seen ?? new Map<string, Statistics>();
  const found = [...seen].map(([label, statistics]): FoundOperator => {
    return { spec: discoveredSpec(context, label, isSource(context, label, statistics)), label, missingBecause: null };
  });
  const gone = (context.known?.measurement.operators ?? [])
    .filter(({ spec, parallelism }) => !seen.has(spec.name) && (seen.size === 0 || parallelism !== null))
    .map(({ spec }): FoundOperator => {
      const lastSpec = discoveredSpec(context, spec.name, spec.role === 'source');
      return { spec: lastSpec, label: spec.name, missingBecause: context.absence };
    });
  return [...found, ...gone].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
}

function measure(context: TopologyContext, { spec, label, missingBecause }: FoundOperator): OperatorMeasurement {
  if (missingBecause !== null || label === undefined || context.presence === null) {
    return missingOperator(context.engine, spec, missingBecause ?? context.absence);
  }
  const { backpressureThreshold } = context.configuredBy.policy;
  const seen = { spec, topologyLabel: context.labelValue, operatorLabel: label, backpressureThreshold };
  return measureOperator(context, context.presence, seen);
}

function discoveredSpec({ configuredBy }: TopologyContext, name: string, source: boolean): OperatorSpec {
  const { minParallelism, maxParallelism } = configuredBy.policy;
  return { name, role: source ? 'source' : 'inner', inputs: null, minParallelism, maxParallelism };
}

/** Where the engine cannot tell its sources, an operator with a backlog is one. */
function isSource({ engine, answers, labelValue }: TopologyContext, label: string, presence: Statistics): boolean {
  if (engine.sources !== null) return presence.has('sources');
  const backlog = answers.sensors.get('source_backlog');
  return backlog?.kind === 'answered' && backlog.content.get(labelValue)?.has(label) === true;
}

function suspendedRatioOf({ engine, answers, labelValue }: TopologyContext): TopologyMeasurement['suspendedRatio'] {
  if (engine.sensors.topology_suspended === undefined || engine.backpressureReportedBy === 'victim') {
    return { kind: 'not_applicable' };
  }
  const answer = answers.sensors.get('topology_suspended');
  if (answer?.kind !== 'answered') return { kind: 'missing', because: answer?.because ?? 'it was not asked for' };
  const ratio = answer.content.get(labelValue)?.get('')?.get('mean');
  if (ratio === undefined || !Number.isFinite(ratio)) return { kind: 'missing', because: 'no series' };
  return { kind: 'measured', ratio };
}
