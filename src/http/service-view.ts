// What the HTTP routes need of the service behind them; the health manager is one.
import type { IncomingAlert, LogFilter } from '../action-log/action-log.js';
import type { Action } from '../model/action.js';
import type { Decision } from '../model/decision.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { Mode } from '../model/policy-settings.js';

/** Rejections with a retryable `DhalionError`, or one of code storage_unavailable, are answered with 503. */
export interface ServiceView {
  /** Resolves when the alerts are durable. */
  acceptAlerts(alerts: readonly IncomingAlert[]): Promise<void>;
  /** All that are configured or were discovered, by name. */
  topologies(): Promise<readonly TopologyView[]>;
  /** null: neither configured nor discovered. */
  topology(name: string): Promise<TopologyView | null>;
  /** Newest first. */
  actions(filter: LogFilter): Promise<readonly Action[]>;
  /** Newest first. */
  decisions(filter: LogFilter): Promise<readonly Decision[]>;
  /** What keeps the service from taking alerts or acting now, in words; empty: ready. */
  problems(): readonly string[] | Promise<readonly string[]>;
  /** Exposition text of all metrics. */
  metricsText(): Promise<string>;
}

export interface TopologyView {
  readonly topology: string;
  readonly engine: string;
  readonly mode: Mode;
  /** null: not evaluated yet. */
  readonly evaluation: TopologyEvaluation | null;
  readonly openAction: Action | null;
  /** The newest decision on each diagnosis of each operator: why something is, or is not, being done. */
  readonly lastDecisions: readonly Decision[];
}
