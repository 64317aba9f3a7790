// The requests of one attempt: they share its time, and all carry the key by which a receiver recognizes a repetition.
import type { Clock } from '../clock.js';
import type { Action } from '../model/action.js';

/** For one request. */
export interface RequestLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface AttemptRequests {
  readonly headers: Readonly<Record<string, string>>;
  /** What is left of the attempt's time, for the next request. */
  readonly inTime: () => RequestLimits;
}

export function beginRequests(
  { webhook, clock, userAgent }: RequestsParts,
  action: Pick<Action, 'id'>,
  signal: AbortSignal,
): AttemptRequests {
  const deadlineMs = clock.elapsed() + webhook.timeoutMs;
  return {
    headers: { 'user-agent': userAgent, 'idempotency-key': `"${action.id}"` },
    inTime: () => ({ timeoutMs: Math.max(1, deadlineMs - clock.elapsed()), signal }),
  };
}

interface RequestsParts {
  readonly webhook: { readonly timeoutMs: number };
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly userAgent: string;
}
