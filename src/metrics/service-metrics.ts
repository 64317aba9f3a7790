// Counters, histograms and gauges of the service itself, for its lifetime, and Node's process metrics. The only module that
// knows prom-client: an explicit registry, never the global one, and never OpenMetrics.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { ERROR_CODES, type ErrorCode } from '../errors.js';
import { ALERT_IGNORE_REASONS, ALERT_STATUSES, type AlertIgnoreReason, type AlertStatus } from '../model/alert.js';
import type { HoldReason } from '../model/decision.js';
import type { Outcome } from '../model/outcome.js';
import type { ActionKind, PlannedOperator } from '../model/resolver.js';
import { TopologyCounters } from './topology-counters.js';
import { OMITTED_NODE_METRICS, SERVICE_METRICS as METRICS, type MetricDefinition } from './metric-catalogue.js';

/** Usual statuses of refused notifications: counted from 0, so that the first one shows in a rate. */
const USUAL_REFUSALS = ['400', '401', '403', '413', '415', '500', '503'] as const;

export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly nodeVersion: string;
}

export interface AlertCounts {
  readonly accepted: readonly { readonly status: AlertStatus }[];
  readonly ignored: ReadonlyMap<AlertIgnoreReason, number>;
}

export interface ServiceMetrics {
  /** Called after each load of the configuration: counters of these engines start at 0, gauges of others vanish. */
  setEngines(engines: readonly string[]): void;
  /** Called after each look with the evaluated topologies. The counters of others are removed after a day. */
  recordTopologies(topologies: Iterable<string>, atMs: number): void;
  /** Counted once, under the most urgent of its operators. */
  recordAction(action: JudgedAction): void;
  /** Counted under an empty name unless the topology was evaluated within a day. */
  recordHold(topology: string, reason: HoldReason): void;
  recordAlerts(counts: AlertCounts, atMs: number): void;
  /** @param status HTTP status that the notification was answered with */
  recordRefusal(status: number): void;
  /** @param request.code HTTP status, or what came instead (timeout, network, aborted) */
  recordWebhookRequest(request: { webhook: string; code: number | string; durationMs: number }): void;
  /** @param evaluation.failure the first error; null: all queries succeeded */
  recordEvaluation(evaluation: { engine: string; atMs: number; durationMs: number; failure: ErrorCode | null }): void;
  setPrometheusUp(isUp: boolean): void;
  /** @param skewMs null: unknown */
  setPrometheusClockSkew(skewMs: number | null): void;
  setStorageUp(isUp: boolean): void;
  recordConfigLoad(isSuccessful: boolean, atMs: number): void;
  /** Exposition text of `SERVICE_METRICS` and Node's process metrics, ending in a newline. */
  text(): Promise<string>;
}

export interface JudgedAction {
  readonly topology: string;
  readonly operators: readonly [Pick<PlannedOperator, 'operator'>, ...Pick<PlannedOperator, 'operator'>[]];
  readonly resolver: ActionKind;
  readonly outcome: Outcome;
}

/** @param logLinesLost since the process started */
export function createServiceMetrics(build: BuildInfo, logLinesLost = (): number => 0): ServiceMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of OMITTED_NODE_METRICS) registry.removeSingleMetric(name);
  const { version, revision, nodeVersion } = build;
  gauge(registry, METRICS.buildInfo).set({ version, revision, node_version: nodeVersion }, 1);
  countFrom(registry, METRICS.logLinesLost, logLinesLost);
  return {
    ...intakeRecorders(registry),
    ...actionRecorders(registry),
    ...topologyRecorders(registry),
    ...evaluationRecorders(registry),
    ...stateRecorders(registry),
    text: () => registry.metrics(),
  };
}

function intakeRecorders(registry: Registry): Pick<ServiceMetrics, 'recordAlerts' | 'recordRefusal'> {
  const received = counter(registry, METRICS.alertsReceived);
  const ignored = counter(registry, METRICS.alertsIgnored);
  const lastTimestamp = gauge(registry, METRICS.lastNotificationTimestamp);
  const refused = counter(registry, METRICS.notificationsRefused);
  for (const status of ALERT_STATUSES) received.inc({ status }, 0);
  for (const reason of ALERT_IGNORE_REASONS) ignored.inc({ reason }, 0);
  for (const code of USUAL_REFUSALS) refused.inc({ code }, 0);
  return {
    recordAlerts: (counts, atMs) => {
      if (counts.accepted.length > 0) lastTimestamp.set(atMs / 1000);
      for (const { status } of counts.accepted) received.inc({ status });
      for (const [reason, count] of counts.ignored) ignored.inc({ reason }, count);
    },
    recordRefusal: (status) => {
      refused.inc({ code: String(status) });
    },
  };
}

