// What Prometheus, or a proxy or a look-alike in its place, answers to an instant or a range query. Classified by HTTP status
// first: a proxy's answer is seldom JSON, and errorType does not mean the same everywhere.
import { DhalionError } from '../errors.js';
import { excerptOf } from '../outbound/answer-excerpt.js';
import type { HttpAnswer } from '../outbound/http-client.js';
import { isObject, parseObject, type JsonObject } from '../outbound/json-object.js';
import type { QueryRange, RangeSeries, VectorSample } from './prometheus-client.js';
import { parsePrometheusValue } from './prometheus-values.js';
import { stepAt } from './range-steps.js';

/** What is read of an answer. */
type Answer = Pick<HttpAnswer, 'status' | 'body'>;

/** 429 and 5xx: the same query may be answered later. */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status <= 599);
}

/**
 * The samples of a complete instant vector, in the answer's order. Throws `DhalionError`: prometheus_rejected for any
 * other status than 2xx, prometheus_partial where data may be missing, prometheus_malformed for everything else.
 */
export function parseQueryAnswer(answer: Answer): VectorSample[] {
  return resultOf(dataOf(answer), 'vector', 'an instant vector').map(sampleOf);
}

/**
 * The series of a complete range query, in the answer's order. Throws as `parseQueryAnswer` does, but what fewer steps may
 * cure is range_too_large or prometheus_timeout, and a sample at none of the range's instants makes it prometheus_malformed.
 */
export function parseRangeAnswer(answer: Answer, range: QueryRange): RangeSeries[] {
  return resultOf(dataOf(answer, rangeRejectionCode), 'matrix', 'a matrix').map((item) => seriesOf(item, range));
}

type RejectionCode = 'prometheus_rejected' | 'prometheus_timeout' | 'range_too_large';

function dataOf(
  answer: Answer,
  codeOf: (status: number, envelope: JsonObject | null) => RejectionCode = () => 'prometheus_rejected',
): unknown {
  const envelope = parseObject(answer.body);
  if (answer.status < 200 || answer.status > 299 || envelope?.['status'] === 'error') {
    throw rejection(answer, envelope, codeOf(answer.status, envelope));
  }
  if (envelope?.['status'] !== 'success') {
    throw malformed(
      `answered ${answer.status} with something other than its JSON: ${excerptOf(answer.body) || '(empty)'}`,
    );
  }
  checkComplete(envelope);
  return envelope['data'];
}

/** Limits on samples, points, series and bytes have no common name, neither in one server nor among several. */
const LIMIT = /limit|exceed|too (many|much|large|long|big)|more than|maximum|memory/i;
const LIMIT_STATUSES = [400, 422, 500];

/** 401, 404 or an expression that cannot be parsed stay what they are, however few the steps. */
function rangeRejectionCode(status: number, envelope: JsonObject | null): RejectionCode {
  const { errorType, error } = envelope ?? {};
  if (status === 504 || (status === 503 && errorType === 'timeout')) return 'prometheus_timeout';
  const isLimit = LIMIT_STATUSES.includes(status) && typeof error === 'string' && LIMIT.test(error);
  return status === 413 || isLimit ? 'range_too_large' : 'prometheus_rejected';
}

function rejection(answer: Answer, envelope: JsonObject | null, code: RejectionCode): DhalionError {
  const { errorType, error } = envelope ?? {};
  const said =
    typeof error === 'string'
      ? `${typeof errorType === 'string' ? `${excerptOf(errorType, 50)}: ` : ''}${excerptOf(error, 500)}`
      : excerptOf(answer.body) || '(empty)';
  const redirect = answer.status >= 300 && answer.status <= 399 ? ' (redirects are not followed)' : '';
  return new DhalionError(code, `Prometheus answered ${answer.status}${redirect}: ${said}`, {
    retryable: isRetryableStatus(answer.status),
  });
}

