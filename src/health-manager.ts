// Composition root and lifecycle: one action log, and a control loop that is replaced when the configuration is reloaded. It
// presents both to the HTTP interface, and decides nothing.
import { randomUUID } from 'node:crypto';
import { announceWrites } from './action-log/announce-writes.js';
import { presentTimeLog } from './action-log/present-time-log.js';
import type { ActionLog, IncomingAlert, LogFilter, LoggedDecision } from './action-log/action-log.js';
import type { ForgetOrder, ForgottenInstances } from './action-log/instance-memories.js';
import type { Configuration } from './config/configuration.js';
import type { LabelPattern } from './config/label-pattern.js';
import { ControlLoop, type ControlLoopParts } from './control-loop/control-loop.js';
import { SharedReading } from './control-loop/shared-reading.js';
import { StorageWatch } from './control-loop/storage-watch.js';
import { viewTopologies, viewTopology, type ViewSources } from './control-loop/topology-views.js';
import { describeError } from './errors.js';
import type { HistoryView, ServiceView, TopologyView } from './http/service-view.js';
import type { Logger } from './logger.js';
import type { LastAction, LogSnapshot } from './metrics/evaluation-metrics.js';
import { createMetricsText, type MetricsSnapshot, type ScrapeText } from './metrics/metrics-text.js';
import type { ServiceMetrics } from './metrics/service-metrics.js';
import type { Action } from './model/action.js';
import type { BlacklistEntry } from './model/blacklist.js';
import type { Change } from './model/change.js';
import type { HistoryRange } from './model/operator-history.js';
import type { Pause } from './model/pause.js';
import type { ActionKind } from './model/resolver.js';
import { usualRange } from './sensors/operator-history.js';
import { Timeline } from './timeline.js';

export interface HealthManagerParts extends Omit<ControlLoopParts, 'holder' | 'onFault' | 'onLook'> {
  /** Reads the configuration again; `configuration` is the initial one. Rejects if it is invalid. */
  readonly loadConfiguration: () => Promise<Configuration>;
}

/** What a person wants to stop, and for how long. */
export interface PauseRequest {
  readonly topology: string | null;
  readonly resolver: ActionKind | null;
  readonly durationMs: number;
  readonly reason: string;
}

/** Rows of the log that a list of all topologies, or a scrape, is made from. */
const MAX_RECENT = 1000;
/** Actions that one history shows. */
const MAX_MARKS = 100;
/** Greatest age of what observers are shown of the action log, unless this process has changed it. */
const RECENT_MS = 1000;

export class HealthManager implements ServiceView {
  readonly #parts: HealthManagerParts;
  readonly #holder: string;
  readonly #log: ActionLog;
  readonly #clock: Timeline;
  readonly #logger: Logger;
  readonly #metrics: ServiceMetrics;
  readonly #storage: StorageWatch;
  readonly #recalling: SharedReading;
  readonly #views: SharedReading<readonly TopologyView[]>;
  readonly #scrape: SharedReading<ScrapeText>;
  readonly #stop = new AbortController();
  readonly #listeners: ((change: Change) => void)[] = [];
  #configuration: Configuration;
  #loop: ControlLoop;
  #watchingStorage: Promise<void> = Promise.resolve();
  #reloading: Promise<void> = Promise.resolve();
  /** Why the last reload was refused; null: it succeeded. */
  #refusal: string | null = null;
  #lastLogFacts: Pick<LogSnapshot, 'openActions' | 'lastActions'> = { openActions: [], lastActions: [] };

