// Sends an action to its webhook until it succeeds, is refused, expires or has no attempts left. This file does repetition and shutdown.
// The webhook type's call makes a single attempt; the action log (behind `beforeAttempt`) counts attempts.
import type { Clock } from '../clock.js';
import type { WebhookSettings } from './webhook-types.js';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Action, Refusal } from '../model/action.js';
import type { HttpClient } from '../outbound/http-client.js';
import { whenAborted } from '../when-aborted.js';
import { classifyFault, isUnanswered } from './answer-classification.js';
import { observedHttpClient } from './observed-http-client.js';
import { nextAttemptDelayMs } from './retry-schedule.js';
import type { AttemptResult, WebhookCall } from './webhook-call.js';
import { webhookTypeOf } from './webhook-types.js';

export type SendResult =
  /** Answered with 2xx. */
  | { readonly result: 'succeeded' }
  /** Permanently: the same call would be refused again. */
  | { readonly result: 'refused'; readonly failure: string; readonly limits: Refusal['limits'] }
  /** No attempts left, and each was answered or never reached the receiver; or no time left, and none reached it. */
  | { readonly result: 'failed'; readonly failure: string }
  /** No time or no attempts left; whether a call took effect is not known. */
  | { readonly result: 'expired'; readonly failure: string }
  /** Stopped by the signal or by a hook: the action log is unchanged; if still claimed, send it again later. */
  | { readonly result: 'aborted' };

export interface SendHooks {
  /** Records one more attempt; resolves false if the action must not be sent (cancelled). `send` rejects with its rejection. */
  readonly beforeAttempt: () => Promise<boolean>;
  /** Gets the time until the next attempt; resolves false if there must be none. `send` rejects with its rejection. */
  readonly beforeWait?: (delayMs: number) => Promise<boolean>;
}

export interface WebhookSender {
  /**
   * Sends `action.request`, with the same key on every attempt; attempts already recorded in the action count.
   * When `signal` aborts, waiting ends at once; a call in flight has `shutdownGraceMs` to get its answer.
   */
  send(action: Action, hooks: SendHooks, signal: AbortSignal): Promise<SendResult>;
}

export interface WebhookSenderParts {
  readonly webhook: WebhookSettings;
  readonly http: HttpClient;
  readonly clock: Clock;
  /** 0 ≤ r < 1, for jitter. */
  readonly random: () => number;
  /** `dhalion/<version>`. */
  readonly userAgent: string;
  /** Once per HTTP call; `code` is the status, or `timeout`, `network`, `aborted`. */
  readonly onCall?: (webhook: string, code: string, durationMs: number) => void;
  readonly logger: Logger;
  /** Default 5 s. */
  readonly shutdownGraceMs?: number;
}

const SHUTDOWN_GRACE_MS = 5000;

/** How far an attempt got: it reached nobody, it got no answer, or it was answered. */
type Reach = 'nobody' | 'unanswered' | 'answered';
type Attempted = (AttemptResult & { readonly reach: Reach }) | { readonly result: 'aborted' };

