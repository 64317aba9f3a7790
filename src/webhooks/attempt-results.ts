// PURE: the results of attempts that did not succeed.
import type { Refusal } from '../model/action.js';
import { excerptOf } from '../outbound/answer-excerpt.js';
import type { HttpAnswer } from '../outbound/http-client.js';
import type { AttemptResult } from './webhook-call.js';

/** @param limits by operator, its largest possible parallelism; default: the refusal names none */
export function final(failure: string, limits: Refusal['limits'] = {}): AttemptResult {
  return { result: 'final', failure, ...(Object.keys(limits).length === 0 ? {} : { limits }) };
}

/** @param retryAfterMs null: the answer does not say */
export function retry(failure: string, retryAfterMs: number | null): AttemptResult {
  return { result: 'retry', failure, retryAfterMs };
}

/**
 * The failure for a 2xx answer with an unexpected body: `answered 200, but not with resource requirements: is url the REST API of a
 * Flink JobManager? It begins: <html>`.
 */
export function describeOtherAnswer({ status, quotable }: HttpAnswer, expected: string, question: string): string {
  const excerpt = excerptOf(quotable());
  const what = `answered ${status}, but not with ${expected}: ${question}`;
  return excerpt === '' ? what : `${what} It begins: ${excerpt}`;
}
