// The durable memory: what was accepted, decided, claimed, completed and judged. It is the only state that survives a
// restart; the blacklist, cooldowns and rate limits are computed from it. One implementation on Kysely: sql-action-log.ts.
import type { Action, Refusal, Settling } from '../model/action.js';
import type { BlacklistRemoval } from '../model/blacklist.js';
import type { Outcome } from '../model/outcome.js';
import type { Pause } from '../model/pause.js';
import type { TopologyMemory } from '../policy/notice-missing-instances.js';
import type {
  AcceptedAlert,
  ForgetOrder,
  ForgottenInstances,
  IncomingAlert,
  LoggedDecision,
  LoggedForgetOrder,
  RememberedInstances,
} from './log-entries.js';

export interface LogFilter {
  readonly topology?: string;
  readonly sinceMs?: number;
  readonly limit?: number;
  /** Actions only: real ones (false), or dry runs (true). */
  readonly dryRun?: boolean;
}

/** The operators that a negative outcome of a plan counts against. */
export interface Blame {
  /** Names of operators of the action; null: all of them. */
  readonly blamed: Action['blamed'];
}

/** How a call failed. */
export interface Failed {
  readonly failure: string;
  readonly refusal?: Refusal;
}

/** What changes the log. */
export interface LogWrites {
  /**
   * Commits all alerts in order, in batches of up to 500, each of them atomic. Rejects if a batch fails; earlier batches
   * stay, and their alerts may come again. A `resolved` alert only takes back what has not been sent for this diagnosis of
   * this operator: undecided firing alerts, and claims without an attempt (outcome `cancelled`) that include it, except
   * reverts.
   */
  acceptAlerts(alerts: readonly IncomingAlert[], atMs: number): Promise<void>;
  /**
   * Writes a hold and marks its alert decided, in one transaction; writes nothing if the alert was decided or taken back
   * before.
   */
  recordHold(decision: LoggedDecision): Promise<void>;
  /**
   * Writes a claimed action and its decisions, and marks their alerts decided, in one transaction. A dry-run action is
   * written as judged, whatever is open; another action may be judged already, and needs a free topology like any other.
   * Resolves false, and writes nothing, if the topology has an open action, an alert was decided or taken back before, or the
   * action that it reverts is not (or no longer) due to be reverted. A revert is entered as `revertedBy` of the action it
   * reverts.
   */
  claimAction(action: Action, decisions: readonly LoggedDecision[]): Promise<boolean>;
  /** Counts an attempt before its call is sent. Resolves false if the action is no longer claimed (cancelled meanwhile). */
  recordAttempt(actionId: string): Promise<boolean>;
  /** Has no effect unless the action is claimed. */
  completeAction(actionId: string, atMs: number, failure: string | null): Promise<void>;
  recordSettling(actionId: string, settling: Settling): Promise<void>;
  /** The first judgement stands: resolves false, without effect, if the action is judged. */
  judgeAction(actionId: string, outcome: Outcome, atMs: number, because?: Failed | Blame): Promise<boolean>;
  /**
   * A person's order: an open action is judged `cancelled`, and so is a revert that failed or was not applied, which would be
   * retried. Resolves `over` without effect for any other judged action, `unknown` if no action has this id.
   */
  cancelAction(actionId: string, atMs: number): Promise<'cancelled' | 'over' | 'unknown'>;
  /**
   * Takes or renews the right to call and to judge an open action until `untilMs`. Resolves false if another holder's lease
   * has not expired at `nowMs`, or the action is judged. With one replica it is always granted.
   */
  leaseAction(actionId: string, holder: string, nowMs: number, untilMs: number): Promise<boolean>;
  addPause(pause: Pause): Promise<void>;
  /** Ends the pause at `atMs`; resolves false if it is not in force. */
  endPause(pauseId: string, atMs: number): Promise<boolean>;
  addBlacklistRemoval(removal: BlacklistRemoval): Promise<void>;
  /** Replaces what is remembered about these operators. */
  rememberInstances(remembered: readonly RememberedInstances[], atMs: number): Promise<void>;
  /** A person's order: forgets what is remembered about these operators. Returns what was. */
  forgetInstances(order: ForgetOrder, atMs: number): Promise<readonly ForgottenInstances[]>;
  /**
   * Removes what ended before `beforeMs`: judged actions, decisions, decided and cancelled alerts, pauses, and removals older
   * than every kept action; returns the number of rows. Keeps what an open action reverts, due reverts, and the actions in
   * `keep`.
   */
  prune(beforeMs: number, keep: readonly string[]): Promise<number>;
}

/** What leaves the log as it is. */
export interface LogReads {
  /** Accepted firing alerts without a decision, oldest first. */
  undecidedAlerts(limit: number): Promise<AcceptedAlert[]>;
  /**
   * Harmful scale_downs that are still to be reverted, oldest first: none of their reverts is open, and each ended as
   * `failed` or `not_applied`. A dry run is no revert.
   */
  dueReverts(): Promise<Action[]>;
  /** Pauses that have neither ended nor expired, newest first, in the order in which they were made. */
  pauses(nowMs: number): Promise<Pause[]>;
  /** Newest first. */
  blacklistRemovals(): Promise<BlacklistRemoval[]>;
  /** Actions judged at `sinceMs` or later, without dry runs and `failed` ones; the last judged first. */
  tellingActions(sinceMs: number): Promise<Action[]>;
  /** Actions refused for good at `sinceMs` or later; the last refused first. */
  refusedActions(sinceMs: number): Promise<Action[]>;
  /** How many instances each operator had when all were last seen; by topology, then by operator. */
  instanceMemories(): Promise<ReadonlyMap<string, TopologyMemory>>;
  /** Orders after the one with that id, oldest first. */
  forgetOrders(afterId: number): Promise<readonly LoggedForgetOrder[]>;
  action(actionId: string): Promise<Action | null>;
  /** Claimed or completed, oldest first. */
  openActions(): Promise<Action[]>;
  /** Newest first, in the order in which they were claimed; `sinceMs` is inclusive. */
  actions(filter: LogFilter): Promise<Action[]>;
  /** Newest first, in the order in which they were made. */
  decisions(filter: LogFilter): Promise<LoggedDecision[]>;
  /** Whether the storage answers and can be written. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Every method rejects with `DhalionError('storage_unavailable')` when the storage cannot be read or written; a resolved
 * write is durable (flushed to disk).
 */
export type ActionLog = LogReads & LogWrites;
