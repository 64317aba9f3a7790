// Parses the answers of Prometheus, or of a proxy or a compatible server, to instant and range queries. The HTTP status decides
// first: a proxy's answer is seldom JSON, and errorType has different meanings among servers.
import { DhalionError } from '../errors.js';
import { excerptOf } from '../outbound/answer-excerpt.js';
import type { HttpAnswer } from '../outbound/http-client.js';
import { isObject, parseList, parseObject, type JsonObject } from '../outbound/json-object.js';
import { countInstants, stepAt, type QueryRange } from './range-steps.js';

/** One series of an instant vector; its value may be NaN or infinite. */
export interface VectorSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One series of a matrix. */
export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** By instant of the range; undefined where it has none. */
  readonly values: readonly (number | undefined)[];
}

/** The used part of an answer. */
type Answer = Pick<HttpAnswer, 'status' | 'body'>;

/** 429 and 5xx: the same query may succeed later. */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status <= 599);
}

/**
 * Longer answers are parsed in pieces of about this length: one of 11 MB would take 200 ms at once. Pieces of four times the length
 * cost a tenth more CPU time, since the collector comes while more of their series are still in use.
 */
const PIECE_LENGTH = 65_536;

/**
 * The samples of a complete instant vector, in the answer's order, read as they are asked for. Throws `DhalionError`:
 * prometheus_rejected for any other status than 2xx, prometheus_partial where data may be missing, prometheus_malformed for
 * everything else.
 */
export function* parseQueryAnswer(answer: Answer, pieceLength = PIECE_LENGTH): Generator<VectorSample> {
  for (const item of itemsOf(answer, 'vector', pieceLength)) {
    const { metric: labels, value } = labelledOf(item);
    yield { labels, value: pairOf(value, labels)[1] };
  }
}

/**
 * The series of a complete range query, likewise. Throws as `parseQueryAnswer` does, but what fewer steps may cure is
 * range_too_large or prometheus_timeout, and a sample at none of the range's instants makes it prometheus_malformed.
 */
export function* parseRangeAnswer(
  answer: Answer,
  range: QueryRange,
  pieceLength = PIECE_LENGTH,
): Generator<RangeSeries> {
  for (const item of itemsOf(answer, 'matrix', pieceLength)) {
    const { metric: labels, values } = labelledOf(item);
    if (!Array.isArray(values)) throw malformed(`answered with a series without values: ${textOf(labels)}`);
    yield { labels, values: valuesByStep(values, labels, range) };
  }
}

type ResultType = 'vector' | 'matrix';

