// Parses the answers of Prometheus, or of a proxy or a compatible server, to instant and range queries. The HTTP status decides
// first: a proxy's answer is seldom JSON, and errorType has different meanings among servers.
import { DhalionError } from '../errors.js';
import { excerptOf } from '../outbound/answer-excerpt.js';
import type { HttpAnswer } from '../outbound/http-client.js';
import { isObject, parseList, parseObject, type JsonObject } from '../outbound/json-object.js';
import type { QueryRange, RangeSeries, VectorSample } from './prometheus-client.js';
import { countInstants, stepAt } from './range-steps.js';

/** The used part of an answer. */
type Answer = Pick<HttpAnswer, 'status' | 'body'>;

/** 429 and 5xx: the same query may succeed later. */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status <= 599);
}

/** Longer answers are parsed in pieces of about this length, which takes some ms each: one of 11 MB would take 200 at once. */
const PIECE_LENGTH = 262_144;

/**
 * The samples of a complete instant vector, in the answer's order, read as they are asked for. Throws `DhalionError`:
 * prometheus_rejected for any other status than 2xx, prometheus_partial where data may be missing, prometheus_malformed for
 * everything else.
 */
export function* parseQueryAnswer(answer: Answer, pieceLength = PIECE_LENGTH): Generator<VectorSample> {
  const wanted: Wanted = { type: 'vector', needed: 'an instant vector', pieceLength };
  for (const item of itemsOf(answer, wanted)) yield sampleOf(item);
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
  const wanted: Wanted = { type: 'matrix', needed: 'a matrix', pieceLength, codeOf: rangeRejectionCode };
  for (const item of itemsOf(answer, wanted)) yield seriesOf(item, range);
}

interface Wanted {
  readonly type: 'vector' | 'matrix';
  readonly needed: string;
  readonly pieceLength: number;
  /** Default: prometheus_rejected. */
  readonly codeOf?: (status: number, envelope: JsonObject | null) => RejectionCode;
}

/** The beginning of an answer of Prometheus and compatible servers, up to the first series. Any other answer is parsed whole. */
const HEAD =
  /^\{"status":"success",(?:"isPartial":(?:true|false),)?"data":\{"resultType":"(?:vector|matrix)","result":\[(?=\{"metric":)/;

/** A quote within a string is escaped, so this occurs between two series and never within one. */
const BETWEEN = ',{"metric":';

/** The members of the result. The answer is judged before the first of them. */
function* itemsOf(answer: Answer, wanted: Wanted): Generator {
  const { body } = answer;
  const { pieceLength } = wanted;
  const first = body.length > pieceLength ? (HEAD.exec(body)?.[0].length ?? body.length) : body.length;
  const last = body.lastIndexOf(BETWEEN) + 1;
  // With the last of its series alone the answer is complete and short.
  const envelope = last > first ? parseObject(body.slice(0, first) + body.slice(last)) : null;
  if (envelope === null) return yield* resultOf(answer, parseObject(body), wanted);
  const lastItems = resultOf(answer, envelope, wanted);
  let count = 0;
  for (let from = first, to = first; from < last; from = to + 1) {
    to = body.lastIndexOf(BETWEEN, Math.min(from + pieceLength, last));
    // A series may be longer than a piece.
    if (to < from) to = body.indexOf(BETWEEN, from);
    const items = parseList(`[${body.slice(from, to)}]`);
    // The list ends within the piece, and another one follows that has such members too.
    if (items === null) return yield* resultOf(answer, parseObject(body), wanted).slice(count);
    yield* items;
    count += items.length;
  }
  yield* lastItems;
}

type RejectionCode = 'prometheus_rejected' | 'prometheus_timeout' | 'range_too_large';

function resultOf(answer: Answer, envelope: JsonObject | null, wanted: Wanted): readonly unknown[] {
  const { type, needed, codeOf = () => 'prometheus_rejected' } = wanted;
  if (answer.status < 200 || answer.status > 299 || envelope?.['status'] === 'error') {
    throw rejection(answer, envelope, codeOf(answer.status, envelope));
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
    throw malformed(`answered with ${given} where ${needed} is needed`);
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

function sampleOf(item: unknown): VectorSample {
  const { metric: labels, value } = labelledOf(item);
  return { labels, value: pairOf(value, labels)[1] };
}

function seriesOf(item: unknown, range: QueryRange): RangeSeries {
  const { metric: labels, values } = labelledOf(item);
  if (!Array.isArray(values)) throw malformed(`answered with a series without values: ${textOf(labels)}`);
  const byStep = new Array<number | undefined>(countInstants(range));
  for (const pair of values as readonly unknown[]) {
    const [atS, value] = pairOf(pair, labels);
    const step = stepAt(range, atS * 1000);
    if (step === null) throw malformed(`answered for instants that were not asked for: ${textOfInstants(atS, range)}`);
    byStep[step] = value;
  }
  return { labels, values: byStep };
}

function textOfInstants(atS: number, { startMs, endMs, stepMs }: QueryRange): string {
  return `${atS}, where ${startMs / 1000} to ${endMs / 1000} every ${stepMs / 1000} s was the question (unix seconds)`;
}

type Labels = Readonly<Record<string, string>>;

function labelledOf(item: unknown): JsonObject & { readonly metric: Labels } {
  if (!isObject(item) || !isLabelled(item)) throw malformed('answered with a sample without labels');
  const isHistogram = item['value'] === undefined && item['values'] === undefined;
  if (isHistogram && (item['histogram'] ?? item['histograms']) !== undefined) {
    throw malformed(`answered with a native histogram where a number is needed: ${textOf(item.metric)}`);
  }
  return item;
}

function isLabelled(item: JsonObject): item is JsonObject & { readonly metric: Labels } {
  const { metric } = item;
  if (!isObject(metric)) return false;
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

/** JSON has none of these, so that values are strings; JavaScript's `Number()` turns them, and every mistake, into NaN. */
const SPECIAL_VALUES: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number in a sample's text. Throws prometheus_malformed for any other spelling, and for a number that no double can hold. */
export function parsePrometheusValue(text: string): number {
  const value = DECIMAL.test(text) ? Number(text) : (SPECIAL_VALUES.get(text) ?? null);
  if (value === null || (!Number.isFinite(value) && !SPECIAL_VALUES.has(text))) {
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
