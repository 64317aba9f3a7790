// EDGE: one look at an engine's topologies through Prometheus: one query a sensor and one for presence, all at the same instant,
// then at most three more about single instances. A query that fails makes its sensor missing; nothing is thrown for it.
import { bulkhead } from 'cockatiel';
import type { Discovery, Engine, ListedTopology } from '../config/configuration.js';
import { describeError } from '../errors.js';
import { SENSORS, type SensorName } from '../model/measurement.js';
import { assembleMeasurements, type GraphOf, type SensedTopology } from './assemble-measurements.js';
import { renderMatchers, type QueryScope } from './instance-vectors.js';
import { renderPresenceQuery } from './presence-query.js';
import type { PrometheusClient, VectorSample } from './prometheus-client.js';
import { presenceOf, statisticsOf, type Answer, type SensorAnswers } from './sensor-answers.js';
import { renderSensorQuery } from './sensor-queries.js';
import { withOutliers } from './sense-outliers.js';

export interface SensingRequest {
  readonly client: PrometheusClient;
  readonly engine: Engine;
  readonly windowMs: number;
  /** End of the window, unix ms. */
  readonly atMs: number;
  /** All topologies and discoveries of this engine. */
  readonly listed: readonly ListedTopology[];
  readonly discoveries: readonly Discovery[];
  /** Values of the topology label to look at, such as an alert's; null: all. */
  readonly only: readonly string[] | null;
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
  readonly failures: readonly QueryFailure[];
  /** Queries sent; their number depends on the engine's sensors only. */
  readonly requests: number;
}

/** At a time, of one engine: what is asked all at once is also late all at once. */
const MAX_PARALLEL_QUERIES = 3;

/** Runs one query; its failure is noted and becomes an answer. */
export type Ask = (purpose: QueryPurpose, promql: string) => Promise<Answer<readonly VectorSample[]>>;

export async function sense(request: SensingRequest): Promise<EngineSensing> {
  const selection = {
    labelValues: request.only ?? request.listed.map(({ labelValue }) => labelValue),
    patterns: request.only === null ? request.discoveries.map(({ pattern }) => pattern) : [],
  };
  const failures: QueryFailure[] = [];
  if (selection.labelValues.length + selection.patterns.length === 0) return { topologies: [], failures, requests: 0 };
  const matchers = renderMatchers(request.engine, selection);
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
  const answers = await askSensors(request, { engine: request.engine, windowMs: request.windowMs, matchers }, ask);
  const topologies = await withOutliers(request, assembleMeasurements({ ...request, answers }), ask);
  return { topologies, failures, requests };
}

async function askSensors(request: SensingRequest, scope: QueryScope, ask: Ask): Promise<SensorAnswers> {
  const { engine } = request;
  const thresholds = [...request.listed, ...request.discoveries].map(({ policy }) => policy.backpressureThreshold);
  const patterns = request.discoveries.map(({ pattern }) => pattern);
  const [presence, ...sensors] = await Promise.all([
    ask('presence', renderPresenceQuery(scope, patterns)),
    ...SENSORS.map(async (sensor) => {
      const isAsked = sensor !== 'topology_suspended' || engine.backpressureReportedBy === 'culprit';
      const query = isAsked ? renderSensorQuery(scope, sensor, thresholds) : null;
      return query === null ? [] : [[sensor, await ask(sensor, query)] as const];
    }),
  ]);
  return {
    presence: mapAnswer(presence, (samples) => presenceOf(samples, engine)),
    sensors: new Map(
      sensors.flat().map(([sensor, answer]) => [sensor, mapAnswer(answer, (samples) => statisticsOf(samples, engine))]),
    ),
  };
}

function mapAnswer<From, To>(answer: Answer<From>, map: (content: From) => To): Answer<To> {
  return answer.kind === 'failed' ? answer : { kind: 'answered', content: map(answer.content) };
}
