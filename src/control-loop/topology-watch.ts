// Looks at the topologies, at all of them every tick or at some of them afresh, and keeps the newest conclusions. Decides
// nothing: sensors/ interprets Prometheus' answers, and the pure core the measurements.
import type { Clock } from '../clock.js';
import type { Configuration, Engine } from '../config/configuration.js';
import { DhalionError, type ErrorCode } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import { ServerClock } from '../outbound/server-clock.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';
import type { PrometheusClient, PrometheusRangeClient } from '../sensors/prometheus-client.js';
import { rangeClientWithOffset, senseAtPrometheusTime } from '../sensors/prometheus-time.js';
import type { sense } from '../sensors/sense.js';
import type { EngineGraphs } from './engine-graphs.js';
import { withoutListedElsewhere } from './evaluate-sensed.js';
import { mapInSlices } from '../work-slices.js';
import type { InstanceMemories } from './instance-memories.js';
import { LookMemories } from './look-memories.js';
import { LookReports } from './look-reports.js';
import { RecentlySeen } from './recently-seen.js';
import { recallNeeds, type RecalledNeeds } from './recall-needs.js';
import type { RecalledLog } from './recalled-log.js';
import { findRulesAgain, findTopologyRules, listRetired, rulesBy, type TopologyRules } from './topology-rules.js';
import type { WatchedTopology } from './watched-topology.js';

interface WatchedLists {
  readonly all: readonly WatchedTopology[];
  readonly evaluations: readonly TopologyEvaluation[];
}

export interface TopologyWatchParts {
  readonly configuration: Configuration;
  readonly client: PrometheusClient;
  readonly instances: InstanceMemories;
  readonly metrics: ServiceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after every look. */
  readonly onLook?: () => void;
  /** How an engine's topologies are sensed; default: through Prometheus. */
  readonly sense?: typeof sense;
  /** Default: the need before this process began is unknown. */
  readonly rangeClient?: PrometheusRangeClient;
  /** Default: the time of Prometheus is unknown. */
  readonly prometheusClock?: ServerClock;
  /** Default: graphs that are not listed are unknown. */
  readonly graphs?: EngineGraphs;
}

export class TopologyWatch {
  readonly #parts: TopologyWatchParts;
  #watched: ReadonlyMap<string, WatchedTopology> = new Map();
  /** The same lists until their content changes, so that what is derived from them can be reused. */
  #lists: WatchedLists = { all: [], evaluations: [] };
  readonly #memories: LookMemories;
  readonly #seen = new RecentlySeen();
  readonly #reports: LookReports;
  readonly #clockOfPrometheus: ServerClock;
  /** Looks begun so far. */
  #looks = 0;
  /** Removed from the configuration by a reload: looked at only while an action on them settles. */
  #retired = new Map<string, TopologyRules>();

  constructor(parts: TopologyWatchParts) {
    this.#parts = parts;
    this.#clockOfPrometheus = parts.prometheusClock ?? new ServerClock('Prometheus');
    this.#reports = new LookReports(parts.logger);
    this.#memories = new LookMemories(parts.instances);
  }

  /** The newest look at every topology. */
  all(): readonly WatchedTopology[] {
    return this.#lists.all;
  }

  /** The newest evaluation of every topology; the same list until the next look. */
  evaluations(): readonly TopologyEvaluation[] {
    return this.#lists.evaluations;
  }

  /** What Prometheus did not answer at the last look, a line for each engine. */
  troubles(): readonly string[] {
    return this.#reports.troubles();
  }

  find(topology: string): WatchedTopology | undefined {
    return this.#watched.get(topology);
  }

  /** Whether it was seen within the last day, under the present configuration. */
  hasSeen(topology: string): boolean {
    return this.#seen.has(topology) && this.rulesOf(topology) !== null;
  }