  constructor(parts: HealthManagerParts) {
    this.#parts = parts;
    // An embedded log has one user: after a kill it gets its own leases back without waiting for their end.
    this.#holder = parts.configuration.storage.postgresUrlFile === null ? 'the only replica' : randomUUID();
    this.#clock = new Timeline(parts.clock, (byMs) => {
      reportJump(parts.logger, byMs);
    });
    this.#log = announceWrites(presentTimeLog(parts.log, this.#clock), (change) => {
      if (change === 'blacklist') this.#recalling.forget();
      this.#announce(change);
    });
    this.#logger = parts.logger;
    this.#metrics = parts.metrics;
    this.#storage = new StorageWatch({ ...parts, clock: this.#clock });
    this.#recalling = new SharedReading(() => this.#loop.watch.recall(), this.#clock, RECENT_MS);
    this.#views = new SharedReading(async () => viewTopologies(await this.#viewSources({})), this.#clock, RECENT_MS);
    const renderScrape = createMetricsText(parts.metrics);
    // Concurrent scrapes share one reading; each later scrape gets a new one.
    this.#scrape = new SharedReading(async () => renderScrape(await this.#snapshot()), this.#clock, 0);
    this.#configuration = parts.configuration;
    this.#loop = this.#createLoop(parts.configuration);
    this.#metrics.recordConfigLoad(true, this.#clock.now());
  }

  start(): void {
    this.#loop.start();
    this.#watchingStorage = this.#storage.watch(this.#stop.signal);
  }

  /** Finishes or parks the calls under way; afterwards nothing acts. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#reloading;
    await this.#loop.stop();
    await this.#watchingStorage;
  }

  /** Rejects with the faults of the new configuration; the old one stays then. One reload at a time. */
  reload(): Promise<void> {
    const reloading = this.#reloading.then(() => this.#reload());
    // A failed reload must not fail the next one.
    this.#reloading = reloading.catch(() => undefined);
    return reloading;
  }

  alertNames(): LabelPattern {
    return this.#configuration.alerts.alertname;
  }

  async acceptAlerts(alerts: readonly IncomingAlert[]): Promise<void> {
    try {
      await this.#log.acceptAlerts(alerts, this.#clock.now());
    } catch (error) {
      this.#storage.noteFault(error);
      throw error;
    }
    this.#loop.decideSoon();
  }

  topologies(): Promise<readonly TopologyView[]> {
    return this.#views.recent();
  }

  async topology(name: string): Promise<TopologyView | null> {
    const isListed = this.#configuration.topologies.some((topology) => topology.name === name);
    if (!isListed && this.#loop.watch.find(name) === undefined) return null;
    return viewTopology(name, await this.#viewSources({ topology: name }));
  }

  knowsTopology(name: string): boolean {
    return this.#configuration.topologies.some((topology) => topology.name === name) || this.#loop.watch.hasSeen(name);
  }

  async history(topology: string, range: HistoryRange | null): Promise<HistoryView | null> {
    if (!this.knowsTopology(topology)) return null;
    const { evaluationIntervalMs, links, prometheus } = this.#configuration;
    const history = await this.#loop.histories.read(topology, range ?? usualRange(evaluationIntervalMs));
    const actions = await this.#log.actions({ topology, sinceMs: history.startMs, limit: MAX_MARKS });
    return { history, actions, links, ownMatchers: prometheus.ownMatchers };
  }

  actions(filter: LogFilter): Promise<readonly Action[]> {
    return this.#log.actions(filter);
  }

  action(id: string): Promise<Action | null> {
    return this.#log.action(id);
  }

  decisions(filter: LogFilter): Promise<readonly LoggedDecision[]> {
    return this.#log.decisions(filter);
  }

  async cancelAction(id: string): Promise<'cancelled' | 'over' | 'unknown'> {
    const result = await this.#log.cancelAction(id, this.#clock.now());
    if (result === 'cancelled') {
      this.#logger.info({ action_id: id }, 'action cancelled by hand');
      const action = await this.#log.action(id);
      if (action !== null) this.#metrics.recordAction({ ...action, outcome: 'cancelled' });
    }
    return result;
  }

  async blacklist(): Promise<readonly BlacklistEntry[]> {
    await this.#recalling.recent();
    return this.#loop.blacklist();
  }

  async removeBlacklistEntry(id: string): Promise<boolean> {
    await this.#loop.watch.recall();
    const entry = this.#loop.blacklist().find((candidate) => candidate.id === id);
    if (entry === undefined) return false;
    const { topology, operator, diagnosis, resolver } = entry;
    await this.#log.addBlacklistRemoval({ topology, operator, diagnosis, resolver, atMs: this.#clock.now() });
    await this.#loop.watch.recall();
    this.#logger.info({ topology, operator, diagnosis, resolver }, 'removed from the blacklist by hand');
    return true;
  }

  async forgetInstances(order: ForgetOrder): Promise<readonly ForgottenInstances[] | null> {
    const forgotten = await this.#loop.watch.forgetInstances(order);
    if (forgotten !== null) this.#logger.info({ ...order, forgotten }, 'remembered instances forgotten by hand');
    return forgotten;
  }

  pauses(): Promise<readonly Pause[]> {
    return this.#log.pauses(this.#clock.now());
  }

  async addPause({ topology, resolver, durationMs, reason }: PauseRequest): Promise<Pause> {
    const createdAtMs = this.#clock.now();
    const pause = { id: randomUUID(), topology, resolver, reason, createdAtMs, expiresAtMs: createdAtMs + durationMs };
    await this.#log.addPause(pause);
    this.#logger.info({ topology, resolver, reason, seconds: durationMs / 1000, pause_id: pause.id }, 'paused');
    return pause;
  }

  async endPause(id: string): Promise<boolean> {
    const isEnded = await this.#log.endPause(id, this.#clock.now());
    if (isEnded) this.#logger.info({ pause_id: id }, 'pause ended');
    return isEnded;
  }

  async problems(): Promise<readonly string[]> {
    const problem = await this.#storage.problem();
    return problem === null ? [] : [problem];
  }

  warnings(): readonly string[] {
    return [...(this.#refusal === null ? [] : [this.#refusal]), ...this.#loop.warnings()];
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  metricsText(): Promise<ScrapeText> {
    return this.#scrape.recent();
  }

  #createLoop(configuration: Configuration): ControlLoop {
    const onFault = (error: unknown): void => {
      this.#storage.noteFault(error);
    };
    const onLook = (): void => {
      this.#announce('evaluation');
    };
    const parts = { ...this.#parts, configuration, clock: this.#clock, log: this.#log, holder: this.#holder };
    return new ControlLoop({ ...parts, onFault, onLook });
  }

  #announce(change: Change): void {
    this.#views.forget();
    for (const listener of this.#listeners) listener(change);
  }

  async #reload(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    let configuration: Configuration;
    try {
      configuration = await this.#parts.loadConfiguration();
    } catch (error) {
      this.#metrics.recordConfigLoad(false, this.#clock.now());
      this.#refusal = describeRefusal(error);
      this.#announce('evaluation');
      this.#logger.error(
        { error: describeError(error) },
        'the configuration was not reloaded; the old one remains in force',
      );
      throw error;
    }
    if (JSON.stringify(configuration.storage) !== JSON.stringify(this.#configuration.storage)) {
      this.#logger.warn({}, 'a change of storage takes effect at the next start');
    }
    const next = this.#createLoop(configuration);
    await this.#loop.stop();
    next.adopt(this.#loop);
    this.#loop = next;
    this.#configuration = configuration;
    this.#recalling.forget();
    this.#views.forget();
    this.#refusal = null;
    this.#loop.start();
    this.#metrics.recordConfigLoad(true, this.#clock.now());
    this.#logger.info({ topologies: configuration.topologies.length }, 'configuration reloaded');
  }

  async #viewSources(filter: Pick<LogFilter, 'topology'>): Promise<ViewSources> {
    const [open, decisions] = await Promise.all([
      this.#log.openActions(),
      this.#log.decisions({ ...filter, limit: MAX_RECENT }),
    ]);
    return {
      configuration: this.#configuration,
      watch: this.#loop.watch,
      open,
      decisions,
      nowMs: this.#clock.now(),
    };
  }

  async #snapshot(): Promise<MetricsSnapshot> {
    const facts = await this.#logFacts();
    const blacklist = this.#loop.blacklist().filter(({ state }) => state === 'in_force');
    return { evaluations: this.#loop.watch.evaluations(), blacklist, ...facts };
  }

  /** From the log if it answers, else the last known ones. */
  async #logFacts(): Promise<Pick<LogSnapshot, 'openActions' | 'lastActions'>> {
    try {
      const [openActions, actions] = await Promise.all([
        this.#log.openActions(),
        this.#log.actions({ limit: MAX_RECENT, dryRun: false }),
      ]);
      this.#lastLogFacts = {
        openActions: openActions.filter(({ dryRun }) => !dryRun).flatMap(operatorActionsOf),
        lastActions: actions.flatMap(operatorActionsOf),
      };
    } catch (error) {
      this.#storage.noteFault(error);
    }
    return this.#lastLogFacts;
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

function operatorActionsOf({ topology, operators, resolver, claimedAtMs }: Action): readonly LastAction[] {
  return operators.map(({ operator }) => ({ topology, operator, resolver, atMs: claimedAtMs }));
}
