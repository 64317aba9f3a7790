// Reads the action log for the control loop, and keeps what it last said for when it does not answer.
import type { LogReads } from '../action-log/action-log.js';
import { describeError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { RecallHorizon } from './recall-horizon.js';
import { NOTHING_RECALLED, RecalledLog } from './recalled-log.js';

type RecallableLog = Pick<
  LogReads,
  'actions' | 'openActions' | 'tellingActions' | 'refusedActions' | 'blacklistRemovals' | 'pauses'
>;

/** At most this many actions are read, and as many dry runs; far more than `limits` allow. */
const MAX_ACTIONS = 10_000;

export class LogReader {
  readonly #log: RecallableLog;
  readonly #logger: Logger;
  #last = NOTHING_RECALLED;
  #readsBegun = 0;
  #newestRead = 0;

  constructor(log: RecallableLog, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
  }

  /** What the log last said, for observers. */
  get last(): RecalledLog {
    return this.#last;
  }

  /** Takes over what the reader of an earlier configuration was last told. */
  adopt(previous: LogReader): void {
    this.#last = previous.#last;
  }

  /** Never rejects: without its log the service does not act, but keeps observing with what it last knew. */
  async recall(horizon: RecallHorizon): Promise<RecalledLog> {
    this.#readsBegun += 1;
    const read = this.#readsBegun;
    try {
      const recalled = await this.#read(horizon);
      // A read that is overtaken by one that began later is older.
      if (read > this.#newestRead) {
        this.#newestRead = read;
        this.#last = recalled;
      }
      return recalled;
    } catch (error) {
      this.#logger.debug({ error: describeError(error) }, 'the action log does not answer');
      return this.#last.outdated();
    }
  }

  async #read(horizon: RecallHorizon): Promise<RecalledLog> {
    const log = this.#log;
    const { nowMs, actionsSinceMs: sinceMs, recentSinceMs, tellingSinceMs, refusedSinceMs } = horizon;
    const [real, dryRuns, open, telling, refused, removals, pauses] = await Promise.all([
      log.actions({ sinceMs, limit: MAX_ACTIONS, dryRun: false }),
      // Dry runs have limits of their own, and must not crowd out the real ones.
      log.actions({ sinceMs, limit: MAX_ACTIONS, dryRun: true }),
      log.openActions(),
      log.tellingActions(Math.max(0, tellingSinceMs)),
      log.refusedActions(refusedSinceMs),
      log.blacklistRemovals(),
      log.pauses(nowMs),
    ]);
    const recent = real.filter(({ claimedAtMs }) => claimedAtMs >= recentSinceMs);
    return new RecalledLog({ actions: [...real, ...dryRuns], recent, open, telling, refused, removals, pauses });
  }
}