  /** Takes over what a watch with an earlier configuration knew; retires topologies that are no longer configured. */
  adopt(previous: TopologyWatch): void {
    const retired = new Map(previous.#retired);
    const kept = new Map<string, WatchedTopology>();
    for (const watched of previous.all()) {
      const { topology } = watched.evaluation;
      const rules = findRulesAgain(this.#parts.configuration, watched.sensed);
      if (rules === null) retired.set(topology, watched);
      else kept.set(topology, { ...watched, ...rules });
    }
    this.#setWatched(kept);
    this.#looks = previous.#looks;
    this.#memories.adopt(previous.#memories);
    this.#seen.adopt(previous.#seen);
    this.#reports.adopt(previous.#reports);
    this.#retired = new Map([...retired].filter(([topology]) => this.rulesOf(topology) === null));
  }

  /** Includes topologies that were removed from the configuration while the service ran. */
  rulesWhileSettling(topology: string): TopologyRules | null {
    return this.rulesOf(topology) ?? this.#retired.get(topology) ?? null;
  }

  /** null: neither listed nor matched by a discovery. */
  rulesOf(topology: string): TopologyRules | null {
    return this.find(topology) ?? findTopologyRules(this.#parts.configuration, topology);
  }

  /** Looks at every topology of every engine; forgets the vanished ones. */
  async lookAtAll(recalled: RecalledLog, signal: AbortSignal): Promise<void> {
    const { clock, graphs, instances } = this.#parts;
    await Promise.all([graphs?.refresh(signal), instances.read(clock.now())]);
    const engines = [...this.#parts.configuration.engines.values()];
    const looks = await Promise.all(engines.map((engine) => this.#lookAt(engine, null, recalled, signal)));
    // An aborted look saw nothing, which does not mean that nothing is there.
    if (!signal.aborted) this.#keep(looks.flat(), { isComplete: true });
  }

  /** Looks afresh at these topologies, one evaluation for each engine; topologies that are not seen are left out. */
  async lookAt(
    topologies: readonly string[],
    recalled: RecalledLog,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, TopologyEvaluation>> {
    const all = topologies.flatMap((topology) => this.rulesWhileSettling(topology) ?? []);
    const { clock, graphs, instances } = this.#parts;
    await Promise.all([graphs?.refresh(signal, all), instances.read(clock.now())]);
    const byEngine = new Map<Engine, string[]>();
    for (const { engine, labelValue } of all) byEngine.set(engine, [...(byEngine.get(engine) ?? []), labelValue]);
    const looks = await Promise.all(
      [...byEngine].map(([engine, only]) => this.#lookAt(engine, only, recalled, signal)),
    );
    this.#keep(looks.flat(), { isComplete: false });
    return new Map(looks.flat().map(({ evaluation }) => [evaluation.topology, evaluation]));
  }

  async #lookAt(
    engine: Engine,
    only: readonly string[] | null,
    recalled: RecalledLog,
    signal: AbortSignal,
  ): Promise<WatchedTopology[]> {
    const { configuration, client, clock, metrics } = this.#parts;
    const startedAtMs = clock.now();
    const startedMs = clock.elapsed();
    const { webhooks } = configuration;
    const number = (this.#looks += 1);
    const request = {
      client,
      engine,
      windowMs: configuration.windowMs,
      atMs: startedAtMs,
      listed: [
        ...configuration.topologies,
        ...(only === null ? [] : [...this.#retired].map(([name, rules]) => listRetired(name, rules))),
      ].filter((topology) => topology.engine === engine.name),
      discoveries: configuration.discoveries.filter((discovery) => discovery.engine === engine.name),
      only,
      known: this.all().flatMap((watched) => (watched.engine.name === engine.name ? [watched.sensed] : [])),
      ...(this.#parts.graphs === undefined ? {} : { graphOf: this.#parts.graphs.graphOf }),
      signal,
    };
    const sensing = await senseAtPrometheusTime(request, this.#clockOfPrometheus, this.#parts.sense);
    const topologies = withoutListedElsewhere(configuration, sensing.topologies);
    const needs =
      sensing.failures.length < sensing.requests ? await this.#recallNeeds(topologies, recalled, signal) : null;
    if (signal.aborted) return [];
    this.#memories.followClock(startedAtMs - startedMs);
    await mapInSlices(needs?.recorded ?? [], ([wanted, recorded]) => {
      this.#memories.needs.addRecorded(wanted, recorded);
    });
    const hasAllAnswers = sensing.failures.length === 0;
    const watched = await mapInSlices(topologies, (sensed) => {
      if (hasAllAnswers) this.#reports.reportUnmatched(sensed, startedMs);
      const rules = rulesBy(sensed.configuredBy, engine, sensed.labelValue);
      const evaluation = this.#memories.evaluate(sensed, { rules, recalled, webhooks, nowMs: clock.now() });
      return { lookNumber: number, evaluation, sensed, ...rules };
    });
    // Checked again, because the slices let time pass.
    if (isAborted(signal)) return [];
    this.#reports.reportFailures(engine.name, sensing);
    if (needs?.fault !== undefined) this.#reports.reportUnreadNeeds(engine.name, needs.fault);
    this.#reports.reportSkew(this.#clockOfPrometheus);
    const failure = sensing.failures[0]?.error;
    metrics.recordEvaluation({
      engine: engine.name,
      atMs: startedAtMs,
      durationMs: clock.elapsed() - startedMs,
      failure: failure === undefined ? null : codeOf(failure),
    });
    metrics.setPrometheusClockSkew(this.#clockOfPrometheus.skewMs());
    metrics.setPrometheusUp(sensing.failures.length < sensing.requests || sensing.requests === 0);
    return watched;
  }

  async #recallNeeds(
    sensed: readonly SensedTopology[],
    recalled: RecalledLog,
    signal: AbortSignal,
  ): Promise<RecalledNeeds | null> {
    const { rangeClient, configuration, clock } = this.#parts;
    if (rangeClient === undefined) return null;
    return recallNeeds(sensed, this.#memories.needs, {
      client: rangeClientWithOffset(rangeClient, () => this.#clockOfPrometheus.offsetMs()),
      matchers: configuration.prometheus.ownMatchers,
      actionsOf: (topology) => recalled.actionsOf(topology),
      elapsedMs: clock.elapsed(),
      signal,
    });
  }

  #keep(looks: readonly WatchedTopology[], { isComplete }: { isComplete: boolean }): void {
    const kept = new Map<string, WatchedTopology>(isComplete ? [] : this.#watched);
    for (const look of looks) {
      const { topology } = look.evaluation;
      // A complete look uses the present configuration: a discovery has found the topology again.
      if (isComplete) this.#retired.delete(topology);
      if (this.#retired.has(topology)) continue;
      const newest = this.#watched.get(topology);
      // A look for an alert may overtake a tick that still waits for Prometheus.
      const isOvertaken = newest !== undefined && newest.lookNumber > look.lookNumber;
      // Two engines may discover the same name: the first one keeps it.
      if (isComplete && kept.has(topology)) continue;
      kept.set(topology, isOvertaken ? newest : look);
      if (!isOvertaken) this.#reports.reportDiagnoses(look.evaluation);
    }
    this.#setWatched(kept);
    this.#reports.keepOnly(kept);
    const nowMs = this.#parts.clock.now();
    const { windowMs } = this.#parts.configuration;
    this.#seen.note(kept.keys(), this.#parts.clock.elapsed());
    this.#parts.metrics.recordTopologies(kept.keys(), nowMs);
    const isKept = (topology: string): boolean => kept.has(topology) || this.#seen.has(topology);
    this.#memories.keepOnly(isKept, { isSeen: (topology) => kept.has(topology), nowMs, windowMs });
    void this.#parts.instances.write(nowMs);
    this.#parts.onLook?.();
  }

  #setWatched(watched: ReadonlyMap<string, WatchedTopology>): void {
    const all = [...watched.values()];
    this.#watched = watched;
    this.#lists = { all, evaluations: all.map(({ evaluation }) => evaluation) };
  }
}

function isAborted({ aborted }: AbortSignal): boolean {
  return aborted;
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof DhalionError ? error.code : 'prometheus_malformed';
}
