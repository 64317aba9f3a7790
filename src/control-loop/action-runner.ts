// Carries out claimed actions: one call for each, from its first attempt to a known fate, across restarts of the service.
// Among several replicas, the holder of the action's lease makes the call.
import type { ActionLog } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import { describeError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import type { Action, Refusal } from '../model/action.js';
import { isPausedBy } from '../model/pause.js';
import { webhookMarkOf } from '../webhooks/webhook-mark.js';
import type { SendResult, WebhookSender } from '../webhooks/webhook-sender.js';
import { factsOf } from './action-facts.js';
import type { Lease } from './lease.js';

export interface ActionRunnerParts {
  readonly log: ActionLog;
  readonly lease: Lease;
  /** By webhook name. */
  readonly senders: ReadonlyMap<string, WebhookSender>;
  readonly webhooks: ReadonlyMap<string, WebhookSettings>;
  /** Whether the topology's mode is `enforce`. */
  readonly isEnforced: (topology: string) => boolean;
  readonly metrics: ServiceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ActionRunner {
  readonly #parts: ActionRunnerParts;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: ActionRunnerParts) {
    this.#parts = parts;
  }

  /** Starts the calls of all claimed actions that have no call under way. */
  resume(openActions: readonly Action[]): void {
    for (const action of openActions) {
      const isDue = action.state === 'claimed' && !action.dryRun;
      if (isDue && !this.#running.has(action.id) && !this.#stop.signal.aborted) this.#start(action);
    }
  }

  /** Ends the waits between attempts; resolves when the calls in flight are answered or parked. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #start(action: Action): void {
    const running = this.#run(action)
      .catch((error: unknown) => {
        // The action stays claimed and is resumed with the same key and body.
        this.#parts.logger.error(
          { ...factsOf(action), error: describeError(error) },
          'the action log failed during a call',
        );
      })
      .finally(() => this.#running.delete(action.id));
    this.#running.set(action.id, running);
  }

  async #run(action: Action): Promise<void> {
    const { senders, log, logger } = this.#parts;
    if (!(await this.#mayCall(action))) return;
    const sender = senders.get(action.webhook);
    if (sender === undefined) {
      await this.#fail(action, `webhook ${JSON.stringify(action.webhook)} is no longer configured`);
      return;
    }
    let isSent = action.attempts > 0;
    const beforeAttempt = async (): Promise<boolean> => {
      const isAllowed = (await this.#mayCall(action)) && (await log.recordAttempt(action.id));
      isSent ||= isAllowed;
      return isAllowed;
    };
    // No other replica may call the receiver while it asks for a pause, however long.
    const beforeWait = (delayMs: number): Promise<boolean> =>
      this.#parts.lease.take(action.id, delayMs).catch((error: unknown) => {
        // mayCall reads the log again before the attempt.
        logger.warn({ ...factsOf(action), error: describeError(error) }, 'cannot renew the lease while waiting');
        return true;
      });
    const sent = await sender.send(action, { beforeAttempt, beforeWait }, this.#stop.signal);
    if (sent.result === 'aborted' && this.#stop.signal.aborted) await this.#parts.lease.release(action.id);
    // A call that was never sent cannot have helped or harmed.
    const hasFailed = sent.result === 'failed' || (sent.result === 'expired' && !isSent);
    if (sent.result === 'refused') await this.#fail(action, sent.failure, await this.#refusalOf(action, sent));
    else if (hasFailed) await this.#fail(action, sent.failure);
    else if (sent.result === 'succeeded' || sent.result === 'expired') {
      // Measurements decide whether an unanswered call took effect.
      await log.completeAction(action.id, this.#parts.clock.now(), failureOf(sent));
      logger.info({ ...factsOf(action), result: sent.result, failure: failureOf(sent) }, 'call completed, settling');
    }
  }

  /** Another replica's lease or a person's pause holds the call back, until it expires. */
  async #mayCall(action: Action): Promise<boolean> {
    const { log, lease, webhooks, clock } = this.#parts;
    const timeoutMs = webhooks.get(action.webhook)?.timeoutMs ?? 0;
    if (!(await lease.take(action.id, timeoutMs))) return false;
    const nowMs = clock.now();
    if (nowMs >= action.expiresAtMs) return true;
    // An action claimed in mode `enforce` is completed in any mode; a revert follows the present mode, since no alert asked
    // for it.
    if (action.resolver === 'revert' && !this.#parts.isEnforced(action.topology)) return false;
    const pauses = await log.pauses(nowMs);
    return !pauses.some((pause) => isPausedBy(pause, action.topology, action.resolver, nowMs));
  }

  async #refusalOf({ webhook: name }: Action, { limits }: Pick<Refusal, 'limits'>): Promise<Refusal> {
    const webhook = this.#parts.webhooks.get(name);
    return { webhookMark: webhook === undefined ? '' : await webhookMarkOf(webhook), limits };
  }

  async #fail(action: Action, failure: string, refusal?: Refusal): Promise<void> {
    const { log, metrics, clock, logger } = this.#parts;
    const failed = refusal === undefined ? { failure } : { failure, refusal };
    if (!(await log.judgeAction(action.id, 'failed', clock.now(), failed))) return;
    metrics.recordAction({ ...action, outcome: 'failed' });
    logger.warn({ ...factsOf(action), failure }, 'action failed');
  }
}

function failureOf(sent: SendResult): string | null {
  return 'failure' in sent ? sent.failure : null;
}
