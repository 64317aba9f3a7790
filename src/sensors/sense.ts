// EDGE: one look at an engine's topologies through Prometheus, all queries at the same instant. A query that fails makes its
// sensor missing; nothing is thrown for it.
import { bulkhead } from 'cockatiel';
import { describeError } from '../errors.js';
import { assembleMeasurements, type GraphOf, type SensedTopology } from './assemble-measurements.js';
import { tabulate, type Answer } from './instance-table.js';
import type { PrometheusClient, RangeSeries } from './prometheus-client.js';
import { planQueries, type PlannedQuery, type SensingScope } from './sensing-queries.js';

export interface SensingRequest extends SensingScope {
  readonly client: PrometheusClient;
  /** End of the window, unix ms. */
  readonly atMs: number;
  /** What was sensed last, of all topologies or some. */
  readonly known: readonly SensedTopology[];
  /** Edges for topologies that were listed without; default: none are known. */
  readonly graphOf?: GraphOf;
  readonly signal: AbortSignal;
}

export interface QueryFailure {
  /** What was asked for. */
  readonly purpose: PlannedQuery['purpose'];
  readonly error: unknown;
}

export interface EngineSensing {
  readonly topologies: readonly SensedTopology[];
  /** In the order of the queries, however they ended. */
  readonly failures: readonly QueryFailure[];
  /** Queries sent; their number depends on the engine alone. */
  readonly requests: number;
}

/** At a time, of one engine: what is asked all at once is also late all at once. */
export const MAX_PARALLEL_QUERIES = 3;

export async function sense(request: SensingRequest): Promise<EngineSensing> {
  const queries = planQueries(request);
  const lanes = bulkhead(MAX_PARALLEL_QUERIES, Infinity);
  const asked = await Promise.all(queries.map((query) => lanes.execute(() => ask(request, query))));
  const table = tabulate(
    queries,
    asked.map(({ answer }) => answer),
    request.engine,
    1,
  );
  return {
    topologies: queries.length === 0 ? [] : assembleMeasurements({ ...request, at: { table, step: 0 } }),
    failures: asked.flatMap(({ failure }) => failure ?? []),
    requests: queries.length,
  };
}

async function ask(
  { client, atMs, signal }: SensingRequest,
  { purpose, promql }: PlannedQuery,
): Promise<{ readonly answer: Answer<readonly RangeSeries[]>; readonly failure: QueryFailure | null }> {
  try {
    const samples = await client.query(promql, atMs, signal);
    const content = samples.map(({ labels, value }) => ({ labels, steps: [0], values: [value] }));
    return { answer: { kind: 'answered', content }, failure: null };
  } catch (error) {
    const because = `the query for ${purpose} failed: ${describeError(error)}`;
    return { answer: { kind: 'failed', because }, failure: { purpose, error } };
  }
}
