// PURE: the results of attempts, from the receiver's answers, and the words for failures.
import type { Refusal } from '../model/action.js';
import { excerptOf } from '../outbound/answer-excerpt.js';
import type { HttpAnswer } from '../outbound/http-client.js';
import { retryAfterMsOf } from '../outbound/retry-after.js';
import { classifyStatus } from './answer-classification.js';
import type { AttemptResult } from './webhook-call.js';

/** @param limits by operator, its largest possible parallelism; default: the refusal names none */
export function final(failure: string, limits: Refusal['limits'] = {}): AttemptResult {
  return { result: 'final', failure, ...(Object.keys(limits).length === 0 ? {} : { limits }) };
}

/** @param retryAfterMs null: the answer does not say */
export function retry(failure: string, retryAfterMs: number | null): AttemptResult {
  return { result: 'retry', failure, retryAfterMs };
}

export function isSuccess({ status }: Pick<HttpAnswer, 'status'>): boolean {
  return classifyStatus(status) === 'success';
}

/** The result of an answer that is no success: by its status, not before its Retry-After. */
export function refused(answer: HttpAnswer, failure: string, nowMs: number): AttemptResult {
  return classifyStatus(answer.status) === 'final' ? final(failure) : retry(failure, retryAfterMsOf(answer, nowMs));
}

/**
 * The failure for an answer that is no success: `answered 400: no such job`, `answered 301 (redirects are not followed)`.
 * @param question after a redirect, about a likely mistake: `is url the JobManager's?`
 */
export function describeAnswer({ status, body }: Pick<HttpAnswer, 'status' | 'body'>, question?: string): string {
  const isRedirect = status >= 300 && status < 400;
  const meaning = status === 412 ? ' (stale)' : isRedirect ? ' (redirects are not followed)' : '';
  const detail = isRedirect && question !== undefined ? question : excerptOf(body);
  return `answered ${status}${meaning}${detail === '' ? '' : `: ${detail}`}`;
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
