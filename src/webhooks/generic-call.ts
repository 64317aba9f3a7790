// One attempt at a webhook of type generic: headers, signature, one HTTP call, and what its answer means.
// Repetition, expiry and the action log are left to webhook-sender.ts.
import type { Clock } from '../clock.js';
import type { WebhookSettings } from '../config/configuration.js';
import type { Action } from '../model/action.js';
import type { HttpAnswer, HttpClient } from '../outbound/http-client.js';
import { retryAfterMsOf } from '../outbound/retry-after.js';
import { classifyStatus } from './answer-classification.js';
import { readSigningSecret, signatureOf } from './signature.js';

/** What one attempt came to. A `failure` is text for people. */
export type AttemptResult =
  | { readonly result: 'success' }
  | { readonly result: 'final'; readonly failure: string }
  | { readonly result: 'retry'; readonly failure: string; readonly retryAfterMs: number | null };

/** One attempt; rejects with the faults of `HttpClient.call`. Every webhook type is one of these. */
export type WebhookCall = (action: Action, signal: AbortSignal) => Promise<AttemptResult>;

export const MAX_ANSWER_BYTES = 64 * 1024;
const EXCERPT_LENGTH = 200;

export function createGenericCall(parts: {
  readonly webhook: WebhookSettings;
  readonly http: Pick<HttpClient, 'call'>;
  readonly clock: Clock;
  readonly userAgent: string;
}): WebhookCall {
  const { webhook, http, clock, userAgent } = parts;
  return async (action, signal) => {
    const answer = await http.call({
      url: action.request.url,
      method: action.request.method,
      headers: await headersOf(action, webhook, userAgent, clock.now()),
      body: action.request.body,
      timeoutMs: webhook.timeoutMs,
      maxResponseBytes: MAX_ANSWER_BYTES,
      ifTooLong: 'cut',
      signal,
    });
    return attemptResultOf(answer, clock.now());
  };
}

/** The user's headers may replace the user agent, but not the key, nor id, timestamp and signature. */
async function headersOf(
  action: Action,
  webhook: WebhookSettings,
  userAgent: string,
  nowMs: number,
): Promise<Record<string, string>> {
  const timestampS = Math.floor(nowMs / 1000);
  const lowerCased = Object.entries(webhook.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const usersOwn = lowerCased.filter(([name]) => name !== 'webhook-signature');
  return {
    'user-agent': userAgent,
    ...Object.fromEntries(usersOwn),
    'content-type': action.request.contentType,
    'idempotency-key': `"${action.id}"`,
    'webhook-id': action.id,
    'webhook-timestamp': String(timestampS),
    ...(webhook.signingSecretFile === null
      ? {}
      : {
          'webhook-signature': signatureOf(
            await readSigningSecret(webhook.signingSecretFile),
            action.id,
            timestampS,
            action.request.body,
          ),
        }),
  };
}

function attemptResultOf(answer: HttpAnswer, nowMs: number): AttemptResult {
  const result = classifyStatus(answer.status);
  if (result === 'success') return { result };
  const failure = describeAnswer(answer);
  if (result === 'final') return { result, failure };
  return { result, failure, retryAfterMs: retryAfterMsOf(answer, nowMs) };
}

function describeAnswer(answer: HttpAnswer): string {
  const excerpt = excerptOf(answer.body);
  return `answered ${answer.status}${meaningOf(answer.status)}${excerpt === '' ? '' : `: ${excerpt}`}`;
}

function meaningOf(status: number): string {
  if (status === 412) return ' (stale)';
  return status >= 300 && status < 400 ? ' (redirects are not followed)' : '';
}

/** The start of an answer's body on one line; nothing in it can steer a terminal or forge a line of a log. */
function excerptOf(body: string): string {
  const oneLine = body.slice(0, 4 * EXCERPT_LENGTH).replace(/[\p{C}\p{Z}\s]+/gu, ' ');
  return Array.from(oneLine.trim()).slice(0, EXCERPT_LENGTH).join('');
}
