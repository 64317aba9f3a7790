// EDGE: reads a topology's history from Dhalion's own gauges in Prometheus, exported by this process, by a replica, or before a
// restart. Unlike the engine's series they hold Dhalion's conclusions, with gaps where these were unknown.
import { EVALUATION_METRICS } from '../metrics/metric-catalogue.js';
import {
  HISTORY_SERIES,
  type HistoryRange,
  type HistorySeries,
  type OperatorHistory,
} from '../model/operator-history.js';
import type { PrometheusRangeClient } from '../sensors/prometheus-client.js';
import type { QueryRange } from '../sensors/range-steps.js';
import { renderDuration, renderLabelled, renderString, renderUnion } from '../sensors/promql-literals.js';
import { countInstants } from '../sensors/range-steps.js';

export interface OperatorHistoryRequest {
  readonly client: PrometheusRangeClient;
  /** Label matchers of the service's own series, as inside PromQL braces; may be empty. */
  readonly matchers: string;
  readonly topology: string;
  readonly range: QueryRange;
  /** The gauges change at most this often. */
  readonly evaluationIntervalMs: number;
  readonly signal: AbortSignal;
}

const METRICS: Readonly<Record<HistorySeries, string>> = {
  parallelism: EVALUATION_METRICS.parallelism.name,
  processing_rate: EVALUATION_METRICS.processingRate.name,
  suspended_ratio: EVALUATION_METRICS.suspendedRatio.name,
};
/** Label that distinguishes the series in the answer of the one query. */
const SERIES_LABEL = 'series';

/** 120 steps: a small picture shows no more. */
const LENGTHS: Readonly<Record<HistoryRange, { readonly lengthMs: number; readonly stepMs: number }>> = {
  '10m': { lengthMs: 600_000, stepMs: 5_000 },
  '1h': { lengthMs: 3_600_000, stepMs: 30_000 },
  '6h': { lengthMs: 21_600_000, stepMs: 180_000 },
  '24h': { lengthMs: 86_400_000, stepMs: 720_000 },
};
const USUAL_EVALUATIONS = 100;

/** The shortest range with a hundred evaluations, at most 6 h: every 5 min ⇒ 6h; every 30 s ⇒ 1h; every 2 s ⇒ 10m. */
export function usualRange(evaluationIntervalMs: number): HistoryRange {
  const leastMs = USUAL_EVALUATIONS * evaluationIntervalMs;
  return (['10m', '1h'] as const).find((range) => LENGTHS[range].lengthMs >= leastMs) ?? '6h';
}

/** At multiples of the step, so that requests in between get the same instants and the picture does not waver. */
export function instantsOfRange(range: HistoryRange, nowMs: number): QueryRange {
  const { lengthMs, stepMs } = LENGTHS[range];
  const endMs = Math.floor(nowMs / stepMs) * stepMs;
  return { startMs: endMs - lengthMs, endMs, stepMs };
}

/** The gauge behind a number, to be looked at in Prometheus: `max by (operator) (GAUGE{…})`. */
export function renderGauge(
  series: HistorySeries,
  { matchers, topology, operator }: { readonly matchers: string; readonly topology: string; readonly operator: string },
): string {
  return maxOf(selectorOf(series, matchers, topology, `operator=${renderString(operator)}`));
}

/** In one query. Rejects as `queryRange` does; none of our series: none of the operators. */
export async function readOperatorHistory(request: OperatorHistoryRequest): Promise<readonly OperatorHistory[]> {
  const { client, range, signal } = request;
  const operators = new Map<string, OperatorHistory>();
  const unknown = new Array<null>(countInstants(range)).fill(null);
  await client.queryRange(renderHistory(request), range, signal, ({ labels, values }) => {
    const { operator, [SERIES_LABEL]: written } = labels;
    const name = HISTORY_SERIES.find((series) => series === written);
    if (operator === undefined || name === undefined) return;
    const known = operators.get(operator)?.series ?? {
      parallelism: unknown,
      processing_rate: unknown,
      suspended_ratio: unknown,
    };
    operators.set(operator, { operator, series: { ...known, [name]: Array.from(values, knownOrNull) } });
  });
  return [...operators.values()].sort((a, b) => (a.operator < b.operator ? -1 : 1));
}

/** One selector a series, each with a label that says which: `label_replace(max by (operator) (…), "series", …) or …`. */
function renderHistory(request: OperatorHistoryRequest): string {
  return renderUnion(HISTORY_SERIES.map((name) => renderLabelled(seriesOf(name, request), SERIES_LABEL, name)));
}

/** The largest of several evaluations between two points counts, so that a problem of one minute stays visible. */
function seriesOf(name: HistorySeries, request: OperatorHistoryRequest): string {
  const { matchers, topology, range, evaluationIntervalMs } = request;
  const selector = selectorOf(name, matchers, topology);
  if (range.stepMs <= evaluationIntervalMs) return maxOf(selector);
  // With rarer scrapes, the newest sample counts.
  return maxOf(`max_over_time(${selector}[${renderDuration(range.stepMs)}]) or ${selector}`);
}

/** The largest value of any replica. */
function maxOf(vector: string): string {
  return `max by (operator) (${vector})`;
}

function selectorOf(name: HistorySeries, matchers: string, topology: string, ...more: readonly string[]): string {
  const own = matchers.trim() === '' ? [] : [matchers.trim()];
  return `${METRICS[name]}{${[...own, `topology=${renderString(topology)}`, ...more].join(',')}}`;
}

function knownOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
