// Composition root and lifecycle: wires sensors, policy, log and webhooks together and decides nothing itself.
// Three things start work here: the evaluation tick, an accepted alert, an action that settles.
import type { ActionLog, IncomingAlert, LogFilter } from './action-log/action-log.js';
import type { Clock } from './clock.js';
import type { Configuration } from './config/configuration.js';
import { ActionRunner } from './control-loop/action-runner.js';
import { settleActions } from './control-loop/action-settler.js';
import { AlertDecider } from './control-loop/alert-decider.js';
import { TopologyWatch } from './control-loop/topology-watch.js';
import { describeError, DhalionError } from './errors.js';
import type { ServiceView, TopologyView } from './http/service-view.js';
import type { Logger } from './logger.js';
import type { LastAction, MetricsSnapshot } from './metrics/evaluation-metrics.js';
import { renderMetrics } from './metrics/metrics-text.js';
import type { ServiceMetrics } from './metrics/service-metrics.js';
import type { Action } from './model/action.js';
import type { Decision } from './model/decision.js';
import { createHttpClient, type HttpClient } from './outbound/http-client.js';
import { senseOperatorLabels } from './sensors/operator-labels.js';
import { createPrometheusClient } from './sensors/prometheus-client.js';
import { createWebhookSender } from './webhooks/webhook-sender.js';

export interface HealthManagerParts {
  readonly configuration: Configuration;
  readonly log: ActionLog;
  readonly metrics: ServiceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
  /** 0 ≤ r < 1, for the jitter of repeated calls. */
  readonly random: () => number;
  /** After each request to Prometheus. */
  readonly onPrometheusRequest?: (status: number | null) => void;
}

/** Looking at what settles ten times a window makes judging late by at most a tenth of it. */
const SETTLING_LOOKS_PER_WINDOW = 10;
const MIN_SETTLING_PAUSE_MS = 1000;
const PRUNE_INTERVAL_MS = 3_600_000;
/** Rows of the log that a list of all topologies, or a scrape, is made from. */
const MAX_RECENT = 1000;

export class HealthManager implements ServiceView {
  readonly #parts: HealthManagerParts;
  readonly #watch: TopologyWatch;
  readonly #decider: AlertDecider;
  readonly #runner: ActionRunner;
  readonly #clients: readonly HttpClient[];
  readonly #stop = new AbortController();
  #loops: readonly Promise<void>[] = [];
  #deciding: Promise<void> | null = null;
  #hasNewAlerts = false;
  #hasLooked = false;
  #storageProblem: string | null = null;
  #prunedAtMs = -Infinity;
  #lastLogFacts: Pick<MetricsSnapshot, 'openActions' | 'lastActions'> = { openActions: [], lastActions: [] };

