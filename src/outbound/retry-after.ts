// The Retry-After header (RFC 9110, section 10.2.3). What to retry is the caller's business.
import type { HttpAnswer } from './http-client.js';

/** How long the answer asks to wait, ms: delay-seconds, or an HTTP date seen from `nowMs`. null: it does not say, or not legibly. */
export function retryAfterMsOf(answer: Pick<HttpAnswer, 'headers'>, nowMs: number): number | null {
  const text = answer.headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Date.parse alone reads almost anything as a date; an HTTP date opens with a day's name.
  const atMs = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
