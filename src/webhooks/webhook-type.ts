// The interface of a webhook type. Each type has its own folder: its configuration keys, its settings, its calls and, for some types, a
// source of topology graphs. webhook-types.ts lists the types. No code outside of that list depends on a certain type.
import type { Clock } from '../clock.js';
import type { DocumentPart } from '../grammar/document-part.js';
import type { UnlocatedFault } from '../grammar/config-fault.js';
import type { FileAccess } from '../grammar/http-config-checks.js';
import type { PropertySchema } from '../grammar/schema-types.js';
import type { Logger } from '../logger.js';
import type { Action, ActionRequest } from '../model/action.js';
import type { EngineGraph } from '../model/engine-graph.js';
import type { ResolverName } from '../model/resolver.js';
import type { HttpClient } from '../outbound/http-client.js';
import type { HttpConfig } from '../outbound/http-config.js';
import type { WebhookBody } from './webhook-body.js';
import type { CallParts, WebhookCall } from './webhook-call.js';

/** The settings of every type. */
export interface CommonWebhookSettings {
  readonly name: string;
  /** For one attempt. */
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly expiresAfterMs: number;
  readonly http: HttpConfig;
}

export interface WebhookType<Entry, Settings extends CommonWebhookSettings> {
  /** For the reference: `generic`: _an HTTP call that you define_. */
  readonly description: string;
  /** By common key, its meaning for this type; default: its meaning for type generic. */
  readonly meanings: Readonly<Partial<Record<'url' | 'timeout', string>>>;
  /** Its own keys, which define its calls. Key names are unique among types. */
  readonly requestKeys: Readonly<Record<string, PropertySchema>>;
  /** Its own keys that name files with secrets. */
  readonly secretKeys: Readonly<Record<string, PropertySchema>>;
  /** For keys of other types: why they have no effect here, and by key what to use instead. Each continues a sentence. */
  readonly otherKeys: { readonly reason: string; readonly instead: Readonly<Record<string, string>> };
  /** By resolver that it cannot carry out, the reason: "Flink's REST API cannot …". */
  readonly unserved: Readonly<Partial<Record<ResolverName, string>>>;
  /** `foreign`: built-in engines whose topologies it cannot scale; `scales`: what it can scale. */
  readonly engines: { readonly scales: string; readonly foreign: readonly string[] };

  /** Checks that a schema cannot express, except for `http_config` and keys of other types. The entry may be invalid. */
  findFaults(webhook: DocumentPart, name: string, files: FileAccess): UnlocatedFault[];
  /** The field in an entry that covers one operator of a plan only; undefined: it carries out whole plans. The entry may be invalid. */
  askedOfOneOperator(webhook: DocumentPart): string | undefined;
  /** @param entry without faults */
  settingsOf(common: CommonWebhookSettings, entry: Entry): Settings;
  /**
   * The request for the action log, written before anything is sent. It is the only input of an attempt: a desired state, never a
   * difference, so an attempt can be repeated.
   * @throws DhalionError config_invalid if a template cannot be rendered
   */
  renderRequest(webhook: Settings, body: WebhookBody): ActionRequest;
  createCall(webhook: Settings, parts: CallParts): WebhookCall;
  /** Only for types that use the Kubernetes API as a service account: the account's rights in the topologies' namespaces. */
  kubernetesRules?(webhook: Settings): readonly KubernetesRule[];
  /** Only for types whose receiver reports the graph of a topology and the state of its operators. */
  createGraphSource?(scalers: readonly Scaler<Settings>[], parts: GraphParts): GraphSource;
  /** Only for types whose receiver reports why an accepted change is not done yet. */
  createHoldUpReader?(webhook: Settings, parts: HoldUpParts): HoldUpReader;
}

export interface HoldUpParts {
  readonly http: Pick<HttpClient, 'call'>;
}

/** Why the change of a completed action is not visible yet. Rejects if the receiver does not answer. */
export type HoldUpReader = (action: Action, signal: AbortSignal) => Promise<HoldUp>;

export interface HoldUp {
  /** For people: no decision depends on it. null: no cause is known. */
  readonly words: string | null;
  /** null: the possible delay is not known; `settling_time` alone counts. */
  readonly wait: EngineWait | null;
}

/** A wait of the engine between accepting a change and doing it. Judging waits as long, up to a limit. */
export interface EngineWait {
  /** From the call's success, ms, 0 or more. Not trusted: judging limits it. */
  readonly longestMs: number;
  /** For the duration of the wait: `waiting for a checkpoint`; null: `HoldUp.words` is enough. */
  readonly words: string | null;
}

/** As in a Role. */
export interface KubernetesRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A webhook and the topologies whose graphs are read through it. */
export interface Scaler<Settings> {
  readonly webhook: Settings;
  readonly http: Pick<HttpClient, 'call'>;
  /** Values of the engine's topology label; null: all. */
  readonly topologies: readonly string[] | null;
  /**
   * By topology label, the values of these labels on the topology's series. A topology with different values is left out.
   * Rejects if the query to Prometheus fails.
   */
  readonly senseLabels: (
    names: readonly string[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>;
}

export interface GraphParts {
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly logger: Logger;
}

export interface GraphSource {
  /**
   * Reads new and changed graphs. Never rejects: everything else works without a graph.
   * @param only names of webhooks; those asked a moment ago are not asked again. Default: all webhooks
   */
  refresh(signal: AbortSignal, only?: ReadonlySet<string>): Promise<void>;
  /** @returns null: not known */
  find(webhook: string, topologyLabel: string): EngineGraph | null;
}
