// The interface of the service for the HTTP routes. The live service implements it.
import type { LogFilter } from '../action-log/action-log.js';
import type { ForgetOrder, ForgottenInstances, IncomingAlert, LoggedDecision } from '../action-log/log-entries.js';
import type { LinkAddresses } from '../config/configuration.js';
import type { LabelPattern } from '../config/label-pattern.js';
import type { ScrapeText } from '../metrics/metrics-text.js';
import type { Action } from '../model/action.js';
import type { BlacklistEntry } from '../model/blacklist.js';
import type { Change } from '../model/change.js';
import type { Decision } from '../model/decision.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { JudgingProgress } from '../model/judging.js';
import type { HistoryRange, TopologyHistory } from '../model/operator-history.js';
import type { Pause } from '../model/pause.js';
import type { Mode } from '../model/policy-settings.js';
import type { ActionKind, ResolverName } from '../model/resolver.js';

/** A rejection with a retryable `DhalionError`, or with storage_unavailable, is answered with 503. */
export interface ServiceView {
  /** Matches the names of alerts to act on, as configured now. */
  alertNames(): LabelPattern;
  /** Resolves when the alerts are durable. */
  acceptAlerts(alerts: readonly IncomingAlert[]): Promise<void>;
  /** All configured and discovered topologies, by name. */
  topologies(): Promise<readonly TopologyView[]>;
  /** null: neither configured nor discovered. */
  topology(name: string): Promise<TopologyView | null>;
  /** True if it is configured, or was discovered within the last day: a restarted topology has no series for a while. */
  knowsTopology(name: string): boolean | Promise<boolean>;
  /**
   * Takes the instances seen next as all of them. Resolves with the forgotten counts; null: the topology has no such
   * operator.
   */
  forgetInstances(order: ForgetOrder): Promise<readonly ForgottenInstances[] | null>;
  /** null: neither configured nor discovered. `range` null: the default. The history contains the error if Prometheus fails. */
  history(topology: string, range: HistoryRange | null): Promise<HistoryView | null>;
  /** Newest first. */
  actions(filter: LogFilter): Promise<readonly Action[]>;
  /** null: no action has this id. */
  action(id: string): Promise<Action | null>;
  /** `over`: no effect, since it is judged and nothing of it will be tried again. */
  cancelAction(id: string): Promise<'cancelled' | 'over' | 'unknown'>;
  /** Newest first. */
  decisions(filter: LogFilter): Promise<readonly LoggedDecision[]>;
  /** In force and suspended. */
  blacklist(): Promise<readonly BlacklistEntry[]>;
  /** Resolves false if there is no such entry. */
  removeBlacklistEntry(id: string): Promise<boolean>;
  /** In force, newest first. */
  pauses(): Promise<readonly Pause[]>;
  addPause(request: PauseRequest): Promise<Pause>;
  /** Resolves false if no such pause is in force. */
  endPause(id: string): Promise<boolean>;
  /** Rejects with `DhalionError` config_invalid or config_unreadable, and logs it; the configuration in force remains. */
  reload(): Promise<void>;
  /** Why the service cannot accept alerts or act now; empty: ready. */
  problems(): readonly string[] | Promise<readonly string[]>;
  /** Degradations of a service that is ready. */
  warnings(): readonly string[];
  /** Reports every change from now on. */
  onChange(listener: (change: Change) => void): void;
  /** Exposition text of all metrics. */
  metricsText(): Promise<ScrapeText>;
}

export interface PauseRequest {
  /** null: all topologies. */
  readonly topology: string | null;
  /** null: all resolvers, and reverts. */
  readonly resolver: ActionKind | null;
  readonly durationMs: number;
  readonly reason: string;
}

export interface HistoryView {
  readonly history: TopologyHistory;
  /** Actions that began within it, newest first; the newest if there are many. */
  readonly actions: readonly Action[];
  /** Links for a closer look. */
  readonly links: LinkAddresses;
  /** Label matchers of its series. */
  readonly ownMatchers: string;
}

export interface TopologyView {
  readonly topology: string;
  readonly engine: string;
  readonly mode: Mode;
  /** Resolvers with a webhook; empty: recommendations only. */
  readonly resolvers: readonly ResolverName[];
  /** null: not evaluated yet. */
  readonly evaluation: TopologyEvaluation | null;
  readonly openAction: Action | null;
  /** The progress of judging the open action; null: no open action. */
  readonly judging: JudgingProgress | null;
  /** The newest decision on each diagnosis of each operator: why there is an action, or none. */
  readonly lastDecisions: readonly Decision[];
}
