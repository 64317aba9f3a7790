// The tables of the action log, as migrations.ts creates them, but in camelCase: Kysely's CamelCasePlugin translates. Structured
// values are JSON text, booleans 0 or 1, times Unix ms. sql-action-log.ts decides which rows are read and written when.
import type { Generated } from 'kysely';
import type { ActionState } from '../model/action.js';
import type { Decision } from '../model/decision.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { Outcome } from '../model/outcome.js';
import type { ActionKind, ResolverName } from '../model/resolver.js';
import type { IncomingAlert } from './log-entries.js';

/**
 * The state of an accepted alert. Firing: undecided, then decided (a decision names it) or cancelled (by the resolved alert
 * in `cancelledBy`). Resolved: noted, since there is nothing to decide.
 */
export type AlertState = 'undecided' | 'decided' | 'cancelled' | 'noted';

export interface AlertTable {
  /** In the order of acceptance. */
  id: Generated<number>;
  acceptedAtMs: number;
  status: IncomingAlert['status'];
  topology: string;
  operator: string;
  diagnosis: DiagnosisName;
  fingerprint: string | null;
  startsAt: string | null;
  state: AlertState;
  cancelledBy: number | null;
}

export interface DecisionTable {
  id: Generated<number>;
  atMs: number;
  topology: string;
  operator: string;
  diagnosis: DiagnosisName;
  resolver: ActionKind | null;
  decision: Decision['decision'];
  reason: Decision['reason'];
  actionId: string | null;
  alertId: number | null;
  /** JSON. */
  evidence: string | null;
}

export interface ActionTable {
  /** In the order of the claims. */
  sequence: Generated<number>;
  id: string;
  topology: string;
  /** This and the other columns of an operator are the first one's, the only one before version 2 of the call. */
  operator: string;
  resolver: ActionKind;
  diagnosis: DiagnosisName;
  state: ActionState;
  outcome: Outcome | null;
  currentParallelism: number;
  desiredParallelism: number;
  /** JSON: string[]. */
  operatorInstances: string;
  /** JSON: ActionOperator[], as claimed; null: the row's own columns describe the only one. */
  operators: Generated<string | null>;
  reverts: string | null;
  revertedBy: string | null;
  /** JSON: ActionReason; if `operators` is null, including the operator's reason. */
  reason: string;
  dryRun: number;
  claimedAtMs: number;
  expiresAtMs: number;
  completedAtMs: number | null;
  judgedAtMs: number | null;
  /** JSON: string[], the operators that the outcome counts against; null: all of them. */
  blamed: Generated<string | null>;
  attempts: number;
  failure: string | null;
  /** JSON: Refusal. */
  refusal: Generated<string | null>;
  webhook: string;
  /** JSON: ActionRequest. */
  request: string;
  /** JSON: Settling. */
  settling: string;
  /** The only process that may call and judge it, and until when (exclusive); null: not leased yet. */
  leaseHolder: Generated<string | null>;
  leaseUntilMs: Generated<number | null>;
}

export interface PauseTable {
  /** In the order in which they were made. */
  sequence: Generated<number>;
  id: string;
  topology: string | null;
  resolver: ActionKind | null;
  reason: string;
  createdAtMs: number;
  expiresAtMs: number;
  /** null: not ended by hand. */
  endedAtMs: number | null;
}

export interface BlacklistRemovalTable {
  /** In the order in which they were made. */
  id: Generated<number>;
  atMs: number;
  topology: string;
  operator: string;
  diagnosis: DiagnosisName;
  resolver: ResolverName;
}

export interface InstanceMemoryTable {
  topology: string;
  operator: string;
  parallelism: number;
  sinceMs: number;
  /** JSON: [operator instance, attempt][]; null: the engine does not report attempts. */
  attempts: string | null;
  /** When it was last written; retention uses it. */
  notedAtMs: number;
}

/** A person's order, kept for the other replicas. */
export interface ForgottenInstancesTable {
  /** In the order in which they were given. */
  id: Generated<number>;
  atMs: number;
  topology: string;
  /** null: all operators of the topology. */
  operator: string | null;
}

/** One row, written to check whether the storage is writable. */
export interface WriteCheckTable {
  id: number;
  atMs: number;
}

/**
 * Versions of Dhalion that have used the log. Later versions must not change this table: older ones read it for their
 * message.
 */
export interface VersionTable {
  version: string;
  /** When it last opened the log. */
  openedAtMs: number;
}

export interface ActionLogTables {
  alerts: AlertTable;
  decisions: DecisionTable;
  actions: ActionTable;
  pauses: PauseTable;
  blacklistRemovals: BlacklistRemovalTable;
  instanceMemories: InstanceMemoryTable;
  forgottenInstances: ForgottenInstancesTable;
  writeChecks: WriteCheckTable;
  versions: VersionTable;
}
