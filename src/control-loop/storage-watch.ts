// Whether the action log can be used: checked every few seconds, and again as soon as something fails because of it.
import type { ActionLog } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import { SharedReading } from './shared-reading.js';

export interface StorageWatchParts {
  readonly log: Pick<ActionLog, 'check'>;
  readonly metrics: Pick<ServiceMetrics, 'setStorageUp'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const CHECK_INTERVAL_MS = 5000;
/** How long a good check is reused: every open page asks, but a probe must learn of a fault soon. */
const FRESH_MS = 1000;

export class StorageWatch {
  readonly #parts: StorageWatchParts;
  /** Shared, because a check writes and many ask. */
  readonly #checks: SharedReading;
  #problem: string | null = null;

  constructor(parts: StorageWatchParts) {
    this.#parts = parts;
    this.#checks = new SharedReading(() => this.#check(), parts.clock, FRESH_MS);
  }

  /** Resolves when the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#checks.recent();
      await this.#parts.clock.sleep(CHECK_INTERVAL_MS, signal);
    }
  }

  /** The fault in words; null: none. While there is a fault, every call checks again. */
  async problem(): Promise<string | null> {
    await this.#checks.recent();
    return this.#problem;
  }

  /** Logs once when the action log becomes unusable; ignores other faults. */
  noteFault(error: unknown): void {
    if (!(error instanceof DhalionError && error.code === 'storage_unavailable')) return;
    const { logger, metrics } = this.#parts;
    const problem = describeError(error);
    if (this.#problem !== problem) logger.error({ error: problem }, 'the action log cannot be used');
    this.#problem = problem;
    this.#checks.forget();
    metrics.setStorageUp(false);
  }

  async #check(): Promise<void> {
    const { log, metrics, logger } = this.#parts;
    try {
      await log.check();
      if (this.#problem !== null) logger.info({}, 'the action log can be used again');
      this.#problem = null;
    } catch (error) {
      this.noteFault(error);
    }
    metrics.setStorageUp(this.#problem === null);
  }
}
