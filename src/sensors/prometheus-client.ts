// The used part of Prometheus' HTTP API: instant and range queries, repeated while that may help. prometheus-answer.ts parses the
// answers; the caller decides what to ask, and how much at a time.
import { ExponentialBackoff } from 'cockatiel';
import type { Clock } from '../clock.js';
import type { PrometheusAccess } from '../config/configuration.js';
import { DhalionError } from '../errors.js';
import type { HttpAnswer, HttpCall, HttpClient } from '../outbound/http-client.js';
import { retryAfterMsOf } from '../outbound/retry-after.js';
import type { ClockReading } from '../outbound/server-clock.js';
import { mapInSlices } from '../work-slices.js';
import {
  isRetryableStatus,
  parseQueryAnswer,
  parseRangeAnswer,
  type RangeSeries,
  type VectorSample,
} from './prometheus-answer.js';
import type { QueryRange } from './range-steps.js';

export interface PrometheusClient {
  /**
   * Runs one instant query and hands on its samples. Rejects with `DhalionError`: prometheus_unreachable, prometheus_timeout,
   * prometheus_rejected (an answer other than 2xx), prometheus_partial (any warning that is not one of the PromQL engine's own
   * annotations), prometheus_malformed; and, as the HTTP client has them, call_aborted, response_too_large, secret_unreadable,
   * config_invalid.
   * @param atMs evaluation time, unix ms
   * @param take told each sample as it is read, which a long answer is in slices; where this rejects they are no answer
   */
  query(promql: string, atMs: number, signal: AbortSignal, take: (sample: VectorSample) => void): Promise<void>;
}

/** The samples of an answer that is short. Rejects as `query` does. */
export async function querySamples(
  client: PrometheusClient,
  promql: string,
  atMs: number,
  signal: AbortSignal,
): Promise<readonly VectorSample[]> {
  const samples: VectorSample[] = [];
  await client.query(promql, atMs, signal, (sample) => samples.push(sample));
  return samples;
}

export interface PrometheusRangeClient {
  /**
   * Evaluates one query at each instant of the range and hands on its series, as `query` does. Rejects likewise, and with
   * range_too_large where a limit of the server is passed that fewer instants may keep.
   */
  queryRange(
    promql: string,
    range: QueryRange,
    signal: AbortSignal,
    take: (series: RangeSeries) => void,
  ): Promise<void>;
}

export interface PrometheusClientOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Called after each HTTP request, repeated ones included, with the status of the answer; null: no answer. */
  readonly onRequest?: (status: number | null) => void;
  /** Called after each answer with 2xx. */
  readonly onAnswer?: (reading: ClockReading) => void;
}

const MAX_ATTEMPTS = 3;
/** An evaluation waits for the answer, so a pause pays off only while it is short compared to the timeout. */
const BACKOFF = new ExponentialBackoff({ initialDelay: 250, maxDelay: 5_000 });

/** At 300 bytes a sample this is room for 200,000 operators, without endangering the heap. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * What Thanos needs to be told, unless query_params say otherwise: raw samples only, since an average of downsampled ones
 * is another number, and an error rather than the answer of the stores that happen to be up. Others ignore both.
 */
const DEFAULT_QUERY_PARAMS = { max_source_resolution: '0s', partial_response: 'false' };

export function createPrometheusClient(
  settings: PrometheusAccess,
  options: PrometheusClientOptions,
): PrometheusClient & PrometheusRangeClient {
  const ask = async <Item>(
    question: Question,
    parse: (answer: HttpAnswer) => Iterable<Item>,
    take: (item: Item) => void,
  ): Promise<void> => {
    try {
      const answer = await askWithRetries(settings, options, question);
      await mapInSlices(parse(answer), take).catch(async (error: unknown) => {
        // What cannot be read is quoted, and some proxies answer with what they were sent: read once more, it is quoted without secrets.
        const body = answer.quotable();
        if (body === answer.body) throw error;
        await mapInSlices(parse({ ...answer, body }), take);
      });
    } catch (error) {
      throw prometheusFaultOf(error);
    }
  };
  return {
    query: (promql, atMs, signal, take) => {
      const params = { query: promql, time: secondsOf(atMs) };
      return ask({ path: 'query', params, signal }, parseQueryAnswer, take);
    },
    queryRange: (promql, range, signal, take) => {
      const { startMs, endMs, stepMs } = range;
      const params = { query: promql, start: secondsOf(startMs), end: secondsOf(endMs), step: secondsOf(stepMs) };
      return ask({ path: 'query_range', params, signal }, (answer) => parseRangeAnswer(answer, range), take);
    },
  };
}

