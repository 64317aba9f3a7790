// The loop under one configuration: wires watch, decider, runner and settler together and decides nothing itself. Three
// things start work here: the evaluation tick, an accepted alert, an action that settles.
import type { ActionLog } from '../action-log/action-log.js';
import type { ForgetOrder, ForgottenInstances } from '../action-log/log-entries.js';
import { describeError } from '../errors.js';
import type { BlacklistEntry } from '../model/blacklist.js';
import type { HttpClient } from '../outbound/http-client.js';
import { clientWithOffset, rangeClientWithOffset } from '../sensors/prometheus-time.js';
import { ActionRunner } from './action-runner.js';
import { ActionSettler } from './action-settler.js';
import { AlertDecider } from './alert-decider.js';
import { InstanceMemories } from './instance-memories.js';
import { entryIdOf } from './entry-id.js';
import { createEngineGraphs } from './engine-graphs.js';
import { createHoldUps } from './hold-ups.js';
import { createLease } from './lease.js';
import { LogReader } from './log-reader.js';
import { createLabelSensor, createPrometheus, createSender, type ConnectionParts } from './loop-connections.js';
import { recallHorizon } from './recall-horizon.js';
import { entryUnderLoad, type RecalledLog } from './recalled-log.js';
import { TopologyHistories } from './topology-histories.js';
import { TopologyWatch } from './topology-watch.js';

export interface ControlLoopParts extends ConnectionParts {
  readonly log: ActionLog;
  /** Unique to this process: the holder of its leases. */
  readonly holder: string;
  readonly leaseMs?: number;
  /** Called after every look at topologies. */
  readonly onLook?: () => void;
  /** Called for every fault that ended a tick, a decision or a judgement. */
  readonly onFault: (error: unknown) => void;
}

/** Ten settling looks a window delay a judgement by at most a tenth of it. */
const SETTLING_LOOKS_PER_WINDOW = 10;
const MIN_SETTLING_PAUSE_MS = 1000;
const PRUNE_INTERVAL_MS = 3_600_000;

export class ControlLoop {
  readonly watch: TopologyWatch;
  /** For people to look at. */
  readonly histories: TopologyHistories;
  readonly #parts: ControlLoopParts;
  readonly #reader: LogReader;
  readonly #instances: InstanceMemories;
  readonly #decider: AlertDecider;
  readonly #runner: ActionRunner;
  readonly #settler: ActionSettler;
  readonly #clients: readonly HttpClient[];
  readonly #stop = new AbortController();
  #loops: readonly Promise<void>[] = [];
  #deciding: Promise<void> | null = null;
  #hasNewAlerts = false;
  #hasLooked = false;
  /** Monotonic time. */
  #prunedMs = -Infinity;
  /** Webhooks whose last call was not answered with 2xx, with that answer. */
  readonly #failingWebhooks = new Map<string, string>();