/**
 * Annotations of the PromQL engine are remarks on the query; Prometheus 2.48 to 2.x reports its infos among the warnings
 * as well. Any other warning (a store that did not answer, a cut result, "… more annotations omitted", behind which
 * either may hide) means that series may be missing.
 */
const ENGINE_ANNOTATION = /^PromQL (warning|info)\b/;

function checkComplete(envelope: JsonObject): void {
  const warnings = envelope['warnings'] ?? [];
  const isPartial = envelope['isPartial'];
  if (isPartial === true) throw partial('isPartial is true');
  if (!Array.isArray(warnings)) throw malformed('answered with warnings that are not a list');
  const warning = warnings.find((text) => typeof text !== 'string' || !ENGINE_ANNOTATION.test(text)) as unknown;
  if (warning !== undefined) throw partial(typeof warning === 'string' ? warning : JSON.stringify(warning));
}

function partial(said: string): DhalionError {
  return new DhalionError('prometheus_partial', `the answer may be incomplete: ${excerptOf(said)}`, {
    retryable: true,
  });
}

function resultOf(data: unknown, type: 'vector' | 'matrix', needed: string): readonly unknown[] {
  if (!isObject(data)) throw malformed('answered without data');
  const { resultType, result } = data;
  if (resultType !== type) {
    const given = typeof resultType === 'string' ? excerptOf(resultType, 50) : 'no resultType';
    throw malformed(`answered with ${given} where ${needed} is needed`);
  }
  if (!Array.isArray(result)) throw malformed(`answered with a ${type} that is not a list`);
  return result;
}

function sampleOf(item: unknown): VectorSample {
  const { labels, item: sample } = labelledOf(item);
  return { labels, value: pairOf(sample['value'], labels)[1] };
}

function seriesOf(item: unknown, range: QueryRange): RangeSeries {
  const { labels, item: series } = labelledOf(item);
  const { values } = series;
  if (!Array.isArray(values)) throw malformed(`answered with a series without values: ${textOf(labels)}`);
  const steps: number[] = [];
  const numbers: number[] = [];
  for (const pair of values as readonly unknown[]) {
    const [atS, value] = pairOf(pair, labels);
    const step = stepAt(range, atS * 1000);
    if (step === null) throw malformed(`answered for instants that were not asked for: ${textOfInstants(atS, range)}`);
    steps.push(step);
    numbers.push(value);
  }
  return { labels, steps, values: numbers };
}

function textOfInstants(atS: number, { startMs, endMs, stepMs }: QueryRange): string {
  return `${atS}, where ${startMs / 1000} to ${endMs / 1000} every ${stepMs / 1000} s was the question (unix seconds)`;
}

function labelledOf(item: unknown): { labels: Readonly<Record<string, string>>; item: JsonObject } {
  if (!isObject(item) || !isLabels(item['metric'])) throw malformed('answered with a sample without labels');
  const labels = item['metric'];
  const isHistogram = item['value'] === undefined && item['values'] === undefined;
  if (isHistogram && (item['histogram'] ?? item['histograms']) !== undefined) {
    throw malformed(`answered with a native histogram where a number is needed: ${textOf(labels)}`);
  }
  return { labels, item };
}

/** [unix time in s, value] */
function pairOf(pair: unknown, labels: Readonly<Record<string, string>>): readonly [number, number] {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'number' || typeof pair[1] !== 'string') {
    throw malformed(`answered with a sample without a value: ${textOf(labels)}`);
  }
  return [pair[0], parsePrometheusValue(pair[1])];
}

function isLabels(value: unknown): value is Readonly<Record<string, string>> {
  if (!isObject(value)) return false;
  // Without a list of them: there are many.
  for (const name in value) if (typeof value[name] !== 'string') return false;
  return true;
}

function textOf(labels: Readonly<Record<string, string>>): string {
  return excerptOf(JSON.stringify(labels));
}

function malformed(problem: string): DhalionError {
  return new DhalionError('prometheus_malformed', `Prometheus ${problem}`);
}
