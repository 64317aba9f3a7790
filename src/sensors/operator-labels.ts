// EDGE: what else the series say of an operator (Flink: job_id, task_id), for the call of a scaling webhook. Asked at action
// time only.
import type { Engine } from '../config/configuration.js';
import { operatorGrouping, renderExpression, renderMatchers } from './instance-vectors.js';
import type { PrometheusClient, VectorSample } from './prometheus-client.js';
import { renderDuration, renderLabelled, renderSeries, renderUnion } from './promql-literals.js';

/** By the engine's label values. */
export interface OperatorKey {
  readonly topology: string;
  readonly operator: string;
}

const GENERATION_LABEL = 'dhalion_generation';

/**
 * The labels that have one value on all the operator's backpressure series of the instant; without `__name__` and the label
 * of the instance. Where a newer generation of series, none of which was there a window ago, covers every instance (a job
 * submitted again while the old one's series linger), it alone counts. Empty where there are no series.
 * Rejects as the client does.
 */
export async function senseOperatorLabels(
  client: PrometheusClient,
  engine: Engine,
  key: OperatorKey,
  at: { readonly atMs: number; readonly windowMs: number },
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const query = renderOperatorLabelsQuery(engine, key, at.windowMs);
  if (query === null) return {};
  const samples = await client.query(query, at.atMs, signal);
  const all = samples.filter(({ labels }) => labels[GENERATION_LABEL] === 'all');
  const young = samples.filter(({ labels }) => labels[GENERATION_LABEL] === 'young');
  const instancesOf = (series: readonly VectorSample[]): number =>
    new Set(series.map(({ labels }) => labels[engine.labels.operatorInstance])).size;
  const current = instancesOf(young) === instancesOf(all) ? young : all;
  return commonLabels(current, new Set(['__name__', GENERATION_LABEL, engine.labels.operatorInstance]));
}

/** PURE. Null if the engine has no sensor `backpressure`. */
export function renderOperatorLabelsQuery(engine: Engine, key: OperatorKey, windowMs: number): string | null {
  const matchers = renderMatchers(engine, { labelValues: [key.topology], patterns: [] });
  const [backpressure] = engine.sensors.backpressure ?? [];
  if (backpressure === undefined) return null;
  const expression = renderExpression(backpressure, matchers);
  const wanted = renderSeries({ [engine.labels.topology]: key.topology, [engine.labels.operator]: key.operator });
  const now = `${expression} and on (${operatorGrouping(engine)}) (${wanted})`;
  // `offset` takes no expressions, only selectors and sub-queries.
  const before = `last_over_time(${expression}[1s:1s] offset ${renderDuration(windowMs)})`;
  return renderUnion([
    renderLabelled(`(${now})`, GENERATION_LABEL, 'all'),
    renderLabelled(`(${now}) unless ${before}`, GENERATION_LABEL, 'young'),
  ]);
}

function commonLabels(series: readonly VectorSample[], leftOut: ReadonlySet<string>): Record<string, string> {
  const [first, ...others] = series;
  if (first === undefined) return {};
  return Object.fromEntries(
    Object.entries(first.labels).filter(
      ([name, value]) => !leftOut.has(name) && others.every(({ labels }) => labels[name] === value),
    ),
  );
}
