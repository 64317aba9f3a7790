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

/** How it is asked. */
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

/** Where people's browsers find what the status page links to, without a trailing slash; null: it is not linked to. */
export interface LinkAddresses {
  readonly prometheus: string | null;
  readonly alertmanager: string | null;
  readonly grafana: string | null;
}

export interface StorageSettings {
  /** Folder of the embedded database. */
  readonly path: string;
  /** File with the URL of a PostgreSQL database, which is used instead if it is given. */
  readonly postgresUrlFile: string | null;
  readonly retentionMs: number;
}

export interface FleetLimits {
  readonly maxOpenActions: number;
  readonly maxActionsPerHour: number;
  readonly maxScaleDownShare: number;
}

export interface AlertSettings {
  /** Matches the name of an alert that is a diagnosis of ours. */
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
  /** Instances are numbered 0..p-1, so that a missing number is a missing instance. */
  readonly contiguousInstances: boolean;
  /** PromQL whose series' operators are sources, for operators that are discovered; null: none can be told. */
  readonly sources: string | null;
  /**
   * Instantaneous PromQL by sensor, `$matchers` not yet filled in. Of several expressions an instance's first that is above 0
   * counts, else its first that has a value.
   */
  readonly sensors: Readonly<Partial<Record<SensorName, readonly string[]>>>;
}

/** Names of labels, in all of which together there is one value at a time: what differs in them is not one thing. */
export interface EngineIdentity {
  /** Of a topology (Flink: job_id). */
  readonly topology: readonly string[];
  /** Of an operator (Flink: task_id). */
  readonly operator: readonly string[];
  /** Of an instance from one start to the next (Flink: task_attempt_id). */
  readonly attempt: readonly string[];
}

/** Which webhook carries out which resolver; a resolver that is absent is not supported. */
export type WebhookRoutes = Readonly<Partial<Record<ResolverName, string>>>;

export interface ListedTopology {
  readonly name: string;
  readonly engine: string;
  /** Value of the engine's topology label. */
  readonly labelValue: string;
  /** null: discovered from the series. */
  readonly operators: readonly ListedOperator[] | null;
  readonly webhooks: WebhookRoutes;
  /** Name of the webhook that is asked for graphs, and for nothing else; null: the one that scales is, where it has them. */
  readonly graph: string | null;
  readonly policy: PolicySettings;
}

export interface ListedOperator {
  readonly spec: OperatorSpec;
  /** Matches the operator label. */
  readonly match: LabelPattern;
  /** It ends before the topology does: without series it is gone, not missing. */
  readonly mayFinish: boolean;
}

/** Every other topology of the engine whose label value matches. */
export interface Discovery {
  /** As it was written, for queries. */
  readonly pattern: string;
  /** The same, for what is not asked of Prometheus. */
  readonly match: LabelPattern;
  readonly engine: string;
  readonly webhooks: WebhookRoutes;
  /** Name of the webhook that is asked for graphs, and for nothing else; null: the one that scales is, where it has them. */
  readonly graph: string | null;
  readonly policy: PolicySettings;
}
