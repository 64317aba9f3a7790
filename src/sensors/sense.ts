// EDGE: looks at an engine's topologies through Prometheus, at one instant or at many of the past, with one query for all of them.
// Live, a failed query makes its sensor missing. For the past, the whole look rejects: unreadable history is not unknown history.
import { bulkhead } from 'cockatiel';
import { describeError, DhalionError } from '../errors.js';
import { excerptOf } from '../outbound/answer-excerpt.js';
import { mapInSlices } from '../work-slices.js';
import { assembleMeasurements, type Assembly, type SensedTopology } from './assemble-measurements.js';
import { addSeries, createTable, type AnswerPlace, type InstanceTable } from './instance-table.js';
import type { PrometheusClient, PrometheusRangeClient } from './prometheus-client.js';
import type { QueryRange } from './range-steps.js';
import { countInstants, partsOf } from './range-steps.js';
import { planQueries, type PlannedQuery, type SensingScope } from './sensing-queries.js';

/** `atMs` is the end of the window. */
export interface SensingRequest extends Omit<Assembly, 'at'> {
  readonly client: PrometheusClient;
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

/** Parallel queries of one engine: queries sent all at once are also late all at once. */
const MAX_PARALLEL_QUERIES = 3;

/** Runs all queries for the same instant; a failed query does not reject. The answers are processed in slices. */
export async function sense(request: SensingRequest): Promise<EngineSensing> {
  const { client, atMs, signal } = request;
  const { table, outcomes } = await ask(request, async (place): Promise<QueryFailure | null> => {
    const { purpose, promql } = place.query;
    try {
      await client.query(promql, atMs, signal, ({ labels, value }) => {
        addSeries(place, labels, value);
      });
      return null;
    } catch (error) {
      place.table.failures.set(place.position, `the query for ${purpose} failed: ${describeError(error)}`);
      return { purpose, error };
    }
  });
  const measured = assembleMeasurements({ ...request, at: { table, step: 0 } });
  return {
    topologies: await mapInSlices(measured, (topology) => topology),
    failures: outcomes.filter((failure) => failure !== null),
    requests: outcomes.length,
  };
}

/** The table of answers, and the fate of each query. */
async function ask<Outcome>(
  scope: SensingScope,
  askOne: (place: AnswerPlace) => Promise<Outcome>,
): Promise<{ readonly table: InstanceTable; readonly outcomes: readonly Outcome[] }> {
  const lanes = bulkhead(MAX_PARALLEL_QUERIES, Infinity);
  const queries = planQueries(scope);
  const table = createTable(queries);
  const places = queries.map((query, position) => ({ table, engine: scope.engine, query, position }));
  return { table, outcomes: await Promise.all(places.map((place) => lanes.execute(() => askOne(place)))) };
}

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
 * A range that is too large for Prometheus or for Dhalion is halved.
 */
export async function askRange(request: RangeRequest, range: QueryRange): Promise<RangeAnswers> {
  const { table, outcomes } = await ask(request, (place) => queryRange(request, place, range));
  return { range, table, series: Math.max(0, ...outcomes) };
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
  return [...assembleMeasurements({ ...request, atMs, known, at: { table, step: index } })];
}

/**
 * Resolves with how many series there were.
 * @param half of a range that was too much: its first step, and whether it was late, so that a second late answer ends it
 */
async function queryRange(
  request: RangeRequest,
  place: AnswerPlace,
  range: QueryRange,
  half = { firstStep: 0, wasLate: false },
): Promise<number> {
  const { query } = place;
  let count = 0;
  try {
    await request.client.queryRange(query.promql, range, request.signal, ({ labels, values }) => {
      const before = new Array<number | undefined>(half.firstStep);
      addSeries(place, labels, half.firstStep === 0 ? values : before.concat(values));
      count += 1;
    });
  } catch (error) {
    const instants = countInstants(range);
    const isLate = error instanceof DhalionError && error.code === 'prometheus_timeout';
    if (instants === 1 || !isTooMuch(error) || (isLate && half.wasLate)) throw inContext(error, query);
    const instantsEach = Math.ceil(instants / 2);
    for (const [index, part] of partsOf(range, instantsEach).entries()) {
      const firstStep = half.firstStep + index * instantsEach;
      count += await queryRange(request, place, part, { firstStep, wasLate: isLate && index === 0 });
    }
  }
  return count;
}

/** Half of the range may pass a limit on samples, points, bytes or time. */
function isTooMuch(error: unknown): boolean {
  const codes = ['response_too_large', 'prometheus_timeout', 'range_too_large'];
  return error instanceof DhalionError && codes.includes(error.code);
}

function inContext(error: unknown, { purpose, promql }: PlannedQuery): unknown {
  if (!(error instanceof DhalionError) || error.code === 'call_aborted') return error;
  return new DhalionError(error.code, `the query for ${purpose} failed (${excerptOf(promql)})`, {
    cause: error,
    retryable: error.retryable,
  });
}
