// What Prometheus, or a proxy or a look-alike in its place, answers to an instant or a range query. Classified by HTTP status
// first: a proxy's answer is seldom JSON, and errorType does not mean the same everywhere.
import { DhalionError } from '../errors.js';
import type { HttpAnswer } from '../outbound/http-client.js';
import type { RangeSeries, VectorSample } from './prometheus-client.js';
import { parsePrometheusValue } from './prometheus-values.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** 429 and 5xx: the same query may be answered later. */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status <= 599);
}

/**
 * The samples of a complete instant vector, in the answer's order. Throws `DhalionError`: prometheus_rejected for any
 * other status than 2xx, prometheus_partial where data may be missing, prometheus_malformed for everything else.
 */
export function parseQueryAnswer(answer: HttpAnswer): VectorSample[] {
  return resultOf(dataOf(answer), 'vector', 'an instant vector').map(sampleOf);
}

/** The series of a complete range query, in the answer's order. Throws as `parseQueryAnswer` does. */
export function parseRangeAnswer(answer: HttpAnswer): RangeSeries[] {
  return resultOf(dataOf(answer), 'matrix', 'a matrix').map(seriesOf);
}

function dataOf(answer: HttpAnswer): unknown {
  const envelope = envelopeOf(answer.body);
  if (answer.status < 200 || answer.status > 299 || envelope?.['status'] === 'error') throw rejection(answer, envelope);
  if (envelope?.['status'] !== 'success') {
    throw malformed(`answered ${answer.status} with something other than its JSON: ${excerptOf(answer.body, 200)}`);
  }
  checkComplete(envelope);
  return envelope['data'];
}

function envelopeOf(body: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function rejection(answer: HttpAnswer, envelope: JsonObject | null): DhalionError {
  const { errorType, error } = envelope ?? {};
  const said =
    typeof error === 'string'
      ? `${typeof errorType === 'string' ? `${excerptOf(errorType, 50)}: ` : ''}${excerptOf(error, 500)}`
      : excerptOf(answer.body, 200);
  const redirect = answer.status >= 300 && answer.status <= 399 ? ' (redirects are not followed)' : '';
  return new DhalionError('prometheus_rejected', `Prometheus answered ${answer.status}${redirect}: ${said}`, {
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
  return new DhalionError('prometheus_partial', `the answer may be incomplete: ${excerptOf(said, 200)}`, {
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

function seriesOf(item: unknown): RangeSeries {
  const { labels, item: series } = labelledOf(item);
  const { values } = series;
  if (!Array.isArray(values)) throw malformed(`answered with a series without values: ${textOf(labels)}`);
  return { labels, samples: values.map((pair: unknown) => pairOf(pair, labels)) };
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
  return isObject(value) && Object.values(value).every((label) => typeof label === 'string');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(labels: Readonly<Record<string, string>>): string {
  return excerptOf(JSON.stringify(labels), 200);
}

function malformed(problem: string): DhalionError {
  return new DhalionError('prometheus_malformed', `Prometheus ${problem}`);
}

/** Foreign text for one line of a log: no control characters, no line breaks, not longer than `maxLength`. */
function excerptOf(text: string, maxLength: number): string {
  // A prefix first: the text may be megabytes long.
  const line = text
    .slice(0, maxLength * 4)
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim();
  if (line === '') return '(empty)';
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
