// The gauges of the last evaluation and of the action log, as text, each from one immutable snapshot: a topology that leaves
// the snapshot leaves the text, and two scrapes of one snapshot are equal. Unknown values are absent.
import { DIAGNOSES, type DiagnosisName } from '../model/diagnosis.js';
import { truthOfDiagnosis, type OperatorEvaluation, type TopologyEvaluation } from '../model/evaluation.js';
import { ifMeasured, knownParallelism, SENSORS } from '../model/measurement.js';
import type { ActionKind, ResolverName } from '../model/resolver.js';
import { SYMPTOMS } from '../model/symptom.js';
import type { Truth } from '../model/truth.js';
import { renderHeader, renderLabel, renderSamples, type Labelled } from './exposition-text.js';
import { EVALUATION_METRICS as METRICS, type MetricDefinition } from './metric-catalogue.js';

/** The action log's part of a scrape. */
export interface LogSnapshot {
  /** One row for each operator of each open action. */
  readonly openActions: readonly OperatorAction[];
  /** The last action of each resolver on each operator. */
  readonly lastActions: readonly LastAction[];
  /** Entries in force. */
  readonly blacklist: readonly BlacklistedPair[];
}

export interface OperatorAction {
  readonly topology: string;
  readonly operator: string;
  readonly resolver: ActionKind;
}

export interface LastAction extends OperatorAction {
  /** Unix time of its claim, ms. */
  readonly atMs: number;
}

export interface BlacklistedPair {
  readonly topology: string;
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly resolver: ResolverName;
}

/** Topologies in one part; the caller may pause between parts. */
const ROWS_A_PART = 100;

/**
 * Exposition text of the gauges in `EVALUATION_METRICS` that describe an evaluation, ending in a newline, in parts rendered on
 * demand. If two topologies, or two operators of one topology, have the same name, the first counts.
 */
export function* renderEvaluationMetrics(evaluations: readonly TopologyEvaluation[]): Generator<string> {
  const topologies: Labelled<TopologyEvaluation>[] = [];
  const operators: Labelled<OperatorEvaluation>[] = [];
  const seen = new Set<string>();
  for (const [index, source] of evaluations.entries()) {
    const topology = { labels: renderLabel('topology', source.topology), source };
    if (seen.size === seen.add(topology.labels).size) continue;
    topologies.push(topology);
    operators.push(...operatorRows(topology));
    if (index % ROWS_A_PART === 0) yield '';
  }
  yield* family(METRICS.topologyBackpressure, topologies, ({ backpressure }) => gaugeOf(backpressure));
  yield* renderSymptoms(operators);
  yield* renderDiagnoses(operators);
  yield* family(METRICS.parallelism, operators, ({ measurement }) => knownParallelism(measurement));
  yield* family(METRICS.recommendedParallelism, operators, (operator) => operator.recommendedParallelism);
  yield* family(METRICS.pendingPackets, operators, ({ measurement: { pendingPackets } }) =>
    ifMeasured(pendingPackets, ({ mean }) => mean),
  );
  yield* family(METRICS.suspendedRatio, operators, (operator) => operator.suspendedRatio);
  yield* family(METRICS.processingRate, operators, ({ measurement: { processingRate } }) =>
    ifMeasured(processingRate, ({ total }) => total),
  );
  yield* family(METRICS.neededInstances, operators, ({ load }) => load.neededInstances);
  yield* renderMissingSensors(operators);
}

/** Exposition text of the gauges in `EVALUATION_METRICS` that describe the action log, ending in a newline, in parts. */
export function* renderLogMetrics({ openActions, lastActions, blacklist }: LogSnapshot): Generator<string> {
  yield* family(METRICS.blacklisted, uniqueRows(blacklist.map(blacklistRow)), () => 1);
  const last = uniqueRows([...lastActions].sort((a, b) => b.atMs - a.atMs).map(actionRow));
  const open = openActions.map(actionRow);
  const openLabels = new Set(open.map(({ labels }) => labels));
  const rows = uniqueRows([...open, ...last]).map(({ labels }) => ({ labels, source: openLabels.has(labels) ? 1 : 0 }));
  yield* family(METRICS.actionInFlight, rows, (value) => value);
  yield* family(METRICS.lastActionTimestamp, last, ({ atMs }) => atMs / 1000);
}

function* renderSymptoms(operators: readonly Labelled<OperatorEvaluation>[]): Generator<string> {
  const { name } = METRICS.symptom;
  yield renderHeader(METRICS.symptom);
  for (const symptom of SYMPTOMS) {
    const label = renderLabel('symptom', symptom);
    yield* renderSamples(name, operators, label, ({ symptoms }) => gaugeOf(symptoms[symptom]));
  }
}

function* renderDiagnoses(operators: readonly Labelled<OperatorEvaluation>[]): Generator<string> {
  const { name } = METRICS.diagnosis;
  yield renderHeader(METRICS.diagnosis);
  for (const diagnosis of DIAGNOSES) {
    const label = renderLabel('diagnosis', diagnosis);
    yield* renderSamples(name, operators, label, (operator) => gaugeOf(truthOfDiagnosis(operator, diagnosis)));
  }
}

function* renderMissingSensors(operators: readonly Labelled<OperatorEvaluation>[]): Generator<string> {
  const { name } = METRICS.sensorMissing;
  const deficient = operators.filter(({ source }) => source.missingSensors.length > 0);
  yield renderHeader(METRICS.sensorMissing);
  for (const sensor of SENSORS) {
    const label = renderLabel('sensor', sensor);
    yield* renderSamples(name, deficient, label, ({ missingSensors }) => (missingSensors.includes(sensor) ? 1 : null));
  }
}

function* family<Source>(
  metric: MetricDefinition,
  rows: readonly Labelled<Source>[],
  valueOf: (source: Source) => number | null,
): Generator<string> {
  yield renderHeader(metric);
  yield* renderSamples(metric.name, rows, '', valueOf);
}

function operatorRows(topology: Labelled<TopologyEvaluation>): Labelled<OperatorEvaluation>[] {
  const rows = topology.source.operators.map((source) => ({
    labels: `${topology.labels},${renderLabel('operator', source.measurement.spec.name)}`,
    source,
  }));
  return uniqueRows(rows);
}

function actionRow<Source extends OperatorAction>(source: Source): Labelled<Source> {
  return { labels: `${labelsOf(source)},${renderLabel('resolver', source.resolver)}`, source };
}

function blacklistRow(source: BlacklistedPair): Labelled<BlacklistedPair> {
  const pair = `${renderLabel('diagnosis', source.diagnosis)},${renderLabel('resolver', source.resolver)}`;
  return { labels: `${labelsOf(source)},${pair}`, source };
}

function labelsOf({ topology, operator }: { readonly topology: string; readonly operator: string }): string {
  return `${renderLabel('topology', topology)},${renderLabel('operator', operator)}`;
}

/** The first row of each set of labels: a duplicate series would fail the scrape. */
function uniqueRows<Source>(rows: readonly Labelled<Source>[]): Labelled<Source>[] {
  const seen = new Set<string>();
  return rows.filter(({ labels }) => seen.size < seen.add(labels).size);
}

function gaugeOf(truth: Truth): number | null {
  if (truth === 'unknown') return null;
  return truth === 'yes' ? 1 : 0;
}
