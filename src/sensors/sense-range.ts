// EDGE: looks at an engine's topologies at many instants of the past, each query asked once for all the instants. Unlike a
// live look it rejects when a query fails: history that cannot be read is no history of unknowns.
import { bulkhead } from 'cockatiel';
import { DhalionError } from '../errors.js';
import { assembleMeasurements, type SensedTopology } from './assemble-measurements.js';
import { renderInstancesQuery, renderTopPendingQuery } from './outlier-queries.js';
import {
  addOutliers,
  findSkewedOperators,
  instanceText,
  instanceValuesOf,
  operatorText,
  scopeOfOutliers,
  selectOutliers,
} from './outlier-selection.js';
import { renderDiscoveryQuery } from './presence-query.js';
import type {
  PrometheusClient,
  PrometheusRangeClient,
  QueryRange,
  RangeSeries,
  VectorSample,
} from './prometheus-client.js';
import { countOperators, foldAnswers, stepSeriesOf, topologiesIn, type RangeAnswer } from './range-answers.js';
import { planRangeQueries } from './range-queries.js';
import { countInstants, instantsOf, partsOf } from './range-steps.js';
import { MAX_PARALLEL_QUERIES, type QueryPurpose } from './sense.js';
import { presenceOf } from './sensor-answers.js';
import { backpressureThresholdsOf, queryScopeOf, type SensingScope } from './sensing-queries.js';

export interface RangeRequest extends SensingScope {
  readonly client: PrometheusRangeClient & PrometheusClient;
  readonly signal: AbortSignal;
}

/** What the queries answered for each instant. */
export interface RangeAnswers {
  readonly range: QueryRange;
  readonly answers: readonly RangeAnswer[];
  /** Of the query with the most. */
  readonly series: number;
  /** Of all queries. */
  readonly operators: number;
}

export interface SensedStep {
  readonly atMs: number;
  readonly topologies: readonly SensedTopology[];
}

/** The instant vector of each step. */
type Steps = readonly (readonly VectorSample[])[];

/** By topology label, the position of the discovery that matches it, or null: what patterns match does not change with time. */
export type DiscoveryMemory = Map<string, number | null>;

/**
 * Rejects with the `DhalionError` of the first query that cannot be answered, its purpose and expression in the message.
 * What is too much for Prometheus, or for us, at once is asked in halves.
 */
export async function askRange(request: RangeRequest, range: QueryRange): Promise<RangeAnswers> {
  const lanes = bulkhead(MAX_PARALLEL_QUERIES, Infinity);
  const answers = await Promise.all(
    planRangeQueries(request).map(async ({ purpose, part, promql }) => {
      const matrix = await lanes.execute(() => queryRange(request, purpose, promql, range));
      return { purpose, part, series: stepSeriesOf(matrix, request.engine, countInstants(range)) };
    }),
  );
  const series = Math.max(0, ...answers.map((answer) => answer.series.length));
  return { range, answers, series, operators: countOperators(answers) };
}

/**
 * @param part of the range that was asked: the instants to look at
 * @param known what was sensed at the instant before the first one
 * @param discovered kept from one range to the next
 */
export async function senseRange(
  request: RangeRequest,
  { range, answers }: RangeAnswers,
  part: QueryRange,
  known: readonly SensedTopology[],
  discovered: DiscoveryMemory,
): Promise<SensedStep[]> {
  const { engine } = request;
  await matchDiscoveries(request, part, topologiesIn(answers), discovered);
  const discoveries = new Map(
    [...discovered].flatMap(([topology, position]) => (position === null ? [] : [[topology, position] as const])),
  );
  const context = { engine, backpressureThresholds: backpressureThresholdsOf(request), discoveries };
  const sensed: SensedStep[] = [];
  let last = known;
  const firstStep = Math.round((part.startMs - range.startMs) / range.stepMs);
  for (const [index, atMs] of instantsOf(part).entries()) {
    const folded = foldAnswers(context, answers, firstStep + index);
    last = assembleMeasurements({ ...request, atMs, known: last, answers: folded });
    sensed.push({ atMs, topologies: last });
  }
  return withOutliersAtEach(request, part, sensed);
}

