// The service as the HTTP interface sees it: reads the action log and the present control loop, and carries out what people
// order. Knows nothing of lifecycle: health-manager.ts replaces the loop under it.
import { randomUUID } from 'node:crypto';
import type { ActionLog, LogFilter } from './action-log/action-log.js';
import type { ForgetOrder, ForgottenInstances, IncomingAlert, LoggedDecision } from './action-log/log-entries.js';
import type { Clock } from './clock.js';
import type { Configuration } from './config/configuration.js';
import type { LabelPattern } from './config/label-pattern.js';
import type { ControlLoop } from './control-loop/control-loop.js';
import type { RecalledLog } from './control-loop/recalled-log.js';
import { SharedReading } from './control-loop/shared-reading.js';
import type { StorageWatch } from './control-loop/storage-watch.js';
import { viewTopologies, viewTopology, type ViewSources } from './control-loop/topology-views.js';
import type { HistoryView, PauseRequest, ServiceView, TopologyView } from './http/service-view.js';
import type { Logger } from './logger.js';
import type { LastAction, LogSnapshot } from './metrics/evaluation-metrics.js';
import { createMetricsText, type MetricsSnapshot, type ScrapeText } from './metrics/metrics-text.js';
import type { ServiceMetrics } from './metrics/service-metrics.js';
import type { Action } from './model/action.js';
import type { BlacklistEntry } from './model/blacklist.js';
import type { Change } from './model/change.js';
import type { HistoryRange } from './model/operator-history.js';
import type { Pause } from './model/pause.js';
import { usualRange } from './history/operator-history.js';

/** What is in force until the next reload. */
export interface Present {
  readonly configuration: Configuration;
  readonly loop: ControlLoop;
  /** Why the last reload was refused; null: it succeeded. */
  readonly refusal: string | null;
}

export interface LiveServiceParts {
  readonly log: ActionLog;
  readonly storage: StorageWatch;
  readonly metrics: ServiceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly present: () => Present;
  readonly reload: () => Promise<void>;
}

/** Rows of the log that a list of all topologies, or a scrape, is made from. */
const MAX_RECENT = 1000;
/** Actions that one history shows. */
const MAX_MARKS = 100;
/** Greatest age of what observers are shown of the action log, unless this process has changed it. */
const RECENT_MS = 1000;

export class LiveService implements ServiceView {
  readonly #parts: LiveServiceParts;
  readonly #recalling: SharedReading<RecalledLog>;
  readonly #views: SharedReading<readonly TopologyView[]>;
  readonly #scrape: SharedReading<ScrapeText>;
  readonly #listeners: ((change: Change) => void)[] = [];
  #lastLogFacts: Pick<LogSnapshot, 'openActions' | 'lastActions'> = { openActions: [], lastActions: [] };

  constructor(parts: LiveServiceParts) {
    const { clock, metrics, present } = parts;
    this.#parts = parts;
    this.#recalling = new SharedReading(() => present().loop.recall(), clock, RECENT_MS);
    this.#views = new SharedReading(async () => viewTopologies(await this.#viewSources({})), clock, RECENT_MS);
    const renderScrape = createMetricsText(metrics);
    // Concurrent scrapes share one reading; each later scrape gets a new one.
    this.#scrape = new SharedReading(async () => renderScrape(await this.#snapshot()), clock, 0);
  }

