// Sends Prometheus the queries that Grafana would send for the shipped dashboards, over a range of time.
import type { ApiAction } from './dhalion-client.js';
import { interpolate, panelsOf, type Annotation, type DashboardDocument } from './dashboards.js';

export interface Stretch {
  readonly prometheusUrl: string;
  readonly topology: string;
  /** Unix times in s. */
  readonly from: number;
  readonly to: number;
  /** Seconds. */
  readonly step: number;
  readonly rateInterval: number;
}

export interface RangeSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [atS: number, value: string])[];
}

/** Prometheus' answer to an expression of a dashboard; rejects if it is refused. */
export async function rangeOf(expr: string, stretch: Stretch): Promise<readonly RangeSeries[]> {
  const { from, to, step } = stretch;
  const query = { query: interpolate(expr, stretch), start: String(from), end: String(to), step: String(step) };
  const { result } = await ask<{ result: readonly RangeSeries[] }>(stretch, '/api/v1/query_range', query);
  return result;
}

/** Targets without any numeric sample, as "dashboard: panel, A". */
export async function targetsWithoutData(
  dashboards: readonly DashboardDocument[],
  stretch: Stretch,
): Promise<readonly string[]> {
  const without: string[] = [];
  for (const dashboard of dashboards) {
    for (const { title, targets = [] } of panelsOf(dashboard)) {
      for (const { refId, expr } of targets) {
        const series = await rangeOf(expr, stretch);
        const isSeen = series.some(({ values }) => values.some(([, value]) => value !== 'NaN'));
        if (!isSeen) without.push(`${dashboard.title}: ${title}, ${refId}`);
      }
    }
  }
  return without;
}

/** The possible values of a variable, queried as Grafana does for `label_values(selector, label)`. */
export async function valuesOfVariable(query: string, stretch: Stretch): Promise<readonly string[]> {
  const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
  const asked = { 'match[]': interpolate(selector, stretch), start: String(stretch.from), end: String(stretch.to) };
  return ask<readonly string[]>(stretch, `/api/v1/label/${label}/values`, asked);
}

export interface Mark {
  readonly operator: string;
  readonly resolver: string;
  /** Unix time, ms. */
  readonly atMs: number;
}

/** The marks that Grafana draws for an annotation whose values are times: equal values of a series are one mark. */
export async function marksOf(annotation: Annotation, stretch: Stretch): Promise<readonly Mark[]> {
  const series = await rangeOf(annotation.expr, stretch);
  return series.flatMap(({ metric: { operator = '', resolver = '' }, values }) =>
    [...new Set(values.map(([, value]) => Math.round(Number(value))))].map((atMs) => ({ operator, resolver, atMs })),
  );
}

/** One mark for each operator of an action of the topology. */
export function marksFor(actions: readonly ApiAction[]): readonly Mark[] {
  return actions.flatMap(({ operators, resolver, claimed_at }) =>
    operators.map(({ operator }) => ({ operator, resolver, atMs: Date.parse(claimed_at) })),
  );
}

/** The newest first, marks of one action by operator name. */
export function inOrderOfTime(marks: readonly Mark[]): readonly Mark[] {
  return [...marks].sort((a, b) => b.atMs - a.atMs || a.operator.localeCompare(b.operator));
}

async function ask<Data>(
  { prometheusUrl }: Stretch,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Data> {
  const response = await fetch(`${prometheusUrl}${path}?${new URLSearchParams(parameters).toString()}`, {
    signal: AbortSignal.timeout(30_000),
  });
  const answer = (await response.json()) as { status: string; error?: string; data: Data };
  if (answer.status !== 'success') throw new Error(`${JSON.stringify(parameters)}: ${answer.error ?? ''}`);
  return answer.data;
}
