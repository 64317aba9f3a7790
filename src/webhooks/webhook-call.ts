// What a type of webhook is: how an action is written down as a request, and how one attempt at it is made. Repetition, expiry
// and the action log are the same for all types and know none of them (webhook-sender.ts).
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { Action, ActionRequest, Refusal } from '../model/action.js';
import type { HttpClient } from '../outbound/http-client.js';
import type { WebhookBody } from './webhook-body.js';

/** What one attempt came to. A `failure` is text for people. */
export type AttemptResult =
  | { readonly result: 'success' }
  /** Refused for good; `limits`: by operator, the most that the refusal says it can have. */
  | { readonly result: 'final'; readonly failure: string; readonly limits?: Refusal['limits'] }
  | { readonly result: 'retry'; readonly failure: string; readonly retryAfterMs: number | null };

/** One attempt; rejects with the faults of `HttpClient.call`. */
export type WebhookCall = (action: Action, signal: AbortSignal) => Promise<AttemptResult>;

export interface CallParts {
  /** For the requests that carry the action out: each is counted. */
  readonly http: Pick<HttpClient, 'call'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
}

export interface WebhookType {
  /**
   * What is written to the action log before anything is sent, and is all that an attempt knows of what is wanted: state, never a
   * difference, so that an attempt can be made again.
   * @throws DhalionError config_invalid if a template cannot be rendered
   */
  renderRequest(body: WebhookBody): ActionRequest;
  createCall(parts: CallParts): WebhookCall;
}
