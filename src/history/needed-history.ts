// EDGE: what Prometheus has recorded of the instances that operators needed, as this service, a replica of it, or what it was
// before a restart has exported them: only what clean windows told. What is remembered of it is policy/needed-memory.ts.
import { EVALUATION_METRICS } from '../metrics/metric-catalogue.js';
import type { NeededHistory, NeededPoint } from '../policy/needed-memory.js';
import type { PrometheusRangeClient } from '../sensors/prometheus-client.js';
import type { RangeSeries } from '../sensors/prometheus-answer.js';
import { quoteRegex, renderDuration, renderString } from '../sensors/promql-literals.js';
import { partsOf } from '../sensors/range-steps.js';

export interface NeededHistoryRequest {
  readonly client: PrometheusRangeClient;
  /** Label matchers of the service's own series, as inside PromQL braces; may be empty. */
  readonly matchers: string;
  readonly topologies: readonly string[];
  /** Now, unix ms. */
  readonly atMs: number;
  /** How long ago the first point is at least. */
  readonly lengthMs: number;
  readonly signal: AbortSignal;
}

/** As fine as one of the slices that are remembered, but short against the restart that is no gap. */
const POINTS = 60;
const SHORTEST_STEP_MS = 1000;
const LONGEST_STEP_MS = 300_000;
/** Of one answer: 10,000 operators have some 25 MB. */
const MAX_POINTS = 100;
/** Of more the URL of a GET would be too long for some proxies; then all are asked for. */
const MAX_NAMES = 50;

/**
 * By topology. One query, more only of a memory of more than 8 h; rejects as `queryRange` does. A sample counts wherever it lies
 * between two points, so that nothing is told of a series that has gone stale.
 */
export async function readNeededHistory(request: NeededHistoryRequest): Promise<ReadonlyMap<string, NeededHistory>> {
  const { client, atMs, lengthMs, signal } = request;
  const stepMs = Math.min(Math.max(Math.ceil(lengthMs / POINTS), SHORTEST_STEP_MS), LONGEST_STEP_MS);
  const range = { startMs: atMs - Math.ceil(lengthMs / stepMs) * stepMs, endMs: atMs, stepMs };
  const promql = renderNeededPeaks(request, stepMs);
  const histories = new Map<string, Map<string, NeededPoint[]>>();
  for (const part of partsOf(range, MAX_POINTS)) {
    await client.queryRange(promql, part, signal, ({ labels: { topology, operator }, values }) => {
      if (topology === undefined || operator === undefined) return;
      const operators = histories.get(topology) ?? new Map<string, NeededPoint[]>();
      histories.set(topology, operators);
      operators.set(operator, [...(operators.get(operator) ?? []), ...pointsOf(values, part.startMs, stepMs)]);
    });
  }
  return new Map([...histories].map(([topology, points]) => [topology, { stepMs, points }]));
}

/** The most that any replica said in each step. */
function renderNeededPeaks({ matchers, topologies }: NeededHistoryRequest, stepMs: number): string {
  const names = `topology=~${renderString(topologies.map(quoteRegex).join('|'))}`;
  const own = [...(matchers.trim() === '' ? [] : [matchers]), ...(topologies.length > MAX_NAMES ? [] : [names])];
  const selector = `${EVALUATION_METRICS.neededInstances.name}{${own.join(',')}}`;
  return `max by (topology, operator) (max_over_time(${selector}[${renderDuration(stepMs)}]))`;
}

/** Without what is no number of instances. */
function pointsOf(values: RangeSeries['values'], startMs: number, stepMs: number): NeededPoint[] {
  return values.flatMap((needed = NaN, step) => {
    return Number.isFinite(needed) && needed >= 0 ? { endMs: startMs + step * stepMs, needed } : [];
  });
}