  /** Tells all observers, who see the change at once. */
  announce(change: Change): void {
    if (change === 'blacklist') this.#recalling.forget();
    this.#views.forget();
    for (const listener of this.#listeners) listener(change);
  }

  /** What was read under an earlier configuration is outdated. */
  forget(): void {
    this.#recalling.forget();
    this.#views.forget();
  }

  reload(): Promise<void> {
    return this.#parts.reload();
  }

  alertNames(): LabelPattern {
    return this.#configuration.alerts.alertname;
  }

  async acceptAlerts(alerts: readonly IncomingAlert[]): Promise<void> {
    try {
      await this.#parts.log.acceptAlerts(alerts, this.#parts.clock.now());
    } catch (error) {
      this.#parts.storage.noteFault(error);
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
    const actions = await this.#parts.log.actions({ topology, sinceMs: history.startMs, limit: MAX_MARKS });
    return { history, actions, links, ownMatchers: prometheus.ownMatchers };
  }

  actions(filter: LogFilter): Promise<readonly Action[]> {
    return this.#parts.log.actions(filter);
  }

  action(id: string): Promise<Action | null> {
    return this.#parts.log.action(id);
  }

  decisions(filter: LogFilter): Promise<readonly LoggedDecision[]> {
    return this.#parts.log.decisions(filter);
  }

  async cancelAction(id: string): Promise<'cancelled' | 'over' | 'unknown'> {
    const result = await this.#parts.log.cancelAction(id, this.#parts.clock.now());
    if (result === 'cancelled') {
      this.#parts.logger.info({ action_id: id }, 'action cancelled by hand');
      const action = await this.#parts.log.action(id);
      if (action !== null) this.#parts.metrics.recordAction({ ...action, outcome: 'cancelled' });
    }
    return result;
  }

  async blacklist(): Promise<readonly BlacklistEntry[]> {
    return this.#loop.blacklist(await this.#recalling.recent());
  }

  async removeBlacklistEntry(id: string): Promise<boolean> {
    const entry = this.#loop.blacklist(await this.#loop.recall()).find((candidate) => candidate.id === id);
    if (entry === undefined) return false;
    const { topology, operator, diagnosis, resolver } = entry;
    await this.#parts.log.addBlacklistRemoval({
      topology,
      operator,
      diagnosis,
      resolver,
      atMs: this.#parts.clock.now(),
    });
    await this.#loop.recall();
    this.#parts.logger.info({ topology, operator, diagnosis, resolver }, 'removed from the blacklist by hand');
    return true;
  }

  async forgetInstances(order: ForgetOrder): Promise<readonly ForgottenInstances[] | null> {
    const forgotten = await this.#loop.forgetInstances(order);
    if (forgotten !== null) this.#parts.logger.info({ ...order, forgotten }, 'remembered instances forgotten by hand');
    return forgotten;
  }

  pauses(): Promise<readonly Pause[]> {
    return this.#parts.log.pauses(this.#parts.clock.now());
  }

  async addPause({ topology, resolver, durationMs, reason }: PauseRequest): Promise<Pause> {
    const createdAtMs = this.#parts.clock.now();
    const pause = { id: randomUUID(), topology, resolver, reason, createdAtMs, expiresAtMs: createdAtMs + durationMs };
    await this.#parts.log.addPause(pause);
    this.#parts.logger.info({ topology, resolver, reason, seconds: durationMs / 1000, pause_id: pause.id }, 'paused');
    return pause;
  }

  async endPause(id: string): Promise<boolean> {
    const isEnded = await this.#parts.log.endPause(id, this.#parts.clock.now());
    if (isEnded) this.#parts.logger.info({ pause_id: id }, 'pause ended');
    return isEnded;
  }

  async problems(): Promise<readonly string[]> {
    const problem = await this.#parts.storage.problem();
    return problem === null ? [] : [problem];
  }

  warnings(): readonly string[] {
    const { refusal, loop } = this.#parts.present();
    return [...(refusal === null ? [] : [refusal]), ...loop.warnings()];
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  metricsText(): Promise<ScrapeText> {
    return this.#scrape.recent();
  }

  get #configuration(): Configuration {
    return this.#parts.present().configuration;
  }

  get #loop(): ControlLoop {
    return this.#parts.present().loop;
  }

  async #viewSources(filter: Pick<LogFilter, 'topology'>): Promise<ViewSources> {
    const [open, decisions] = await Promise.all([
      this.#parts.log.openActions(),
      this.#parts.log.decisions({ ...filter, limit: MAX_RECENT }),
    ]);
    return {
      configuration: this.#configuration,
      watch: this.#loop.watch,
      open,
      decisions,
      nowMs: this.#parts.clock.now(),
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
        this.#parts.log.openActions(),
        this.#parts.log.actions({ limit: MAX_RECENT, dryRun: false }),
      ]);
      this.#lastLogFacts = {
        openActions: openActions.filter(({ dryRun }) => !dryRun).flatMap(operatorActionsOf),
        lastActions: actions.flatMap(operatorActionsOf),
      };
    } catch (error) {
      this.#parts.storage.noteFault(error);
    }
    return this.#lastLogFacts;
  }
}

function operatorActionsOf({ topology, operators, resolver, claimedAtMs }: Action): readonly LastAction[] {
  return operators.map(({ operator }) => ({ topology, operator, resolver, atMs: claimedAtMs }));
}