export function createWebhookSender(parts: WebhookSenderParts): WebhookSender {
  const { webhook, clock, random } = parts;
  const call = createCall(parts);

  async function attempt(action: Action, signal: AbortSignal): Promise<Attempted> {
    const grace = graceAfter(signal, parts.shutdownGraceMs ?? SHUTDOWN_GRACE_MS, clock);
    try {
      return { ...(await call(action, grace.signal)), reach: 'answered' };
    } catch (error) {
      return failedAttempt(error);
    } finally {
      grace.end();
    }
  }

  async function send(action: Action, hooks: SendHooks, signal: AbortSignal): Promise<SendResult> {
    // The answer to the last attempt of an earlier run is not known: the attempt is repeated, and counted once.
    let attempts = Math.max(0, action.attempts - 1);
    // The log does not say whether one of them took effect.
    let hasLeft = action.attempts > 0;
    let mayHaveWorked = hasLeft;
    let lastFailure: string | null = null;
    // A call that reached nobody had no effect, whether attempts or time ran out first: jitter alone decides that.
    const ended = (failure: string): SendResult => ({ result: hasLeft ? 'expired' : 'failed', failure });
    const nowMs = unsetClock(clock);
    for (;;) {
      const over = overBeforeAttempt(action, attempts, webhook.maxAttempts, nowMs());
      if (over !== null) return lastFailure === null ? over : ended(lastFailure);
      if (signal.aborted || !(await hooks.beforeAttempt())) return { result: 'aborted' };
      attempts += 1;
      const attempted = await attempt(action, signal);
      if (attempted.result === 'success') return { result: 'succeeded' };
      if (attempted.result === 'aborted') return attempted;
      logFailure(parts, action, attempts, attempted);
      const { failure } = attempted;
      if (attempted.result === 'final') {
        return { result: 'refused', failure, limits: attempted.limits ?? {} };
      }
      lastFailure = failure;
      hasLeft ||= attempted.reach !== 'nobody';
      mayHaveWorked ||= attempted.reach === 'unanswered';
      const next = nextAttemptDelayMs({
        attempts,
        maxAttempts: webhook.maxAttempts,
        retryAfterMs: attempted.retryAfterMs,
        nowMs: nowMs(),
        expiresAtMs: action.expiresAtMs,
        random,
      });
      if (next === 'exhausted') return { result: mayHaveWorked ? 'expired' : 'failed', failure };
      if (next === 'expired') return ended(failure);
      if ((await hooks.beforeWait?.(next.delayMs)) === false) return { result: 'aborted' };
      await clock.sleep(next.delayMs, signal);
    }
  }

  return { send };
}

function createCall(parts: WebhookSenderParts): WebhookCall {
  const { webhook, clock, logger, userAgent } = parts;
  const http = observedHttpClient(parts.http, clock, (code, durationMs) =>
    parts.onCall?.(webhook.name, code, durationMs),
  );
  return webhookTypeOf(webhook).createCall(webhook, { http, clock, logger, userAgent });
}

/** Wall time that is independent of later clock changes: the action expires by elapsed time. */
function unsetClock(clock: Clock): () => number {
  const startedAtMs = clock.now();
  const startedMs = clock.elapsed();
  return () => startedAtMs + Math.round(clock.elapsed() - startedMs);
}

/** Why not even a first attempt is made: the action has waited, or was tried before a restart. */
function overBeforeAttempt(action: Action, attempts: number, maxAttempts: number, nowMs: number): SendResult | null {
  if (nowMs >= action.expiresAtMs) {
    const unsent = action.attempts === 0 ? 'not sent before it expired' : 'not answered before it expired';
    return { result: 'expired', failure: action.failure ?? unsent };
  }
  if (attempts >= maxAttempts) {
    const failure = `all ${maxAttempts} attempts are used, and the answer to the last one is not known`;
    return { result: 'expired', failure: action.failure ?? failure };
  }
  return null;
}

/** What a call that threw came to. Throws what is no fault of the call. */
function failedAttempt(error: unknown): Attempted {
  if (!(error instanceof DhalionError)) throw error;
  const result = classifyFault(error.code);
  if (result === null) throw error;
  if (result === 'aborted') return { result };
  const failure = describeError(error);
  const reach = isUnanswered(error.code) ? 'unanswered' : 'nobody';
  if (result === 'final') return { result, failure, reach };
  return { result, failure, retryAfterMs: null, reach };
}

/** A signal that aborts `graceMs` after the given one does; `end` releases it. */
function graceAfter(signal: AbortSignal, graceMs: number, clock: Clock): { signal: AbortSignal; end: () => void } {
  const graceOver = new AbortController();
  const ended = new AbortController();
  const onAbort = (): void => {
    void clock.sleep(graceMs, ended.signal).then(() => {
      graceOver.abort();
    });
  };
  const stopWaiting = whenAborted(signal, onAbort);
  return {
    signal: graceOver.signal,
    end: () => {
      stopWaiting();
      ended.abort();
    },
  };
}

function logFailure(
  { logger, webhook }: WebhookSenderParts,
  action: Action,
  attempt: number,
  { failure }: { readonly failure: string },
): void {
  logger.warn(
    { webhook: webhook.name, topology: action.topology, action: action.id, attempt, failure },
    'webhook call failed',
  );
}
