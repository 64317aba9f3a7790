// Composition root and lifecycle: one action log, and a control loop that is replaced when the configuration is reloaded. It
// decides nothing.
import { randomUUID } from 'node:crypto';
import type { ActionLog } from './action-log/action-log.js';
import { announceWrites } from './action-log/announce-writes.js';
import { presentTimeLog } from './action-log/present-time-log.js';
import type { Configuration } from './config/configuration.js';
import { ControlLoop, type ControlLoopParts } from './control-loop/control-loop.js';
import { StorageWatch } from './control-loop/storage-watch.js';
import { describeError } from './errors.js';
import type { ServiceView } from './http/service-view.js';
import { LiveService, type Present } from './live-service.js';
import type { Logger } from './logger.js';
import { Timeline } from './timeline.js';

export interface HealthManagerParts extends Omit<ControlLoopParts, 'holder' | 'onFault' | 'onLook'> {
  /** Reads the configuration again; `configuration` is the initial one. Rejects if it is invalid. */
  readonly loadConfiguration: () => Promise<Configuration>;
}

export class HealthManager {
  readonly #parts: HealthManagerParts;
  readonly #holder: string;
  readonly #log: ActionLog;
  readonly #clock: Timeline;
  readonly #storage: StorageWatch;
  readonly #service: LiveService;
  readonly #stop = new AbortController();
  #present: Present;
  #watchingStorage: Promise<void> = Promise.resolve();
  #reloading: Promise<void> = Promise.resolve();

  constructor(parts: HealthManagerParts) {
    this.#parts = parts;
    const { configuration, logger, metrics } = parts;
    // An embedded log has one user: after a kill it gets its own leases back without waiting for their end.
    this.#holder = configuration.storage.postgresUrlFile === null ? 'the only replica' : randomUUID();
    this.#clock = new Timeline(parts.clock, (byMs) => {
      reportJump(logger, byMs);
    });
    this.#log = announceWrites(presentTimeLog(parts.log, this.#clock), (change) => {
      this.#service.announce(change);
    });
    this.#storage = new StorageWatch({ ...parts, clock: this.#clock });
    this.#service = new LiveService({
      log: this.#log,
      storage: this.#storage,
      metrics,
      clock: this.#clock,
      logger,
      present: () => this.#present,
      reload: () => this.reload(),
    });
    this.#present = { configuration, loop: this.#createLoop(configuration), refusal: null };
    metrics.recordConfigLoad(true, this.#clock.now());
  }

  /** What the HTTP interface shows and orders. */
  get service(): ServiceView {
    return this.#service;
  }

  start(): void {
    this.#present.loop.start();
    this.#watchingStorage = this.#storage.watch(this.#stop.signal);
  }

  /** Finishes or parks the calls under way; afterwards nothing acts. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#reloading;
    await this.#present.loop.stop();
    await this.#watchingStorage;
  }

  /** Rejects with the faults of the new configuration; the old one stays then. One reload at a time. */
  reload(): Promise<void> {
    const reloading = this.#reloading.then(() => this.#reload());
    // A failed reload must not fail the next one.
    this.#reloading = reloading.catch(() => undefined);
    return reloading;
  }

  #createLoop(configuration: Configuration): ControlLoop {
    const onFault = (error: unknown): void => {
      this.#storage.noteFault(error);
    };
    const onLook = (): void => {
      this.#service.announce('evaluation');
    };
    const parts = { ...this.#parts, configuration, clock: this.#clock, log: this.#log, holder: this.#holder };
    return new ControlLoop({ ...parts, onFault, onLook });
  }

  async #reload(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { logger, metrics, loadConfiguration } = this.#parts;
    let configuration: Configuration;
    try {
      configuration = await loadConfiguration();
    } catch (error) {
      metrics.recordConfigLoad(false, this.#clock.now());
      this.#present = { ...this.#present, refusal: describeRefusal(error) };
      this.#service.announce('evaluation');
      logger.error({ error: describeError(error) }, 'the configuration was not reloaded; the old one remains in force');
      throw error;
    }
    const previous = this.#present;
    if (JSON.stringify(configuration.storage) !== JSON.stringify(previous.configuration.storage)) {
      logger.warn({}, 'a change of storage takes effect at the next start');
    }
    const loop = this.#createLoop(configuration);
    await previous.loop.stop();
    loop.adopt(previous.loop);
    this.#present = { configuration, loop, refusal: null };
    this.#service.forget();
    loop.start();
    metrics.recordConfigLoad(true, this.#clock.now());
    logger.info({ topologies: configuration.topologies.length }, 'configuration reloaded');
  }
}

/** A machine that slept looks the same: its wall clock is ahead of the time that its programs had. */
function reportJump(logger: Logger, byMs: number): void {
  const seconds = Math.round(Math.abs(byMs) / 1000);
  logger.warn({ seconds, direction: byMs < 0 ? 'back' : 'forward' }, 'the wall clock was set');
}

/** The first line with a count of the rest; the log has all the lines. */
function describeRefusal(error: unknown): string {
  const [first = '', ...others] = describeError(error).split('\n');
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `The last reload was refused, and a restart would fail: ${first}${more}`;
}