  constructor(parts: ControlLoopParts) {
    const { configuration, log, metrics, clock, logger, holder, leaseMs } = parts;
    const { webhooks, limits, windowMs } = configuration;
    this.#parts = parts;
    const prometheus = createPrometheus(parts);
    const senders = [...webhooks.values()].map((webhook) =>
      createSender(webhook, parts, (name, code) => {
        this.#noteCall(name, code);
      }),
    );
    this.#clients = [prometheus.http, ...senders.map(({ http }) => http)];
    const lease = createLease(log, clock, holder, leaseMs);
    const instances = new InstanceMemories(log, logger);
    const { client, prometheusClock } = prometheus;
    const https = new Map(senders.map(({ name, http }) => [name, http]));
    const labelClient = clientWithOffset(client, () => prometheusClock.offsetMs());
    const watch = new TopologyWatch({
      configuration,
      client,
      rangeClient: client,
      prometheusClock,
      instances,
      metrics,
      clock,
      logger,
      graphs: createEngineGraphs(configuration, https, { client: labelClient, clock, logger }),
      ...(parts.onLook === undefined ? {} : { onLook: parts.onLook }),
    });
    const senseLabels = createLabelSensor(labelClient, clock, windowMs);
    this.watch = watch;
    this.histories = new TopologyHistories({
      client: rangeClientWithOffset(prometheus.forPeople, () => prometheusClock.offsetMs()),
      matchers: configuration.prometheus.ownMatchers,
      evaluationIntervalMs: configuration.evaluationIntervalMs,
      clock,
      signal: this.#stop.signal,
    });
    this.#reader = new LogReader(log, logger);
    this.#instances = instances;
    const recall = (): Promise<RecalledLog> => this.recall();
    this.#runner = new ActionRunner({
      log,
      lease,
      senders: new Map(senders.map(({ name, sender }) => [name, sender])),
      webhooks,
      // A removed topology counts as `enforce`: nobody disabled it.
      isEnforced: (topology) => (watch.rulesWhileSettling(topology)?.settings.mode ?? 'enforce') === 'enforce',
      metrics,
      clock,
      logger,
    });
    this.#decider = new AlertDecider({ log, watch, recall, senseLabels, webhooks, limits, metrics, clock, logger });
    this.#settler = new ActionSettler({
      log,
      lease,
      watch,
      recall,
      webhooks,
      senseLabels,
      holdUps: createHoldUps(webhooks, https),
      metrics,
      windowMs,
      clock,
      logger,
    });
    metrics.setEngines([...configuration.engines.keys()]);
  }

  /** What the loop currently lacks, in words. */
  warnings(): readonly string[] {
    return [
      ...this.watch.troubles(),
      ...[...this.#failingWebhooks].map(([name, code]) => `The last call of webhook ${name} ended with ${code}.`),
    ];
  }

  /** Takes over what a loop with an earlier configuration saw. Call it before `start`. */
  adopt(previous: ControlLoop): void {
    this.watch.adopt(previous.watch);
    this.#reader.adopt(previous.#reader);
  }

  /** Reads the action log. Never rejects: without an answer it is what the log said before, and not current. */
  recall(): Promise<RecalledLog> {
    return this.#reader.recall(recallHorizon(this.#parts.configuration, this.#parts.clock.now()));
  }

  /**
   * A person's order to take the instances of the next look for all there are. Resolves with what was remembered; null: the
   * topology has no such operator.
   */
  async forgetInstances(order: ForgetOrder): Promise<readonly ForgottenInstances[] | null> {
    const { clock } = this.#parts;
    const { topology, operator } = order;
    const seen = this.watch.find(topology)?.evaluation.operators.map(({ measurement }) => measurement.spec.name) ?? [];
    await this.#instances.read(clock.now());
    const remembered = this.#instances.of(topology);
    const isKnown = operator === null || seen.includes(operator) || remembered?.has(operator) === true;
    return isKnown ? this.#instances.forget(order, clock.now()) : null;
  }

  /** Evaluates at once; resumes what an earlier run left undecided, unsent or unjudged. */
  start(): void {
    this.#loops = [this.#tickForever(), this.#settleForever()];
  }

  /** Finishes or parks the calls under way; afterwards nothing acts. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#loops, this.#deciding, this.#runner.stop()]);
    for (const client of this.#clients) client.close();
  }

  /** Starts to decide, or decides once more after the present run. Waits for the first look. */
  decideSoon(): void {
    this.#hasNewAlerts = true;
    if (this.#deciding !== null || !this.#hasLooked || this.#stop.signal.aborted) return;
    this.#deciding = this.#decideWhileNew().finally(() => {
      this.#deciding = null;
    });
  }

  /**
   * Entries that have not expired, with their state under the load last seen.
   * @param recalled default: what the log last said
   */
  blacklist(recalled = this.#reader.last): readonly BlacklistEntry[] {
    const settingsOf = (topology: string) => this.watch.rulesOf(topology)?.settings ?? null;
    return recalled.candidates(settingsOf, this.#parts.clock.now()).flatMap((candidate) => {
      const settings = settingsOf(candidate.topology);
      const evaluation = this.watch.find(candidate.topology)?.evaluation;
      return settings === null
        ? []
        : [{ ...entryUnderLoad(candidate, evaluation, settings), id: entryIdOf(candidate) }];
    });
  }

  #noteCall(webhook: string, code: string): void {
    if (code.startsWith('2')) this.#failingWebhooks.delete(webhook);
    else this.#failingWebhooks.set(webhook, code);
  }

  async #tickForever(): Promise<void> {
    const { configuration, clock } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startedMs = clock.elapsed();
      await this.#guard('evaluation failed', () => this.#tick());
      await clock.sleep(startedMs + configuration.evaluationIntervalMs - clock.elapsed(), signal);
    }
  }

  async #tick(): Promise<void> {
    const recalled = await this.recall();
    await this.watch.lookAtAll(recalled, this.#stop.signal);
    this.#hasLooked = true;
    this.decideSoon();
    await this.#settler.revertHarm(this.#stop.signal);
    await this.#prune(recalled);
  }

  async #settleForever(): Promise<void> {
    const { configuration, clock } = this.#parts;
    const { signal } = this.#stop;
    const pauseMs = Math.max(
      MIN_SETTLING_PAUSE_MS,
      Math.min(configuration.evaluationIntervalMs, configuration.windowMs / SETTLING_LOOKS_PER_WINDOW),
    );
    while (!signal.aborted) {
      await this.#guard('judging failed', () => this.#settle());
      await clock.sleep(pauseMs, signal);
    }
  }

  async #settle(): Promise<void> {
    const { signal } = this.#stop;
    const open = await this.#parts.log.openActions();
    this.#runner.resume(open);
    // Before the first look discovered topologies are unknown.
    if (!this.#hasLooked) return;
    const isHarmDone = await this.#settler.settle(open, signal);
    if (isHarmDone) await this.#settler.revertHarm(signal);
  }

  async #decideWhileNew(): Promise<void> {
    while (this.#hasNewAlerts && !this.#stop.signal.aborted) {
      this.#hasNewAlerts = false;
      // Undecided alerts stay in the log and are decided at the next tick.
      await this.#guard('deciding failed', async () => {
        await this.#decider.decideAll(this.#stop.signal);
        this.#runner.resume(await this.#parts.log.openActions());
      });
    }
  }

  async #prune(recalled: RecalledLog): Promise<void> {
    const { configuration, log, clock, logger } = this.#parts;
    if (clock.elapsed() - this.#prunedMs < PRUNE_INTERVAL_MS) return;
    // Without the log it is unknown which actions the blacklist still needs.
    if (!recalled.isCurrent) return;
    this.#prunedMs = clock.elapsed();
    const needed = recalled.idsInForce((topology) => this.watch.rulesOf(topology)?.settings ?? null, clock.now());
    const removed = await log.prune(clock.now() - configuration.storage.retentionMs, needed);
    if (removed > 0) logger.debug({ removed }, 'pruned the action log');
  }

  async #guard(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Work that a shutdown breaks off is no fault.
      if (this.#stop.signal.aborted) return;
      this.#parts.onFault(error);
      this.#parts.logger.error({ error: describeError(error) }, what);
    }
  }
}