/** Prometheus itself matches the patterns: its expressions are not JavaScript's. */
async function matchDiscoveries(
  request: RangeRequest,
  { startMs }: QueryRange,
  topologies: ReadonlySet<string>,
  discovered: DiscoveryMemory,
): Promise<void> {
  const scope = queryScopeOf(request);
  const unknown = [...topologies].filter((topology) => !discovered.has(topology));
  const patterns = request.discoveries.map(({ pattern }) => pattern);
  const promql = scope === null ? null : renderDiscoveryQuery(scope, unknown, patterns);
  for (const topology of unknown) discovered.set(topology, null);
  if (promql === null) return;
  const samples = await request.client.query(promql, startMs, request.signal);
  for (const [topology, position] of presenceOf(samples, request.engine).discoveries)
    discovered.set(topology, position);
}

/** The second look: each query for all operators that are skewed at some instant. */
async function withOutliersAtEach(
  request: RangeRequest,
  range: QueryRange,
  sensed: readonly SensedStep[],
): Promise<SensedStep[]> {
  const skewed = distinct(
    sensed.flatMap(({ topologies }) => topologies.flatMap(findSkewedOperators)),
    operatorText,
  );
  if (skewed.length === 0) return [...sensed];
  const { engine, windowMs } = request;
  const scope = scopeOfOutliers(engine, windowMs, skewed);
  const ask = async (promql: string | null): Promise<Steps> =>
    promql === null ? [] : stepsOf(await queryRange(request, 'outliers', promql, range), range);
  const pending = await ask(renderTopPendingQuery(scope, skewed));
  const outliers = sensed.map(({ topologies }, index) =>
    selectOutliers(topologies, instanceValuesOf(engine, pending[index] ?? [])),
  );
  const keys = distinct(
    outliers.flat().map(({ key }) => key),
    instanceText,
  );
  const [rates, busy] = await Promise.all([
    ask(renderInstancesQuery(scope, 'processing_rate', keys)),
    ask(renderInstancesQuery(scope, 'busy', keys)),
  ]);
  return sensed.map(({ atMs, topologies }, index) => {
    const details = {
      processingRate: instanceValuesOf(engine, rates[index] ?? []),
      busy: instanceValuesOf(engine, busy[index] ?? []),
    };
    return { atMs, topologies: addOutliers(topologies, outliers[index] ?? [], details) };
  });
}

/** @param wasLate twice as much was not answered in time: whoever is late again does not answer at all */
async function queryRange(
  request: RangeRequest,
  purpose: QueryPurpose,
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

function inContext(error: unknown, purpose: QueryPurpose, promql: string): unknown {
  if (!(error instanceof DhalionError) || error.code === 'call_aborted') return error;
  const query = promql.length > MAX_QUERY_LENGTH ? `${promql.slice(0, MAX_QUERY_LENGTH)}…` : promql;
  const line = query.replace(/\s+/g, ' ');
  return new DhalionError(error.code, `the query for ${purpose} failed (${line})`, {
    cause: error,
    retryable: error.retryable,
  });
}

const MAX_QUERY_LENGTH = 200;

/** Series are cut where a query was halved, so the same labels may come twice. */
function stepsOf(matrix: readonly RangeSeries[], range: QueryRange): Steps {
  const vectors: VectorSample[][] = instantsOf(range).map(() => []);
  for (const { labels, steps, values } of matrix) {
    for (const [index, value] of values.entries()) vectors[steps[index] ?? -1]?.push({ labels, value });
  }
  return vectors;
}

function distinct<Item>(items: readonly Item[], textOf: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [textOf(item), item])).values()];
}
