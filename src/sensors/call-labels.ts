// EDGE: what else the series say of topologies (Kubernetes: app, namespace) and of operators (Flink: job_id, task_id), for calls
// to the engine itself and of a scaling webhook.
import type { Engine } from '../config/configuration.js';
import { renderExpression, renderMatchers, type TopologySelection } from './instance-vectors.js';
import { querySamples, type PrometheusClient } from './prometheus-client.js';
import type { VectorSample } from './prometheus-answer.js';
import { renderDuration, renderLabelled, renderUnion } from './promql-literals.js';

type Labels = VectorSample['labels'];

/**
 * By the value of the engine's topology label: the values of these labels on all backpressure series of the topology. Leaves out a
 * topology whose series disagree, and labels that they lack. One query. Rejects as the client does.
 */
export async function senseTopologyLabels(
  client: PrometheusClient,
  engine: Engine,
  { selection, labels }: { readonly selection: TopologySelection; readonly labels: readonly string[] },
  atMs: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Labels>> {
  const series = renderBackpressure(engine, selection);
  const grouping = [...new Set([engine.labels.topology, ...labels])].join(', ');
  const samples = series === null ? [] : await querySamples(client, `group by (${grouping}) (${series})`, atMs, signal);
  // null: the series differ.
  const found = new Map<string, Labels | null>();
  for (const { labels: own } of samples) {
    const topology = own[engine.labels.topology];
    if (topology !== undefined) found.set(topology, found.has(topology) ? null : own);
  }
  return new Map([...found].flatMap(([topology, own]) => (own === null ? [] : [[topology, own] as const])));
}

/** By the engine's label values. */
export interface OperatorKeys {
  readonly topology: string;
  readonly operators: readonly string[];
}

const GENERATION_LABEL = 'dhalion_generation';

/**
 * By operator, the labels that have one value on all its backpressure series of the instant; without `__name__` and the label
 * of the instance. Where a newer generation of series, none of which was there a window ago, covers every instance (a job
 * submitted again while the old one's series linger), it alone counts. Empty where there are no series. One query, however
 * many operators. Rejects as the client does.
 */
export async function senseOperatorLabels(
  client: PrometheusClient,
  engine: Engine,
  { topology, operators }: OperatorKeys,
  { atMs, windowMs }: { readonly atMs: number; readonly windowMs: number },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Labels>> {
  const series = operators.length === 0 ? null : renderBackpressure(engine, { labelValues: [topology], patterns: [] });
  // A topology may have thousands of series of others.
  const named = renderUnion(operators.map((name) => renderLabelled('vector(1)', engine.labels.operator, name)));
  const wanted = `(${series ?? ''} and on (${engine.labels.operator}) (${named}))`;
  const query = series === null ? null : renderGenerations(wanted, series, windowMs);
  const samples = query === null ? [] : await querySamples(client, query, atMs, signal);
  return new Map(
    operators.map((operator) => {
      const own = samples.filter(({ labels }) => labels[engine.labels.operator] === operator);
      return [operator, labelsOf(engine, own)];
    }),
  );
}

/** null: the engine has no such sensor, or nothing is selected. */
function renderBackpressure(engine: Engine, selection: TopologySelection): string | null {
  const [written] = engine.sensors.backpressure ?? [];
  if (written === undefined || selection.labelValues.length + selection.patterns.length === 0) return null;
  return renderExpression(written, renderMatchers(engine, selection));
}

function renderGenerations(wanted: string, series: string, windowMs: number): string {
  // `offset` takes no expressions, only selectors and sub-queries.
  const before = `last_over_time(${series}[1s:1s] offset ${renderDuration(windowMs)})`;
  return renderUnion([
    renderLabelled(wanted, GENERATION_LABEL, 'all'),
    renderLabelled(`${wanted} unless ${before}`, GENERATION_LABEL, 'young'),
  ]);
}

function labelsOf(engine: Engine, samples: readonly VectorSample[]): Labels {
  const all = samples.filter(({ labels }) => labels[GENERATION_LABEL] === 'all');
  const young = samples.filter(({ labels }) => labels[GENERATION_LABEL] === 'young');
  const instancesOf = (series: readonly VectorSample[]): number =>
    new Set(series.map(({ labels }) => labels[engine.labels.operatorInstance])).size;
  const [first, ...others] = instancesOf(young) === instancesOf(all) ? young : all;
  const leftOut = new Set(['__name__', GENERATION_LABEL, engine.labels.operatorInstance]);
  return Object.fromEntries(
    Object.entries(first?.labels ?? {}).filter(([name, value]) => {
      return !leftOut.has(name) && others.every(({ labels }) => labels[name] === value);
    }),
  );
}
