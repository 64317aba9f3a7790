// One attempt at a webhook of type generic: headers, signature, one HTTP call, and the meaning of its answer.
// webhook-sender.ts does repetition, expiry and the action log.
import type { GenericWebhookSettings } from './generic-settings.js';
import type { Action } from '../../model/action.js';
import { describeAnswer, isSuccess, refused } from '../attempt-results.js';
import { readSigningSecret, signatureOf } from './signature.js';
import type { CallParts, WebhookCall } from '../webhook-call.js';

export const MAX_ANSWER_BYTES = 64 * 1024;

export function createGenericCall(
  webhook: GenericWebhookSettings,
  { http, clock, userAgent }: Omit<CallParts, 'logger'>,
): WebhookCall {
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
    return isSuccess(answer) ? { result: 'success' } : refused(answer, describeAnswer(answer), clock.now());
  };
}

/** The configured headers can replace the user agent, but not key, id, timestamp and signature. */
async function headersOf(
  action: Action,
  webhook: GenericWebhookSettings,
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
