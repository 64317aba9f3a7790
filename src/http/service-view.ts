// What the HTTP routes need of the service behind them; the health manager is one.
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

/** Rejections with a retryable `DhalionError`, or one of code storage_unavailable, are answered with 503. */
export interface ServiceView {
  /** Matches the names of alerts that are acted on, as it is configured now. */
  alertNames(): LabelPattern;
  /** Resolves when the alerts are durable. */
  acceptAlerts(alerts: readonly IncomingAlert[]): Promise<void>;
  /** All that are configured or were discovered, by name. */
  topologies(): Promise<readonly TopologyView[]>;
  /** null: neither configured nor discovered. */
  topology(name: string): Promise<TopologyView | null>;
  /** Whether it is configured, or was discovered within the last day: what is restarted has no series for a while. */
  knowsTopology(name: string): boolean | Promise<boolean>;
  /**
   * Takes the instances that are seen next for all there are. Resolves with what was remembered; null: the topology has no
   * such operator.
   */
  forgetInstances(order: ForgetOrder): Promise<readonly ForgottenInstances[] | null>;
  /** null: neither configured nor discovered. `range` null: the usual one. What Prometheus does not answer is told in it. */
  history(topology: string, range: HistoryRange | null): Promise<HistoryView | null>;
  /** Newest first. */
  actions(filter: LogFilter): Promise<readonly Action[]>;
  /** null: there is none of this id. */
  action(id: string): Promise<Action | null>;
  /** `over`, without effect: judged already, and nothing of it will be tried again. */
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
  /** Resolves false if there is no such pause in force. */
  endPause(id: string): Promise<boolean>;
  /** Rejects with `DhalionError` config_invalid or config_unreadable, and says so in the log; the configuration in force stays. */
  reload(): Promise<void>;
  /** What keeps the service from taking alerts or acting now, in words; empty: ready. */
  problems(): readonly string[] | Promise<readonly string[]>;
  /** What the service does without although it is ready, in words. */
  warnings(): readonly string[];
  /** Tells of every change from now on. */
  onChange(listener: (change: Change) => void): void;
  /** Exposition text of all metrics. */
  metricsText(): Promise<ScrapeText>;
}

export interface PauseRequest {
  /** null: every topology. */
  readonly topology: string | null;
  /** null: every resolver, and reverts. */
  readonly resolver: ActionKind | null;
  readonly durationMs: number;
  readonly reason: string;
}

export interface HistoryView {
  readonly history: TopologyHistory;
  /** Those that began within it, newest first; the newest where they are many. */
  readonly actions: readonly Action[];
  /** Where to look closer. */
  readonly links: LinkAddresses;
  /** Label matchers of the series that it is made of. */
  readonly ownMatchers: string;
}

export interface TopologyView {
  readonly topology: string;
  readonly engine: string;
  readonly mode: Mode;
  /** Those with a webhook; none: it is only recommended. */
  readonly resolvers: readonly ResolverName[];
  /** null: not evaluated yet. */
  readonly evaluation: TopologyEvaluation | null;
  readonly openAction: Action | null;
  /** How far the judging of the open action has come; null: there is none. */
  readonly judging: JudgingProgress | null;
  /** The newest decision on each diagnosis of each operator: why something is, or is not, being done. */
  readonly lastDecisions: readonly Decision[];
}
