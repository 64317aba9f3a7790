// The durable memory: what was accepted, decided, claimed, completed and judged. The only thing that survives a restart;
// the blacklist, cooldowns and rate limits are computed from it. One implementation on Kysely: sql-action-log.ts.
import type { Action, Refusal, Settling } from '../model/action.js';
import type { BlacklistRemoval } from '../model/blacklist.js';
import type { Decision } from '../model/decision.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { Outcome } from '../model/outcome.js';
import type { Pause } from '../model/pause.js';
import type { TopologyMemory } from '../policy/notice-missing-instances.js';
import type { ForgetOrder, ForgottenInstances, LoggedForgetOrder, RememberedInstances } from './instance-memories.js';

export interface IncomingAlert {
  readonly status: 'firing' | 'resolved';
  readonly topology: string;
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly fingerprint: string | null;
  /** RFC 3339 as received; null if absent. */
  readonly startsAt: string | null;
}

/** An alert that was committed; `id` orders alerts by acceptance. */
export interface AcceptedAlert extends IncomingAlert {
  readonly id: number;
  readonly acceptedAtMs: number;
}

export interface LogFilter {
  readonly topology?: string;
  readonly sinceMs?: number;
  readonly limit?: number;
  /** Of actions: only real ones (false), or only dry runs (true). */
  readonly dryRun?: boolean;
}

/** A decision with the measurements it was based on (null where it was made without a look). */
export interface LoggedDecision extends Decision {
  readonly alertId: number | null;
  readonly evidence: unknown;
}

/** Whom an outcome against a plan counts against. */
export interface Blame {
  /** Names of operators of the action; null: all of them. */
  readonly blamed: Action['blamed'];
}

/** What a call met with. */
export interface Failed {
  readonly failure: string;
  readonly refusal?: Refusal;
}

/**
 * Every method rejects with `DhalionError('storage_unavailable')` when the storage cannot be read or written;
 * what was resolved before is durable (flushed to disk).
 */
export interface ActionLog {
  /**
   * Commits all in order, up to 500 at once: so many are committed together or not at all. Rejects if any are not; those
   * before them stay, and may come again. A `resolved` alert only takes back what has not been sent for this diagnosis of this
   * operator: undecided firing alerts, and claims with no attempt (outcome `cancelled`) of which it is a part, reverts excepted.
   */
  acceptAlerts(alerts: readonly IncomingAlert[], atMs: number): Promise<void>;
  /** Accepted firing alerts without a decision, oldest first. */
  undecidedAlerts(limit: number): Promise<AcceptedAlert[]>;
  /** Writes a hold and marks its alert decided, in one transaction; nothing if that was decided or taken back before. */
  recordHold(decision: LoggedDecision): Promise<void>;
  /**
   * Writes a claimed action, the decisions that led to it and marks their alerts decided, in one transaction; a dry-run action is
   * written as judged, whatever is open; another one may be judged already, and needs its topology to be free as any other.
   * Resolves false, and writes nothing, if the topology has an open action, one of the alerts was decided or taken back before, or
   * what it reverts is not due to be reverted (any more). A revert is entered as `revertedBy` of the action it reverts.
   */
  claimAction(action: Action, decisions: readonly LoggedDecision[]): Promise<boolean>;
  /** Before each call is sent: one more attempt. Resolves false if the action is no longer claimed (cancelled meanwhile). */
  recordAttempt(actionId: string): Promise<boolean>;
  /** Without effect unless the action is claimed. */
  completeAction(actionId: string, atMs: number, failure: string | null): Promise<void>;
  recordSettling(actionId: string, settling: Settling): Promise<void>;
  /** The first judgement stands: resolves false, without effect, on one that is judged. */
  judgeAction(actionId: string, outcome: Outcome, atMs: number, because?: Failed | Blame): Promise<boolean>;
  /**
   * A person's order: an open action is judged `cancelled`; so is a revert that failed or was not applied, which would be
   * tried again. Resolves `over` without effect on any other judged action, `unknown` if there is none of this id.
   */
  cancelAction(actionId: string, atMs: number): Promise<'cancelled' | 'over' | 'unknown'>;
  /**
   * Harmful scale_downs that are still to be undone, oldest first: none of their reverts is open, and none ended otherwise
   * than `failed` or `not_applied`. A dry run is no revert.
   */
  dueReverts(): Promise<Action[]>;
  /**
   * Takes or renews the right to call and to judge an open action until `untilMs`. Resolves false if another holder has it
   * and it has not run out at `nowMs`, or the action is judged. With one replica it is always given.
   */
  leaseAction(actionId: string, holder: string, nowMs: number, untilMs: number): Promise<boolean>;
  addPause(pause: Pause): Promise<void>;
  /** Ends it at `atMs`; resolves false if there is no such pause in force. */
  endPause(pauseId: string, atMs: number): Promise<boolean>;
  /** Not ended and not expired, newest first, in the order in which they were made. */
  pauses(nowMs: number): Promise<Pause[]>;
  addBlacklistRemoval(removal: BlacklistRemoval): Promise<void>;
  /** Newest first. */
  blacklistRemovals(): Promise<BlacklistRemoval[]>;
  /** Judged at `sinceMs` or later, not dry-run, with an outcome other than `failed`; the last judged first. */
  tellingActions(sinceMs: number): Promise<Action[]>;
  /** Refused for good at `sinceMs` or later; the last refused first. */
  refusedActions(sinceMs: number): Promise<Action[]>;
  /** How many instances each operator had when all were last seen; by topology, then by operator. */
  instanceMemories(): Promise<ReadonlyMap<string, TopologyMemory>>;
  /** Replaces what is remembered of these operators. */
  rememberInstances(remembered: readonly RememberedInstances[], atMs: number): Promise<void>;
  /** A person's order: what is remembered of these operators is so no more. Returns what was. */
  forgetInstances(order: ForgetOrder, atMs: number): Promise<readonly ForgottenInstances[]>;
  /** Given after the one of that id, oldest first. */
  forgetOrders(afterId: number): Promise<readonly LoggedForgetOrder[]>;
  action(actionId: string): Promise<Action | null>;
  /** Claimed or completed, oldest first. */
  openActions(): Promise<Action[]>;
  /** Newest first, in the order in which they were claimed; `sinceMs` is inclusive. */
  actions(filter: LogFilter): Promise<Action[]>;
  /** Newest first, in the order in which they were made. */
  decisions(filter: LogFilter): Promise<LoggedDecision[]>;
  /**
   * Removes what ended before `beforeMs`: judged actions, decisions, decided and cancelled alerts, pauses, removals that no
   * kept action is older than; returns how many rows. Keeps what an open action reverts, due reverts, and actions in `keep`.
   */
  prune(beforeMs: number, keep: readonly string[]): Promise<number>;
  /** Whether the storage answers and can be written. */
  check(): Promise<void>;
  close(): Promise<void>;
}
