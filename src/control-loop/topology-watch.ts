// Looks at the topologies, all of them at every tick or some of them afresh, and keeps what the newest look concluded.
// Decides nothing; what an answer from Prometheus means is sensors/, what the measurements mean is the pure core.
import type { ActionLog } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';
import type { Configuration, Engine, WebhookRoutes } from '../config/configuration.js';
import { describeError, DhalionError, type ErrorCode } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import type { Action } from '../model/action.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { changesParallelism, type ResolverName } from '../model/resolver.js';
import { evaluateTopology } from '../policy/evaluate-topology.js';
import { noticeMissingInstances, type TopologyMemory } from '../policy/notice-missing-instances.js';
import { chooseResolver } from '../resolvers/resolve.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';
import type { PrometheusClient } from '../sensors/prometheus-client.js';
import { sense, type EngineSensing } from '../sensors/sense.js';
import { findTopologyRules } from './find-topology-rules.js';

/** How a topology is to be treated, whether or not it has been seen. */
export interface TopologyRules {
  readonly engine: Engine;
  readonly labelValue: string;
  readonly settings: PolicySettings;
  readonly webhooks: WebhookRoutes;
}

export interface WatchedTopology extends TopologyRules {
  readonly evaluation: TopologyEvaluation;
  readonly sensed: SensedTopology;
}

export interface TopologyWatchParts {
  readonly configuration: Configuration;
  readonly client: PrometheusClient;
  readonly log: ActionLog;
  readonly metrics: ServiceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** More actions than this are not looked at for escalations; far above what `limits` let through. */
const MAX_RECENT_ACTIONS = 10_000;
const HOUR_MS = 3_600_000;

export class TopologyWatch {
  readonly #parts: TopologyWatchParts;
  #watched: ReadonlyMap<string, WatchedTopology> = new Map();
  #memories: ReadonlyMap<string, TopologyMemory> = new Map();
  #recentActions: readonly Action[] = [];
  #lastTroubles: ReadonlyMap<string, string> = new Map();

  constructor(parts: TopologyWatchParts) {
    this.#parts = parts;
  }

