// One attempt to carry out an action. Repetition, expiry and the action log are the same for all types (webhook-sender.ts).
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { Action, Refusal } from '../model/action.js';
import type { HttpClient } from '../outbound/http-client.js';

/** The result of one attempt. `failure` is text for people. */
export type AttemptResult =
  | { readonly result: 'success' }
  /** Refused permanently; `limits`: by operator, the largest parallelism that the refusal allows. */
  | { readonly result: 'final'; readonly failure: string; readonly limits?: Refusal['limits'] }
  | { readonly result: 'retry'; readonly failure: string; readonly retryAfterMs: number | null };

/** One attempt; rejects with the faults of `HttpClient.call`. */
export type WebhookCall = (action: Action, signal: AbortSignal) => Promise<AttemptResult>;

export interface CallParts {
  /** For the requests of the call: each is counted. */
  readonly http: Pick<HttpClient, 'call'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
}
