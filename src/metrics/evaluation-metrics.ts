// The gauges of the last evaluation and of the action log, as text, from one immutable snapshot: what has vanished
// from the snapshot has vanished from the text, and two scrapes of one snapshot are equal. Unknown is absent.
import type { Action } from '../model/action.js';
import { DIAGNOSES, type DiagnosisName } from '../model/diagnosis.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import { SENSORS } from '../model/measurement.js';
import type { ActionKind, ResolverName } from '../model/resolver.js';
import { hasUnknownSymptom, SYMPTOMS } from '../model/symptom.js';
import type { Truth } from '../model/truth.js';
import { renderHeader, renderLabel, renderSamples, type Labelled } from './exposition-text.js';
import { EVALUATION_METRICS as METRICS, type MetricDefinition } from './metric-catalogue.js';

export interface MetricsSnapshot {
  /** Where two have the same topology, or two operators of one the same name, the first counts. */
  readonly evaluations: readonly TopologyEvaluation[];
  readonly openActions: readonly Pick<Action, 'topology' | 'operator' | 'resolver'>[];
  /** The last action of each resolver on each operator. */
  readonly lastActions: readonly LastAction[];
  /** Entries in force. */
  readonly blacklist: readonly BlacklistedPair[];
}

export interface LastAction {
  readonly topology: string;
  readonly operator: string;
  readonly resolver: ActionKind;
  /** Unix time of its claim, ms. */
  readonly atMs: number;
}

export interface BlacklistedPair {
  readonly topology: string;
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly resolver: ResolverName;
}

/** Exposition text of all gauges in `EVALUATION_METRICS`, ending in a newline. */
export function renderEvaluationMetrics(snapshot: MetricsSnapshot): string {
  const topologies = topologyRows(snapshot.evaluations);
  const operators = topologies.flatMap(operatorRows);
  return [
    family(METRICS.topologyBackpressure, topologies, ({ backpressure }) => gaugeOf(backpressure)),
    renderSymptoms(operators),
    renderDiagnoses(operators),
    family(METRICS.parallelism, operators, ({ measurement }) => measurement.parallelism),
    family(METRICS.recommendedParallelism, operators, (operator) => operator.recommendedParallelism),
    family(METRICS.pendingPackets, operators, ({ measurement: { pendingPackets } }) =>
      pendingPackets.kind === 'measured' ? pendingPackets.mean : null,
    ),
    family(METRICS.suspendedRatio, operators, (operator) => operator.suspendedRatio),
    family(METRICS.processingRate, operators, ({ measurement: { processingRate } }) =>
      processingRate.kind === 'measured' ? processingRate.total : null,
    ),
    renderMissingSensors(operators),
    family(METRICS.blacklisted, uniqueRows(snapshot.blacklist.map(blacklistRow)), () => 1),
    ...renderActions(snapshot),
  ].join('');
}

function renderSymptoms(operators: readonly Labelled<OperatorEvaluation>[]): string {
  const { name } = METRICS.symptom;
  const samples = SYMPTOMS.map((symptom) =>
    renderSamples(name, operators, renderLabel('symptom', symptom), ({ symptoms }) => gaugeOf(symptoms[symptom])),
  );
  return renderHeader(METRICS.symptom) + samples.join('');
}

/** A diagnosis that does not hold is only known not to hold where all symptoms of the operator are known. */
function renderDiagnoses(operators: readonly Labelled<OperatorEvaluation>[]): string {
  const { name } = METRICS.diagnosis;
  const rows = operators.map(({ labels, source }) => ({
    labels,
    source: { held: source.diagnoses, otherwise: hasUnknownSymptom(source.symptoms) ? null : 0 },
  }));
  const samples = DIAGNOSES.map((diagnosis) =>
    renderSamples(name, rows, renderLabel('diagnosis', diagnosis), ({ held, otherwise }) =>
      held.some((one) => one.diagnosis === diagnosis) ? 1 : otherwise,
    ),
  );
  return renderHeader(METRICS.diagnosis) + samples.join('');
}

function renderMissingSensors(operators: readonly Labelled<OperatorEvaluation>[]): string {
  const { name } = METRICS.sensorMissing;
  const deficient = operators.filter(({ source }) => source.missingSensors.length > 0);
  const samples = SENSORS.map((sensor) =>
    renderSamples(name, deficient, renderLabel('sensor', sensor), ({ missingSensors }) =>
      missingSensors.includes(sensor) ? 1 : null,
    ),
  );
  return renderHeader(METRICS.sensorMissing) + samples.join('');
}

function renderActions({ openActions, lastActions }: MetricsSnapshot): string[] {
  const last = uniqueRows([...lastActions].sort((a, b) => b.atMs - a.atMs).map(actionRow));
  const open = openActions.map(actionRow);
  const openLabels = new Set(open.map(({ labels }) => labels));
  const rows = uniqueRows([...open, ...last]).map(({ labels }) => ({ labels, source: openLabels.has(labels) ? 1 : 0 }));
  return [
    family(METRICS.actionInFlight, rows, (value) => value),
    family(METRICS.lastActionTimestamp, last, ({ atMs }) => atMs / 1000),
  ];
}

function family<Source>(
  metric: MetricDefinition,
  rows: readonly Labelled<Source>[],
  valueOf: (source: Source) => number | null,
): string {
  return renderHeader(metric) + renderSamples(metric.name, rows, '', valueOf);
}

function topologyRows(evaluations: readonly TopologyEvaluation[]): Labelled<TopologyEvaluation>[] {
  return uniqueRows(evaluations.map((source) => ({ labels: renderLabel('topology', source.topology), source })));
}

function operatorRows(topology: Labelled<TopologyEvaluation>): Labelled<OperatorEvaluation>[] {
  const rows = topology.source.operators.map((source) => ({
    labels: `${topology.labels},${renderLabel('operator', source.measurement.spec.name)}`,
    source,
  }));
  return uniqueRows(rows);
}

function actionRow<Source extends Pick<Action, 'topology' | 'operator' | 'resolver'>>(
  source: Source,
): Labelled<Source> {
  return { labels: `${labelsOf(source)},${renderLabel('resolver', source.resolver)}`, source };
}

function blacklistRow(source: BlacklistedPair): Labelled<BlacklistedPair> {
  const pair = `${renderLabel('diagnosis', source.diagnosis)},${renderLabel('resolver', source.resolver)}`;
  return { labels: `${labelsOf(source)},${pair}`, source };
}

function labelsOf({ topology, operator }: { readonly topology: string; readonly operator: string }): string {
  return `${renderLabel('topology', topology)},${renderLabel('operator', operator)}`;
}

/** The first row of each set of labels: a series that occurs twice would spoil the scrape. */
function uniqueRows<Source>(rows: readonly Labelled<Source>[]): Labelled<Source>[] {
  const seen = new Set<string>();
  return rows.filter(({ labels }) => seen.size < seen.add(labels).size);
}

function gaugeOf(truth: Truth): number | null {
  if (truth === 'unknown') return null;
  return truth === 'yes' ? 1 : 0;
}