function actionRecorders(registry: Registry): Pick<ServiceMetrics, 'recordWebhookRequest'> {
  const requests = counter(registry, METRICS.webhookRequests);
  const duration = histogram(registry, METRICS.webhookRequestDuration);
  return {
    recordWebhookRequest: ({ webhook, code, durationMs }) => {
      const labels = { webhook, code: String(code) };
      requests.inc(labels);
      duration.observe(labels, durationMs / 1000);
    },
  };
}

function topologyRecorders(
  registry: Registry,
): Pick<ServiceMetrics, 'recordTopologies' | 'recordAction' | 'recordHold'> {
  const actions = counter(registry, METRICS.actions);
  const holds = counter(registry, METRICS.holds);
  const counters = new TopologyCounters();
  return {
    recordTopologies: (topologies, atMs) => {
      counters.noteSeen(topologies, atMs);
    },
    recordAction: ({ topology, operators: [{ operator }], resolver, outcome }) => {
      counters.countKnown(actions, { topology, operator, resolver, outcome });
    },
    recordHold: (topology, reason) => {
      counters.countReported(holds, { topology, reason });
    },
  };
}

function evaluationRecorders(registry: Registry): Pick<ServiceMetrics, 'recordEvaluation' | 'setEngines'> {
  const evaluations = counter(registry, METRICS.evaluations);
  const failures = counter(registry, METRICS.evaluationFailures);
  const duration = histogram(registry, METRICS.evaluationDuration);
  const lastTimestamp = gauge(registry, METRICS.lastEvaluationTimestamp);
  const failureReasons = ERROR_CODES.filter((code) => code.startsWith('prometheus_'));
  const lastSuccessMs = new Map<string, number>();
  return {
    setEngines: (engines) => {
      for (const engine of engines) {
        evaluations.inc({ engine }, 0);
        for (const reason of failureReasons) failures.inc({ engine, reason }, 0);
      }
      for (const engine of lastSuccessMs.keys()) {
        if (engines.includes(engine)) continue;
        lastTimestamp.remove({ engine });
        lastSuccessMs.delete(engine);
      }
    },
    recordEvaluation: ({ engine, atMs, durationMs, failure }) => {
      evaluations.inc({ engine });
      duration.observe({ engine }, durationMs / 1000);
      if (failure !== null) {
        failures.inc({ engine, reason: failure });
        return;
      }
      lastSuccessMs.set(engine, atMs);
      lastTimestamp.set({ engine }, atMs / 1000);
    },
  };
}

function stateRecorders(
  registry: Registry,
): Pick<ServiceMetrics, 'setPrometheusUp' | 'setPrometheusClockSkew' | 'setStorageUp' | 'recordConfigLoad'> {
  const prometheusUp = gauge(registry, METRICS.prometheusUp);
  const clockSkew = gauge(registry, METRICS.prometheusClockSkew);
  const storageUp = gauge(registry, METRICS.storageUp);
  const loadSuccessful = gauge(registry, METRICS.configLastReloadSuccessful);
  const loadedAt = gauge(registry, METRICS.configLastReloadSuccessTimestamp);
  return {
    setPrometheusUp: (isUp) => {
      prometheusUp.set(isUp ? 1 : 0);
    },
    setPrometheusClockSkew: (skewMs) => {
      if (skewMs === null) clockSkew.remove();
      else clockSkew.set(skewMs / 1000);
    },
    setStorageUp: (isUp) => {
      storageUp.set(isUp ? 1 : 0);
    },
    recordConfigLoad: (isSuccessful, atMs) => {
      loadSuccessful.set(isSuccessful ? 1 : 0);
      if (isSuccessful) loadedAt.set(atMs / 1000);
    },
  };
}

function counter(registry: Registry, { name, help, labels }: MetricDefinition): Counter {
  return new Counter({ name, help, labelNames: labels, registers: [registry] });
}

/** A counter whose value is kept elsewhere. */
function countFrom(registry: Registry, { name, help }: MetricDefinition, count: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(count());
    },
  });
}

/** prom-client starts an unlabelled gauge at 0; here it is absent until it is set. */
function gauge(registry: Registry, { name, help, labels }: MetricDefinition): Gauge {
  const created = new Gauge({ name, help, labelNames: labels, registers: [registry] });
  if (labels.length === 0) created.remove();
  return created;
}

function histogram(registry: Registry, { name, help, labels, buckets = [] }: MetricDefinition): Histogram {
  return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] });
}
