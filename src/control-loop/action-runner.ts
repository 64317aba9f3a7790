// Carries out what was claimed: one call an action, from its first attempt to a known fate, across restarts of the service.
// Of several replicas, the one that holds the action's lease does it.
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
  /** Whether the topology's mode lets a call be made. */
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

  /** Starts the calls of all claimed actions whose call is not under way. */
  resume(openActions: readonly Action[]): void {
    for (const action of openActions) {
      if (action.state === 'claimed' && !this.#running.has(action.id) && !this.#stop.signal.aborted)
        this.#start(action);
    }
  }

  /** Waits no longer between attempts; resolves when the calls in flight are answered or parked. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #start(action: Action): void {
    const running = this.#run(action)
      .catch((error: unknown) => {
        // The action stays claimed; it is taken up again with the same key and body.
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
      await this.#fail(action, `there is no webhook ${JSON.stringify(action.webhook)} any more`);
      return;
    }
    let isSent = action.attempts > 0;
    const beforeAttempt = async (): Promise<boolean> => {
      const isAllowed = (await this.#mayCall(action)) && (await log.recordAttempt(action.id));
      isSent ||= isAllowed;
      return isAllowed;
    };
    // However long the receiver asks to be left alone, no other replica is to call it meanwhile.
    const beforeWait = (delayMs: number): Promise<boolean> =>
      this.#parts.lease.take(action.id, delayMs).catch((error: unknown) => {
        // The log is asked again before the attempt.
        logger.warn({ ...factsOf(action), error: describeError(error) }, 'cannot renew the lease while waiting');
        return true;
      });
    const sent = await sender.send(action, { beforeAttempt, beforeWait }, this.#stop.signal);
    if (sent.result === 'aborted' && this.#stop.signal.aborted) await this.#parts.lease.release(action.id);
    // What was never sent cannot have helped or harmed.
    const hasFailed = sent.result === 'failed' || (sent.result === 'expired' && !isSent);
    if (sent.result === 'refused') await this.#fail(action, sent.failure, await this.#refusalOf(action, sent));
    else if (hasFailed) await this.#fail(action, sent.failure);
    else if (sent.result === 'succeeded' || sent.result === 'expired') {
      // Whether an unanswered call took effect is judged by what is seen.
      await log.completeAction(action.id, this.#parts.clock.now(), failureOf(sent));
      logger.info({ ...factsOf(action), result: sent.result, failure: failureOf(sent) }, 'call completed, settling');
    }
  }

  /** Not while another replica has the action, nor while a person has paused it: it waits, until it expires. */
  async #mayCall(action: Action): Promise<boolean> {
    const { log, lease, webhooks, clock } = this.#parts;
    const timeoutMs = webhooks.get(action.webhook)?.timeoutMs ?? 0;
    if (!(await lease.take(action.id, timeoutMs))) return false;
    const nowMs = clock.now();
    if (nowMs >= action.expiresAtMs) return true;
    // What was begun in mode `enforce` is carried through; a revert is begun by nobody's alert.
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
