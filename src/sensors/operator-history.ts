// EDGE: what Prometheus has recorded of a topology's operators, as this service, a replica of it, or what it was before a restart
// has exported them. Our own gauges rather than the engine's series: they hold what was concluded, gaps where that was unknown.
import { EVALUATION_METRICS } from '../metrics/metric-catalogue.js';
import {
  HISTORY_SERIES,
  type HistoryRange,
  type HistorySeries,
  type OperatorHistory,
} from '../model/operator-history.js';
import type { PrometheusRangeClient, QueryRange } from './prometheus-client.js';
import { renderDuration, renderLabelled, renderString, renderUnion } from './promql-literals.js';
import { countInstants } from './range-steps.js';

export interface OperatorHistoryRequest {
  readonly client: PrometheusRangeClient;
  /** Label matchers of the service's own series, as inside PromQL braces; may be empty. */
  readonly matchers: string;
  readonly topology: string;
  readonly range: QueryRange;
  /** The gauges change no more often. */
  readonly evaluationIntervalMs: number;
  readonly signal: AbortSignal;
}

const METRICS: Readonly<Record<HistorySeries, string>> = {
  parallelism: EVALUATION_METRICS.parallelism.name,
  processing_rate: EVALUATION_METRICS.processingRate.name,
  suspended_ratio: EVALUATION_METRICS.suspendedRatio.name,
};
/** In the answer it tells the series apart, which one query asks for together. */
const SERIES_LABEL = 'series';

/** 120 steps: as many as a small picture shows. */
const LENGTHS: Readonly<Record<HistoryRange, { readonly lengthMs: number; readonly stepMs: number }>> = {
  '10m': { lengthMs: 600_000, stepMs: 5_000 },
  '1h': { lengthMs: 3_600_000, stepMs: 30_000 },
  '6h': { lengthMs: 21_600_000, stepMs: 180_000 },
  '24h': { lengthMs: 86_400_000, stepMs: 720_000 },
};
const USUAL_EVALUATIONS = 100;

/** The shortest that holds a hundred evaluations, at most 6 h: every 5 min ⇒ 6h; every 30 s ⇒ 1h; every 2 s ⇒ 10m. */
export function usualRange(evaluationIntervalMs: number): HistoryRange {
  const leastMs = USUAL_EVALUATIONS * evaluationIntervalMs;
  return (['10m', '1h'] as const).find((range) => LENGTHS[range].lengthMs >= leastMs) ?? '6h';
}

/** At multiples of the step: the same instants for all who ask meanwhile, and a picture that does not waver. */
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

/** Where several evaluations lie between two points, the most of them counts: what was wrong for a minute is not passed over. */
function seriesOf(name: HistorySeries, request: OperatorHistoryRequest): string {
  const { matchers, topology, range, evaluationIntervalMs } = request;
  const selector = selectorOf(name, matchers, topology);
  if (range.stepMs <= evaluationIntervalMs) return maxOf(selector);
  // Of what is scraped more seldom than that, the newest.
  return maxOf(`max_over_time(${selector}[${renderDuration(range.stepMs)}]) or ${selector}`);
}

/** The most that any replica says. */
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