/** The beginning of an answer of Prometheus and compatible servers, up to the first series. Any other answer is parsed whole. */
const HEAD =
  /^\{"status":"success",(?:"isPartial":(?:true|false),)?"data":\{"resultType":"(?:vector|matrix)","result":\[(?=\{"metric":)/;

/** A quote within a string is escaped, so this occurs between two series and never within one. */
const BETWEEN = ',{"metric":';

/** The members of the result. The answer is judged before the first of them. */
function* itemsOf(answer: Answer, type: ResultType, pieceLength: number): Generator {
  const { body } = answer;
  const first = body.length > pieceLength ? (HEAD.exec(body)?.[0].length ?? body.length) : body.length;
  const last = body.lastIndexOf(BETWEEN) + 1;
  // With the last of its series alone the answer is complete and short.
  const envelope = last > first ? parseObject(body.slice(0, first) + body.slice(last)) : null;
  if (envelope === null) return yield* resultOf(answer, parseObject(body), type);
  const lastItems = resultOf(answer, envelope, type);
  let count = 0;
  for (let from = first, to = first; from < last; from = to + 1) {
    to = body.lastIndexOf(BETWEEN, Math.min(from + pieceLength, last));
    // A series may be longer than a piece.
    if (to < from) to = body.indexOf(BETWEEN, from);
    const items = parseList(`[${body.slice(from, to)}]`);
    // The list ends within the piece, and another one follows that has such members too.
    if (items === null) return yield* resultOf(answer, parseObject(body), type).slice(count);
    yield* items;
    count += items.length;
  }
  yield* lastItems;
}

type RejectionCode = 'prometheus_rejected' | 'prometheus_timeout' | 'range_too_large';

function resultOf(answer: Answer, envelope: JsonObject | null, type: ResultType): readonly unknown[] {
  if (answer.status < 200 || answer.status > 299 || envelope?.['status'] === 'error') {
    const code = type === 'matrix' ? rangeRejectionCode(answer.status, envelope) : 'prometheus_rejected';
    throw rejection(answer, envelope, code);
  }
  if (envelope?.['status'] !== 'success') {
    throw malformed(
      `answered ${answer.status} with something other than its JSON: ${excerptOf(answer.body) || '(empty)'}`,
    );
  }
  checkComplete(envelope);
  const { data } = envelope;
  if (!isObject(data)) throw malformed('answered without data');
  const { resultType, result } = data;
  if (resultType !== type) {
    const given = typeof resultType === 'string' ? excerptOf(resultType, 50) : 'no resultType';
    throw malformed(`answered with ${given} where ${type === 'vector' ? 'an instant vector' : 'a matrix'} is needed`);
  }
  if (!Array.isArray(result)) throw malformed(`answered with a ${type} that is not a list`);
  return result;
}

/** Limits on samples, points, series and bytes have no common name, not even within one server. */
const LIMIT = /limit|exceed|too (many|much|large|long|big)|more than|maximum|memory/i;
const LIMIT_STATUSES = [400, 422, 500];

/** Fewer steps do not help against 401, 404 or an expression that cannot be parsed. */
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

function checkComplete({ warnings, isPartial }: JsonObject): void {
  const list = isPartial === true ? ['isPartial is true'] : (warnings ?? []);
  if (!Array.isArray(list)) throw malformed('answered with warnings that are not a list');
  const warning = list.find((text) => typeof text !== 'string' || !ENGINE_ANNOTATION.test(text)) as unknown;
  if (warning === undefined) return;
  const said = excerptOf(typeof warning === 'string' ? warning : JSON.stringify(warning));
  throw new DhalionError('prometheus_partial', `the answer may be incomplete: ${said}`, { retryable: true });
}

/** By instant of the range. */
function valuesByStep(values: readonly unknown[], labels: Labels, range: QueryRange): RangeSeries['values'] {
  const byStep = new Array<number | undefined>(countInstants(range));
  for (const pair of values) {
    const [atS, value] = pairOf(pair, labels);
    const step = stepAt(range, atS * 1000);
    if (step === null) {
      const asked = `${range.startMs / 1000} to ${range.endMs / 1000} every ${range.stepMs / 1000} s was the question`;
      throw malformed(`answered for instants that were not asked for: ${atS}, where ${asked} (unix seconds)`);
    }
    byStep[step] = value;
  }
  return byStep;
}

type Labels = Readonly<Record<string, string>>;

function labelledOf(item: unknown): JsonObject & { readonly metric: Labels } {
  if (!isLabelled(item)) throw malformed('answered with a sample without labels');
  const { metric, value, values, histogram, histograms } = item;
  if ((value ?? values) === undefined && (histogram ?? histograms) !== undefined) {
    throw malformed(`answered with a native histogram where a number is needed: ${textOf(metric)}`);
  }
  return item;
}

function isLabelled(item: unknown): item is JsonObject & { readonly metric: Labels } {
  if (!isObject(item) || !isObject(item['metric'])) return false;
  const { metric } = item;
  // Without a list of them: there are many.
  for (const name in metric) if (typeof metric[name] !== 'string') return false;
  return true;
}

/** [unix time in s, value] */
function pairOf(pair: unknown, labels: Labels): readonly [number, number] {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'number' || typeof pair[1] !== 'string') {
    throw malformed(`answered with a sample without a value: ${textOf(labels)}`);
  }
  return [pair[0], parsePrometheusValue(pair[1])];
}

/** As Prometheus spells a number, NaN or an infinity; `Number()` turns every mistake into NaN or another number. */
const VALUE = /^(?:NaN|[+-]?(?:Inf|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))$/;

/** The number in a sample's text. Throws prometheus_malformed for any other spelling, and for a number that no double can hold. */
export function parsePrometheusValue(text: string): number {
  const isInfinite = text.endsWith('Inf');
  const value = Number(isInfinite ? text.replace('Inf', 'Infinity') : text);
  if (!VALUE.test(text) || (Math.abs(value) === Infinity && !isInfinite)) {
    throw new DhalionError('prometheus_malformed', `${JSON.stringify(text.slice(0, 50))} is not a sample value`);
  }
  return value;
}

function textOf(labels: Labels): string {
  return excerptOf(JSON.stringify(labels));
}

function malformed(problem: string): DhalionError {
  return new DhalionError('prometheus_malformed', `Prometheus ${problem}`);
}
