// EDGE: one look at an engine's topologies through Prometheus: one query a sensor and one for presence, all at the same instant,
// then at most three more about single instances. A query that fails makes its sensor missing; nothing is thrown for it.
import { bulkhead } from 'cockatiel';
import { describeError } from '../errors.js';
import type { SensorName } from '../model/measurement.js';
import { assembleMeasurements, type GraphOf, type SensedTopology } from './assemble-measurements.js';
import type { PrometheusClient, VectorSample } from './prometheus-client.js';
import type { Answer } from './sensor-answers.js';
import { withOutliers } from './sense-outliers.js';
import { planQueries, sensorAnswersOf, type SensingScope } from './sensing-queries.js';

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

/** What was asked for when a query failed. */
export type QueryPurpose = SensorName | 'presence' | 'outliers';

export interface QueryFailure {
  readonly purpose: QueryPurpose;
  readonly error: unknown;
}

export interface EngineSensing {
  readonly topologies: readonly SensedTopology[];
  /** In the order of the queries, however they ended. */
  readonly failures: readonly QueryFailure[];
  /** Queries sent; their number depends on the engine's sensors only. */
  readonly requests: number;
}

/** At a time, of one engine: what is asked all at once is also late all at once. */
export const MAX_PARALLEL_QUERIES = 3;

/** Runs one query; its failure is noted and becomes an answer. */
export type Ask = (purpose: QueryPurpose, promql: string) => Promise<Answer<readonly VectorSample[]>>;

export async function sense(request: SensingRequest): Promise<EngineSensing> {
  const failures: QueryFailure[] = [];
  const planned = planQueries(request);
  if (planned.length === 0) return { topologies: [], failures, requests: 0 };
  const lanes = bulkhead(MAX_PARALLEL_QUERIES, Infinity);
  let requests = 0;
  const ask: Ask = async (purpose, promql) => {
    requests += 1;
    try {
      const content = await lanes.execute(() => request.client.query(promql, request.atMs, request.signal));
      return { kind: 'answered', content };
    } catch (error) {
      failures.push({ purpose, error });
      return { kind: 'failed', because: `the query for ${purpose} failed: ${describeError(error)}` };
    }
  };
  const asked = planned.map(async ({ purpose, promql }) => ({ purpose, answer: await ask(purpose, promql) }));
  const answers = sensorAnswersOf(request.engine, await Promise.all(asked));
  const topologies = await withOutliers(request, assembleMeasurements({ ...request, answers }), ask);
  const order: readonly QueryPurpose[] = [...planned.map(({ purpose }) => purpose), 'outliers'];
  const inOrder = failures.sort((a, b) => order.indexOf(a.purpose) - order.indexOf(b.purpose));
  return { topologies, failures: inOrder, requests };
}
