// What a type of webhook brings, in a folder of its own: its keys in the configuration, what it makes of them, its calls, and, where it
// has one, the graphs of what it scales. webhook-types.ts lists the types. Which one a webhook is, nobody asks outside of that list.
import type { Clock } from '../clock.js';
import type { DocumentPart } from '../grammar/document-part.js';
import type { Finding } from '../grammar/config-fault.js';
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

/** What every webhook has, whatever its type. */
export interface CommonWebhookSettings {
  readonly name: string;
  /** For one attempt. */
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly expiresAfterMs: number;
  readonly http: HttpConfig;
}

export interface WebhookType<Entry, Settings extends CommonWebhookSettings> {
  /** What it is, in the reference: `generic`: _an HTTP call of yours_. */
  readonly description: string;
  /** By key that every type has, what it means for this one; without it, the key means what it does for type generic. */
  readonly meanings: Readonly<Partial<Record<'url' | 'timeout', string>>>;
  /** Keys of its own: what its calls are made of. No two types have a key of the same name. */
  readonly requestKeys: Readonly<Record<string, PropertySchema>>;
  /** Keys of its own that name files with secrets. */
  readonly secretKeys: Readonly<Record<string, PropertySchema>>;
  /** Of keys of other types: why they mean nothing here, and by key where what they are for belongs. Each continues a sentence. */
  readonly otherKeys: { readonly reason: string; readonly instead: Readonly<Record<string, string>> };
  /** What of a resolver it cannot carry out, and why: "Flink's REST API cannot …". */
  readonly unserved: Readonly<Partial<Record<ResolverName, string>>>;
  /** Built-in engines whose topologies it cannot scale; `scales`: those that it can. */
  readonly engines: { readonly scales: string; readonly foreign: readonly string[] };

  /** What no schema can say about an entry, `http_config` and keys of other types aside. The entry may be unsound. */
  findFaults(webhook: DocumentPart, name: string, files: FileAccess): Finding[];
  /** What in an entry asks for one operator of a plan alone; undefined: it carries out whole plans. The entry may be unsound. */
  askedOfOneOperator(webhook: DocumentPart): string | undefined;
  /** @param entry without faults */
  settingsOf(common: CommonWebhookSettings, entry: Entry): Settings;
  /**
   * What is written to the action log before anything is sent, and is all that an attempt knows of what is wanted: state, never a
   * difference, so that an attempt can be made again.
   * @throws DhalionError config_invalid if a template cannot be rendered
   */
  renderRequest(webhook: Settings, body: WebhookBody): ActionRequest;
  createCall(webhook: Settings, parts: CallParts): WebhookCall;
  /** Only where it asks the Kubernetes API as a service account: what that must be allowed to do where the topologies are. */
  kubernetesRules?(webhook: Settings): readonly KubernetesRule[];
  /** Only where what is called tells how operators feed each other, and how they run. */
  createGraphSource?(scalers: readonly Scaler<Settings>[], parts: GraphParts): GraphSource;
  /** Only where what is called tells why something that it has accepted is not done yet. */
  createHoldUpReader?(webhook: Settings, parts: HoldUpParts): HoldUpReader;
}

export interface HoldUpParts {
  readonly http: Pick<HttpClient, 'call'>;
}

/** Why the effect of a completed action is not to be seen yet. Rejects where nobody tells. */
export type HoldUpReader = (action: Action, signal: AbortSignal) => Promise<HoldUp>;

export interface HoldUp {
  /** For people: nothing is decided by it. null: nothing is known to hold it up. */
  readonly words: string | null;
  /** null: it is not known how long it may take, so that `settling_time` alone counts. */
  readonly wait: EngineWait | null;
}

/** What the engine waits for by itself before it does what it has accepted. Judging waits as long, within reason. */
export interface EngineWait {
  /** From the call's success, ms, 0 or more; who tells it is not trusted with more than is sensible. */
  readonly longestMs: number;
  /** While it may wait: `waiting for a checkpoint`; null: what holds it up says it all. */
  readonly words: string | null;
}

/** As a Role has it. */
export interface KubernetesRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A webhook that scales topologies whose graphs are wanted. */
export interface Scaler<Settings> {
  readonly webhook: Settings;
  readonly http: Pick<HttpClient, 'call'>;
  /** Values of the engine's topology label; null: of all. */
  readonly topologies: readonly string[] | null;
  /**
   * By topology label, what these labels have on the series of its topologies. A topology whose series differ in them is left out.
   * Rejects where Prometheus cannot be asked.
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
   * Reads what is not known yet or has changed. Never rejects: without a graph all else goes on.
   * @param only names of webhooks; of these, one that was asked a moment ago is not asked again. Default: all of them
   */
  refresh(signal: AbortSignal, only?: ReadonlySet<string>): Promise<void>;
  /** @returns null: not known */
  find(webhook: string, topologyLabel: string): EngineGraph | null;
}
