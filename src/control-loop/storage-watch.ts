// Whether the action log can be used: tried every few seconds, and doubted as soon as something fails because of it.
import type { ActionLog } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';

export interface StorageWatchParts {
  readonly log: Pick<ActionLog, 'check'>;
  readonly metrics: Pick<ServiceMetrics, 'setStorageUp'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const CHECK_INTERVAL_MS = 5000;
/** How long a good check answers for: every open page asks, and a probe must not wait to learn of a fault. */
const FRESH_MS = 1000;

export class StorageWatch {
  readonly #parts: StorageWatchParts;
  #problem: string | null = null;
  /** When the last check began that found nothing wrong. */
  #wellAtMs = -Infinity;
  #checking: Promise<void> | null = null;

  constructor(parts: StorageWatchParts) {
    this.#parts = parts;
  }

  /** Resolves when the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#checkOnce();
      await this.#parts.clock.sleep(CHECK_INTERVAL_MS, signal);
    }
  }

  /**
   * What is wrong, in words; null: nothing. A check writes, and many ask: what the last one found counts while it is fresh.
   * Once something is wrong each question tries again.
   */
  async problem(): Promise<string | null> {
    const isFresh = this.#parts.clock.now() - this.#wellAtMs < FRESH_MS;
    if (this.#problem !== null || !isFresh) await this.#checkOnce();
    return this.#problem;
  }

  /** Logs once when it changes that the action log cannot be used; other faults are not about it. */
  noteFault(error: unknown): void {
    if (!(error instanceof DhalionError && error.code === 'storage_unavailable')) return;
    const { logger, metrics } = this.#parts;
    const problem = describeError(error);
    if (this.#problem !== problem) logger.error({ error: problem }, 'the action log cannot be used');
    this.#problem = problem;
    metrics.setStorageUp(false);
  }

  #checkOnce(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #check(): Promise<void> {
    const { log, metrics, clock, logger } = this.#parts;
    const beganAtMs = clock.now();
    try {
      await log.check();
      if (this.#problem !== null) logger.info({}, 'the action log can be used again');
      this.#problem = null;
      this.#wellAtMs = beganAtMs;
    } catch (error) {
      this.noteFault(error);
    }
    metrics.setStorageUp(this.#problem === null);
  }
}
