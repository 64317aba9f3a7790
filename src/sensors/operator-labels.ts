// EDGE: what else the series say of operators (Flink: job_id, task_id), for the call of a scaling webhook. Asked at action
// time only.
import type { Engine } from '../config/configuration.js';
import { operatorGrouping, renderExpression, renderMatchers } from './instance-vectors.js';
import { querySamples, type PrometheusClient, type VectorSample } from './prometheus-client.js';
import { renderDuration, renderLabelled, renderSeries, renderUnion } from './promql-literals.js';

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
  keys: OperatorKeys,
  at: { readonly atMs: number; readonly windowMs: number },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Record<string, string>>> {
  const query = renderOperatorLabelsQuery(engine, keys, at.windowMs);
  const samples = query === null ? [] : await querySamples(client, query, at.atMs, signal);
  return new Map(
    keys.operators.map((operator) => {
      const own = samples.filter(({ labels }) => labels[engine.labels.operator] === operator);
      return [operator, labelsOf(engine, own)];
    }),
  );
}

function labelsOf(engine: Engine, samples: readonly VectorSample[]): Record<string, string> {
  const all = samples.filter(({ labels }) => labels[GENERATION_LABEL] === 'all');
  const young = samples.filter(({ labels }) => labels[GENERATION_LABEL] === 'young');
  const instancesOf = (series: readonly VectorSample[]): number =>
    new Set(series.map(({ labels }) => labels[engine.labels.operatorInstance])).size;
  const current = instancesOf(young) === instancesOf(all) ? young : all;
  return commonLabels(current, new Set(['__name__', GENERATION_LABEL, engine.labels.operatorInstance]));
}

/** PURE. Null if the engine has no sensor `backpressure`, or nobody is asked about. */
export function renderOperatorLabelsQuery(
  engine: Engine,
  { topology, operators }: OperatorKeys,
  windowMs: number,
): string | null {
  const matchers = renderMatchers(engine, { labelValues: [topology], patterns: [] });
  const [backpressure] = engine.sensors.backpressure ?? [];
  if (backpressure === undefined || operators.length === 0) return null;
  const expression = renderExpression(backpressure, matchers);
  const wanted = renderUnion(
    operators.map((operator) =>
      renderSeries({ [engine.labels.topology]: topology, [engine.labels.operator]: operator }),
    ),
  );
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