interface Question {
  readonly path: 'query' | 'query_range';
  readonly params: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** 429, 5xx and network errors are asked again, all within the timeout; the last answer or fault stands. */
async function askWithRetries(
  settings: PrometheusAccess,
  options: PrometheusClientOptions,
  question: Question,
): Promise<HttpAnswer> {
  const { clock } = options;
  const deadlineMs = clock.elapsed() + settings.timeoutMs;
  let backoff = BACKOFF.next();
  for (let attempt = 1; ; attempt += 1) {
    const timeoutMs = Math.max(1, deadlineMs - clock.elapsed());
    const result = await countedCall(options, requestOf(settings, question, timeoutMs)).catch(networkFaultOf);
    const waitMs = waitBeforeRetryMs(result, backoff.duration, clock.now());
    if (waitMs === null || attempt === MAX_ATTEMPTS || clock.elapsed() + waitMs >= deadlineMs) {
      if (result instanceof DhalionError) throw result;
      return result;
    }
    await clock.sleep(waitMs, question.signal);
    backoff = backoff.next(undefined);
  }
}

/** null: a repetition would not help. */
function waitBeforeRetryMs(result: HttpAnswer | DhalionError, backoffMs: number, nowMs: number): number | null {
  if (result instanceof DhalionError) return backoffMs;
  if (!isRetryableStatus(result.status)) return null;
  return Math.max(backoffMs, retryAfterMsOf(result, nowMs) ?? 0);
}

/** Without timeouts: a timeout has used up the time for all attempts. */
function networkFaultOf(error: unknown): DhalionError {
  if (error instanceof DhalionError && isNetworkFault(error)) return error;
  throw error;
}

async function countedCall(options: PrometheusClientOptions, call: HttpCall): Promise<HttpAnswer> {
  let status: number | null = null;
  try {
    const askedAtMs = options.clock.now();
    const answer = await options.http.call(call);
    status = answer.status;
    if (status >= 200 && status < 300) options.onAnswer?.({ answer, askedAtMs, answeredAtMs: options.clock.now() });
    return answer;
  } finally {
    options.onRequest?.(status);
  }
}

function requestOf(settings: PrometheusAccess, { path, params: own, signal }: Question, timeoutMs: number): HttpCall {
  const { method, queryParams } = settings;
  const url = new URL(settings.url);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/${path}`;
  const params = new URLSearchParams({
    ...DEFAULT_QUERY_PARAMS,
    ...queryParams,
    ...own,
    timeout: secondsOf(timeoutMs),
  });
  const call = { method, timeoutMs, signal, maxResponseBytes: MAX_ANSWER_BYTES };
  const headers = encodingOf(settings);
  if (method === 'POST') {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    return { ...call, url: url.href, headers: { ...headers, ...form }, body: params.toString() };
  }
  for (const [name, value] of params) url.searchParams.set(name, value);
  return { ...call, url: url.href, headers, body: null };
}

/** Compressing the answers takes Prometheus up to a fifth of the CPU time of their queries: only where http_headers ask for it. */
function encodingOf({ http }: PrometheusAccess): Readonly<Record<string, string>> {
  const isAskedFor = Object.keys(http.httpHeaders).some((name) => name.toLowerCase() === 'accept-encoding');
  return isAskedFor ? {} : { 'accept-encoding': 'identity' };
}

function secondsOf(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Translates the HTTP client's faults into this client's terms, with the original as the cause. */
function prometheusFaultOf(error: unknown): unknown {
  if (!(error instanceof DhalionError)) return error;
  const options = { cause: error, retryable: error.retryable };
  if (isNetworkFault(error)) return new DhalionError('prometheus_unreachable', 'Prometheus is unreachable', options);
  if (error.code !== 'call_timeout') return error;
  return new DhalionError('prometheus_timeout', 'Prometheus did not answer in time', options);
}

function isNetworkFault({ code }: DhalionError): boolean {
  return code === 'call_network' || code === 'call_unconnected';
}
