// The configuration as the program uses it: parsed, merged, durations in ms. The file's own grammar is config-schema.ts.
import type { BackpressureReporter, OperatorSpec, SensorName } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { ResolverName } from '../model/resolver.js';
import type { HttpConfig } from '../outbound/http-config.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import type { LabelPattern } from './label-pattern.js';

export interface Configuration {
  readonly prometheus: PrometheusSettings;
  readonly evaluationIntervalMs: number;
  readonly windowMs: number;
  readonly storage: StorageSettings;
  readonly limits: FleetLimits;
  readonly alerts: AlertSettings;
  readonly links: LinkAddresses;
  readonly webhooks: ReadonlyMap<string, WebhookSettings>;
  /** Only the engines that a topology uses. */
  readonly engines: ReadonlyMap<string, Engine>;
  readonly topologies: readonly ListedTopology[];
  readonly discoveries: readonly Discovery[];
}

/** How Dhalion queries Prometheus. */
export interface PrometheusAccess {
  /** With its path prefix, without a trailing slash. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly method: 'GET' | 'POST';
  readonly queryParams: Readonly<Record<string, string>>;
  readonly http: HttpConfig;
}

export interface PrometheusSettings extends PrometheusAccess {
  /** Label matchers of our own series, as inside PromQL braces; may be empty. */
  readonly ownMatchers: string;
}

/** Addresses for people's browsers that the status page links to, without a trailing slash; null: no link. */
export interface LinkAddresses {
  readonly prometheus: string | null;
  readonly alertmanager: string | null;
  readonly grafana: string | null;
}

export interface StorageSettings {
  /** Folder of the embedded database. */
  readonly path: string;
  /** File with the URL of a PostgreSQL database, which replaces the embedded one; null: none. */
  readonly postgresUrlFile: string | null;
  readonly retentionMs: number;
}

export interface FleetLimits {
  readonly maxOpenActions: number;
  readonly maxActionsPerHour: number;
  readonly maxScaleDownShare: number;
}

export interface AlertSettings {
  /** Matches the names of alerts that carry Dhalion's diagnoses. */
  readonly alertname: LabelPattern;
}

/** An engine is data: how its series are labelled, and one PromQL expression a sensor. */
export interface Engine {
  readonly name: string;
  readonly labels: { readonly topology: string; readonly operator: string; readonly operatorInstance: string };
  readonly identity: EngineIdentity;
  /** Label matchers in every query, as inside PromQL braces; may be empty. */
  readonly matchers: string;
  /** Step of the sub-queries, ms. */
  readonly resolutionMs: number;
  readonly seriesTtlMs: number;
  readonly backpressureReportedBy: BackpressureReporter;
  /** Whether instances are numbered 0..p-1: then a missing number is a missing instance. */
  readonly contiguousInstances: boolean;
  /** PromQL whose series belong to sources, for discovered operators; null: sources cannot be recognised. */
  readonly sources: string | null;
  /**
   * Instantaneous PromQL by sensor, `$matchers` not yet filled in. With several expressions, an instance's first value above 0
   * counts, else its first value.
   */
  readonly sensors: Readonly<Partial<Record<SensorName, readonly string[]>>>;
}

/** Names of labels that together identify one thing at a time: series that differ in them are of different things. */
export interface EngineIdentity {
  /** Of a topology (Flink: job_id). */
  readonly topology: readonly string[];
  /** Of an operator (Flink: task_id). */
  readonly operator: readonly string[];
  /** Of an instance from one start to the next (Flink: task_attempt_id). */
  readonly attempt: readonly string[];
}

/** The webhook that carries out each resolver; an absent resolver is not supported. */
export type WebhookRoutes = Readonly<Partial<Record<ResolverName, string>>>;

export interface ListedTopology {
  readonly name: string;
  readonly engine: string;
  /** Value of the engine's topology label. */
  readonly labelValue: string;
  /** null: discovered from the series. */
  readonly operators: readonly ListedOperator[] | null;
  readonly webhooks: WebhookRoutes;
  /** Name of a webhook that Dhalion asks for graphs only; null: it asks the scaling webhook, if its type has graphs. */
  readonly graph: string | null;
  readonly policy: PolicySettings;
}

export interface ListedOperator {
  readonly spec: OperatorSpec;
  /** Matches the operator label. */
  readonly match: LabelPattern;
  /** The operator may end before the topology does: without series it is finished, not missing. */
  readonly mayFinish: boolean;
}

/** Every other topology of the engine whose label value matches. */
export interface Discovery {
  /** As the user wrote it, for queries. */
  readonly pattern: string;
  /** The same pattern, matched here instead of by Prometheus. */
  readonly match: LabelPattern;
  readonly engine: string;
  readonly webhooks: WebhookRoutes;
  /** Name of a webhook that Dhalion asks for graphs only; null: it asks the scaling webhook, if its type has graphs. */
  readonly graph: string | null;
  readonly policy: PolicySettings;
}