  /** The newest look at every topology. */
  all(): readonly WatchedTopology[] {
    return [...this.#watched.values()];
  }

  find(topology: string): WatchedTopology | undefined {
    return this.#watched.get(topology);
  }

  /** null: neither listed nor matched by a discovery. */
  rulesOf(topology: string): TopologyRules | null {
    return this.find(topology) ?? findTopologyRules(this.#parts.configuration, topology);
  }

  /** The resolver that would answer the diagnosis now, in view of what has been tried. */
  resolverFor(topology: string, rules: TopologyRules, operator: string, diagnosis: DiagnosisName): ResolverName {
    const sinceMs = this.#parts.clock.now() - rules.settings.escalateForMs;
    return chooseResolver(diagnosis, (resolver) => ({
      isSupported: rules.webhooks[resolver] !== undefined,
      wasIneffective: this.#recentActions.some(
        (action) =>
          action.topology === topology &&
          action.operator === operator &&
          action.resolver === resolver &&
          action.outcome === 'ineffective' &&
          (action.judgedAtMs ?? 0) >= sinceMs,
      ),
    }));
  }

  /** Looks at every topology of every engine; what has vanished since is forgotten. */
  async lookAtAll(signal: AbortSignal): Promise<void> {
    await this.#recallActions();
    const engines = [...this.#parts.configuration.engines.values()];
    const looks = await Promise.all(engines.map((engine) => this.#lookAt(engine, null, signal)));
    this.#keep(looks.flat(), { isComplete: true });
  }

  /** Looks afresh at these topologies, one evaluation an engine; those of which nothing is to be seen are left out. */
  async lookAt(topologies: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, TopologyEvaluation>> {
    await this.#recallActions();
    const byEngine = new Map<Engine, string[]>();
    for (const topology of topologies) {
      const rules = this.rulesOf(topology);
      if (rules !== null) byEngine.set(rules.engine, [...(byEngine.get(rules.engine) ?? []), rules.labelValue]);
    }
    const looks = await Promise.all([...byEngine].map(([engine, only]) => this.#lookAt(engine, only, signal)));
    this.#keep(looks.flat(), { isComplete: false });
    return new Map(looks.flat().map(({ evaluation }) => [evaluation.topology, evaluation]));
  }

  async #lookAt(engine: Engine, only: readonly string[] | null, signal: AbortSignal): Promise<WatchedTopology[]> {
    const { configuration, client, clock, metrics } = this.#parts;
    const startedAtMs = clock.now();
    const sensing = await sense({
      client,
      engine,
      windowMs: configuration.windowMs,
      atMs: startedAtMs,
      listed: configuration.topologies.filter((topology) => topology.engine === engine.name),
      discoveries: configuration.discoveries.filter((discovery) => discovery.engine === engine.name),
      only,
      known: this.all().flatMap((watched) => (watched.engine.name === engine.name ? [watched.sensed] : [])),
      signal,
    });
    if (signal.aborted) return [];
    const watched = sensing.topologies.map((sensed) => this.#evaluate(engine, sensed));
    this.#reportTrouble(engine, sensing);
    const failure = sensing.failures[0]?.error;
    metrics.recordEvaluation({
      engine: engine.name,
      atMs: startedAtMs,
      durationMs: clock.now() - startedAtMs,
      failure: failure === undefined ? null : codeOf(failure),
    });
    metrics.setPrometheusUp(sensing.failures.length < sensing.requests || sensing.requests === 0);
    return watched;
  }

  #evaluate(engine: Engine, sensed: SensedTopology): WatchedTopology {
    const { topology } = sensed.measurement;
    const { policy: settings, webhooks } = sensed.configuredBy;
    const rules: TopologyRules = { engine, labelValue: sensed.labelValue, settings, webhooks };
    const memory = this.#memories.get(topology) ?? new Map<string, never>();
    const noticed = noticeMissingInstances(sensed.measurement, memory, (operator) =>
      this.#askedFor(topology, operator),
    );
    this.#memories = new Map(this.#memories).set(topology, noticed.memory);
    const evaluation = evaluateTopology(noticed.measurement, settings, (operator, diagnosis) =>
      this.resolverFor(topology, rules, operator, diagnosis),
    );
    return { ...rules, evaluation, sensed };
  }

  /** The parallelism that our newest action on the operator asked for; null: there was none lately. */
  #askedFor(topology: string, operator: string): number | null {
    const newest = this.#recentActions.find(
      (action) =>
        action.topology === topology &&
        action.operator === operator &&
        !action.dryRun &&
        changesParallelism(action.resolver),
    );
    return newest?.desiredParallelism ?? null;
  }

  #keep(looks: readonly WatchedTopology[], { isComplete }: { isComplete: boolean }): void {
    const kept = new Map<string, WatchedTopology>(isComplete ? [] : this.#watched);
    for (const look of looks) {
      const { topology, atMs } = look.evaluation;
      const newest = this.#watched.get(topology);
      // A look for an alert may overtake a tick that is still waiting for Prometheus.
      const isOvertaken = newest !== undefined && newest.evaluation.atMs > atMs;
      // Two engines may discover the same name: the first one has it.
      if (isComplete && kept.has(topology)) continue;
      kept.set(topology, isOvertaken ? newest : look);
      if (!isOvertaken) this.#reportChanges(newest, look);
    }
    this.#watched = kept;
    this.#memories = new Map([...this.#memories].filter(([topology]) => kept.has(topology)));
  }

  async #recallActions(): Promise<void> {
    const { configuration, log, clock } = this.#parts;
    const escalations = [...configuration.topologies, ...configuration.discoveries].map(
      ({ policy }) => policy.escalateForMs,
    );
    const sinceMs = clock.now() - Math.max(HOUR_MS, ...escalations);
    try {
      this.#recentActions = await log.actions({ sinceMs, limit: MAX_RECENT_ACTIONS });
    } catch (error) {
      // Without its log the service does not act, but goes on observing.
      this.#parts.logger.debug({ error: describeError(error) }, 'the action log does not answer');
    }
  }

  /** Once when it changes: what Prometheus fails to answer. */
  #reportTrouble(engine: Engine, { failures, requests }: EngineSensing): void {
    const [first] = failures;
    const trouble = first === undefined ? '' : `${first.purpose}: ${describeError(first.error)}`;
    if (trouble === (this.#lastTroubles.get(engine.name) ?? '')) return;
    this.#lastTroubles = new Map(this.#lastTroubles).set(engine.name, trouble);
    const { logger } = this.#parts;
    if (first === undefined) logger.info({ engine: engine.name }, 'Prometheus answers again');
    else logger.warn({ engine: engine.name, failed: failures.length, of: requests, error: trouble }, 'queries failed');
  }

  /** Once when it changes: what is the matter with an operator. */
  #reportChanges(before: WatchedTopology | undefined, { evaluation }: WatchedTopology): void {
    for (const operator of evaluation.operators) {
      const { name } = operator.measurement.spec;
      const earlier = before?.evaluation.operators.find(({ measurement }) => measurement.spec.name === name);
      const was = earlier?.diagnoses.map(({ diagnosis }) => diagnosis).join(' ') ?? '';
      const is = operator.diagnoses.map(({ diagnosis }) => diagnosis).join(' ');
      if (was === is) continue;
      this.#parts.logger.info(
        {
          topology: evaluation.topology,
          operator: name,
          diagnoses: is === '' ? 'none' : is,
          parallelism: operator.measurement.parallelism,
          recommended_parallelism: operator.recommendedParallelism,
          suspended_ratio: operator.suspendedRatio,
        },
        'diagnosis changed',
      );
    }
  }
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof DhalionError ? error.code : 'prometheus_malformed';
}