  constructor(parts: HealthManagerParts) {
    const { configuration, log, metrics, clock, logger, userAgent, random } = parts;
    this.#parts = parts;
    const prometheusHttp = createHttpClient(configuration.prometheus.http, { userAgent });
    const client = createPrometheusClient(configuration.prometheus, {
      http: prometheusHttp,
      clock,
      ...(parts.onPrometheusRequest === undefined ? {} : { onRequest: parts.onPrometheusRequest }),
    });
    const senders = [...configuration.webhooks.values()].map((webhook) => {
      const http = createHttpClient(webhook.http, { userAgent });
      const onCall = (name: string, code: string, durationMs: number): void => {
        metrics.recordWebhookRequest({ webhook: name, code, durationMs });
      };
      const sender = createWebhookSender({ webhook, http, clock, random, userAgent, onCall, logger });
      return { name: webhook.name, http, sender };
    });
    this.#clients = [prometheusHttp, ...senders.map(({ http }) => http)];
    this.#watch = new TopologyWatch({ configuration, client, log, metrics, clock, logger });
    this.#runner = new ActionRunner({
      log,
      senders: new Map(senders.map(({ name, sender }) => [name, sender])),
      metrics,
      clock,
      logger,
    });
    this.#decider = new AlertDecider({
      log,
      watch: this.#watch,
      webhooks: configuration.webhooks,
      limits: configuration.limits,
      metrics,
      clock,
      logger,
      senseLabels: (engine, { operator }, watched, signal) => {
        if (watched === undefined) return Promise.resolve({});
        const key = {
          topology: watched.labelValue,
          operator: watched.sensed.operatorLabelValues.get(operator) ?? operator,
        };
        return senseOperatorLabels(
          client,
          engine,
          key,
          { atMs: clock.now(), windowMs: configuration.windowMs },
          signal,
        );
      },
    });
    metrics.setEngines([...configuration.engines.keys()]);
  }

  /** Begins to evaluate at once; takes up what an earlier run left undecided, unsent or unjudged. */
  start(): void {
    this.#loops = [this.#tickForever(), this.#settleForever()];
  }

  /** Finishes or parks what is under way; afterwards nothing acts. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#loops, this.#deciding, this.#runner.stop()]);
    for (const client of this.#clients) client.close();
  }

  async acceptAlerts(alerts: readonly IncomingAlert[]): Promise<void> {
    try {
      await this.#parts.log.acceptAlerts(alerts, this.#parts.clock.now());
    } catch (error) {
      this.#noteStorage(error);
      throw error;
    }
    this.#decideSoon();
  }

  async topologies(): Promise<readonly TopologyView[]> {
    const { configuration, log } = this.#parts;
    const [open, decisions] = await Promise.all([log.openActions(), log.decisions({ limit: MAX_RECENT })]);
    const names = new Set([
      ...configuration.topologies.map(({ name }) => name),
      ...this.#watch.all().map(({ evaluation }) => evaluation.topology),
    ]);
    return [...names].sort().flatMap((name) => this.#viewOf(name, open, decisions) ?? []);
  }

  async topology(name: string): Promise<TopologyView | null> {
    const { configuration, log } = this.#parts;
    const isThere = this.#watch.find(name) ?? configuration.topologies.find((topology) => topology.name === name);
    if (isThere === undefined) return null;
    const [open, decisions] = await Promise.all([
      log.openActions(),
      log.decisions({ topology: name, limit: MAX_RECENT }),
    ]);
    return this.#viewOf(name, open, decisions);
  }

  actions(filter: LogFilter): Promise<readonly Action[]> {
    return this.#parts.log.actions(filter);
  }

  decisions(filter: LogFilter): Promise<readonly Decision[]> {
    return this.#parts.log.decisions(filter);
  }

  async problems(): Promise<readonly string[]> {
    await this.#checkStorage();
    return this.#storageProblem === null ? [] : [this.#storageProblem];
  }

  async metricsText(): Promise<string> {
    const evaluations = this.#watch.all().map(({ evaluation }) => evaluation);
    return renderMetrics(this.#parts.metrics, { evaluations, ...(await this.#logFacts()), blacklist: [] });
  }

  async #tickForever(): Promise<void> {
    const { configuration, clock, logger } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startedAtMs = clock.now();
      try {
        await this.#tick();
      } catch (error) {
        this.#noteStorage(error);
        logger.error({ error: describeError(error) }, 'evaluation failed');
      }
      await clock.sleep(startedAtMs + configuration.evaluationIntervalMs - clock.now(), signal);
    }
  }

  async #tick(): Promise<void> {
    await this.#checkStorage();
    await this.#watch.lookAtAll(this.#stop.signal);
    this.#hasLooked = true;
    this.#decideSoon();
    await this.#prune();
  }

  async #settleForever(): Promise<void> {
    const { configuration, clock, logger } = this.#parts;
    const { signal } = this.#stop;
    const pauseMs = Math.max(
      MIN_SETTLING_PAUSE_MS,
      Math.min(configuration.evaluationIntervalMs, configuration.windowMs / SETTLING_LOOKS_PER_WINDOW),
    );
    while (!signal.aborted) {
      try {
        await this.#settle();
      } catch (error) {
        this.#noteStorage(error);
        logger.error({ error: describeError(error) }, 'judging failed');
      }
      await clock.sleep(pauseMs, signal);
    }
  }

  async #settle(): Promise<void> {
    const { configuration, log, metrics, clock, logger } = this.#parts;
    const open = await log.openActions();
    this.#runner.resume(open);
    const parts = { log, watch: this.#watch, metrics, windowMs: configuration.windowMs, clock, logger };
    await settleActions(open, parts, this.#stop.signal);
  }

  /** Starts to decide, or has it done once more when the deciding under way is over. Waits for the first look. */
  #decideSoon(): void {
    this.#hasNewAlerts = true;
    if (this.#deciding !== null || !this.#hasLooked || this.#stop.signal.aborted) return;
    this.#deciding = this.#decideWhileNew().finally(() => {
      this.#deciding = null;
    });
  }

  async #decideWhileNew(): Promise<void> {
    while (this.#hasNewAlerts && !this.#stop.signal.aborted) {
      this.#hasNewAlerts = false;
      try {
        await this.#decider.decideAll(this.#stop.signal);
        this.#runner.resume(await this.#parts.log.openActions());
      } catch (error) {
        // What is undecided stays in the log and is taken up at the next tick.
        this.#noteStorage(error);
        this.#parts.logger.error({ error: describeError(error) }, 'deciding failed');
      }
    }
  }

  async #prune(): Promise<void> {
    const { configuration, log, clock, logger } = this.#parts;
    if (clock.now() - this.#prunedAtMs < PRUNE_INTERVAL_MS) return;
    this.#prunedAtMs = clock.now();
    const removed = await log.prune(clock.now() - configuration.storage.retentionMs);
    if (removed > 0) logger.debug({ removed }, 'pruned the action log');
  }

  async #checkStorage(): Promise<void> {
    try {
      await this.#parts.log.check();
      if (this.#storageProblem !== null) this.#parts.logger.info({}, 'the action log can be written again');
      this.#storageProblem = null;
    } catch (error) {
      this.#noteStorage(error);
    }
    this.#parts.metrics.setStorageUp(this.#storageProblem === null);
  }

  /** Once when it changes: that the action log cannot be used. */
  #noteStorage(error: unknown): void {
    if (!(error instanceof DhalionError && error.code === 'storage_unavailable')) return;
    const problem = describeError(error);
    if (this.#storageProblem !== problem) this.#parts.logger.error({ error: problem }, 'the action log cannot be used');
    this.#storageProblem = problem;
    this.#parts.metrics.setStorageUp(false);
  }

  #viewOf(name: string, open: readonly Action[], decisions: readonly Decision[]): TopologyView | null {
    const rules = this.#watch.rulesOf(name);
    if (rules === null) return null;
    const newest = new Map<string, Decision>();
    for (const decision of decisions) {
      const key = JSON.stringify([decision.operator, decision.diagnosis]);
      if (decision.topology === name && !newest.has(key)) newest.set(key, decision);
    }
    return {
      topology: name,
      engine: rules.engine.name,
      mode: rules.settings.mode,
      evaluation: this.#watch.find(name)?.evaluation ?? null,
      openAction: open.find(({ topology }) => topology === name) ?? null,
      lastDecisions: [...newest.values()],
    };
  }

  /** Of the log if it answers, else as they were last known. */
  async #logFacts(): Promise<Pick<MetricsSnapshot, 'openActions' | 'lastActions'>> {
    const { log } = this.#parts;
    try {
      const [openActions, actions] = await Promise.all([log.openActions(), log.actions({ limit: MAX_RECENT })]);
      const lastActions = actions
        .filter(({ dryRun }) => !dryRun)
        .map(({ topology, operator, resolver, claimedAtMs }): LastAction => ({
          topology,
          operator,
          resolver,
          atMs: claimedAtMs,
        }));
      this.#lastLogFacts = { openActions, lastActions };
    } catch (error) {
      this.#noteStorage(error);
    }
    return this.#lastLogFacts;
  }
}
