// EDGE: looks at an engine's topologies at many instants of the past, each query asked once for all the instants. Unlike a
// live look it rejects when a query fails: history that cannot be read is not a history of unknowns.
import { bulkhead } from 'cockatiel';
import { DhalionError } from '../errors.js';
import { assembleMeasurements, type SensedTopology } from './assemble-measurements.js';
import { tabulate, type InstanceTable } from './instance-table.js';
import type { PrometheusRangeClient, QueryRange, RangeSeries } from './prometheus-client.js';
import { countInstants, partsOf } from './range-steps.js';
import { MAX_PARALLEL_QUERIES } from './sense.js';
import { planQueries, type PlannedQuery, type SensingScope } from './sensing-queries.js';

export interface RangeRequest extends SensingScope {
  readonly client: PrometheusRangeClient;
  readonly signal: AbortSignal;
}

/** What the queries answered for each instant. */
export interface RangeAnswers {
  readonly range: QueryRange;
  readonly table: InstanceTable;
  /** Of the query with the most. */
  readonly series: number;
}

/**
 * Rejects with the `DhalionError` of the first query that cannot be answered, its purpose and expression in the message.
 * What is too much for Prometheus, or for us, at once is asked in halves.
 */
export async function askRange(request: RangeRequest, range: QueryRange): Promise<RangeAnswers> {
  const lanes = bulkhead(MAX_PARALLEL_QUERIES, Infinity);
  const queries = planQueries(request);
  const answers = await Promise.all(
    queries.map(({ purpose, promql }) => lanes.execute(() => queryRange(request, purpose, promql, range))),
  );
  const table = tabulate(
    queries,
    answers.map((content) => ({ kind: 'answered', content })),
    request.engine,
    countInstants(range),
  );
  const series = Math.max(0, ...answers.map((answer) => answer.length));
  return { range, table, series };
}

/**
 * @param index of the instant, the first of the range being 0
 * @param known what was sensed at the instant before
 */
export function senseInstant(
  request: RangeRequest,
  { range, table }: RangeAnswers,
  index: number,
  known: readonly SensedTopology[],
): SensedTopology[] {
  const atMs = range.startMs + index * range.stepMs;
  return assembleMeasurements({ ...request, atMs, known, at: { table, step: index } });
}

/** @param wasLate twice as much was not answered in time: whoever is late again does not answer at all */
async function queryRange(
  request: RangeRequest,
  purpose: PlannedQuery['purpose'],
  promql: string,
  range: QueryRange,
  wasLate = false,
): Promise<RangeSeries[]> {
  try {
    return await request.client.queryRange(promql, range, request.signal);
  } catch (error) {
    const instants = countInstants(range);
    const isLate = error instanceof DhalionError && error.code === 'prometheus_timeout';
    if (instants === 1 || !isTooMuch(error) || (isLate && wasLate)) throw inContext(error, purpose, promql);
    let series: RangeSeries[] = [];
    for (const [half, part] of partsOf(range, Math.ceil(instants / 2)).entries()) {
      const answered = await queryRange(request, purpose, promql, part, isLate && half === 0);
      const firstStep = half * Math.ceil(instants / 2);
      series = [...series, ...answered.map((one) => ({ ...one, steps: one.steps.map((step) => firstStep + step) }))];
    }
    return series;
  }
}

/** Half as much may pass any limit on samples, points, bytes and time. */
function isTooMuch(error: unknown): boolean {
  if (!(error instanceof DhalionError)) return false;
  return ['response_too_large', 'prometheus_timeout', 'range_too_large'].includes(error.code);
}

function inContext(error: unknown, purpose: PlannedQuery['purpose'], promql: string): unknown {
  if (!(error instanceof DhalionError) || error.code === 'call_aborted') return error;
  const query = promql.length > MAX_QUERY_LENGTH ? `${promql.slice(0, MAX_QUERY_LENGTH)}…` : promql;
  const line = query.replace(/\s+/g, ' ');
  return new DhalionError(error.code, `the query for ${purpose} failed (${line})`, {
    cause: error,
    retryable: error.retryable,
  });
}

const MAX_QUERY_LENGTH = 200;
