// The tables of the action log, as migrations.ts creates them. Structured values are JSON text, booleans 0 or 1, times Unix
// ms. sql-action-log.ts decides which rows are read and written when.
import type { Generated } from 'kysely';
import type { ActionState } from '../model/action.js';
import type { Decision } from '../model/decision.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { Outcome } from '../model/outcome.js';
import type { ActionKind, ResolverName } from '../model/resolver.js';
import type { IncomingAlert } from './log-entries.js';

/**
 * The state of an accepted alert. Firing: undecided, then decided (a decision names it) or cancelled (by the resolved alert
 * in `cancelled_by`). Resolved: noted, since there is nothing to decide.
 */
export type AlertState = 'undecided' | 'decided' | 'cancelled' | 'noted';

export interface AlertTable {
  /** In the order of acceptance. */
  id: Generated<number>;
  accepted_at_ms: number;
  status: IncomingAlert['status'];
  topology: string;
  operator: string;
  diagnosis: DiagnosisName;
  fingerprint: string | null;
  starts_at: string | null;
  state: AlertState;
  cancelled_by: number | null;
}

export interface DecisionTable {
  id: Generated<number>;
  at_ms: number;
  topology: string;
  operator: string;
  diagnosis: DiagnosisName;
  resolver: ActionKind | null;
  decision: Decision['decision'];
  reason: Decision['reason'];
  action_id: string | null;
  alert_id: number | null;
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
  current_parallelism: number;
  desired_parallelism: number;
  /** JSON: string[]. */
  operator_instances: string;
  /** JSON: ActionOperator[], as claimed; null: the row's own columns describe the only one. */
  operators: Generated<string | null>;
  reverts: string | null;
  reverted_by: string | null;
  /** JSON: ActionReason; if `operators` is null, including the operator's reason. */
  reason: string;
  dry_run: number;
  claimed_at_ms: number;
  expires_at_ms: number;
  completed_at_ms: number | null;
  judged_at_ms: number | null;
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
  lease_holder: Generated<string | null>;
  lease_until_ms: Generated<number | null>;
}

export interface PauseTable {
  /** In the order in which they were made. */
  sequence: Generated<number>;
  id: string;
  topology: string | null;
  resolver: ActionKind | null;
  reason: string;
  created_at_ms: number;
  expires_at_ms: number;
  /** null: not ended by hand. */
  ended_at_ms: number | null;
}

export interface BlacklistRemovalTable {
  /** In the order in which they were made. */
  id: Generated<number>;
  at_ms: number;
  topology: string;
  operator: string;
  diagnosis: DiagnosisName;
  resolver: ResolverName;
}

export interface InstanceMemoryTable {
  topology: string;
  operator: string;
  parallelism: number;
  since_ms: number;
  /** JSON: [operator instance, attempt][]; null: the engine does not report attempts. */
  attempts: string | null;
  /** When it was last written; retention uses it. */
  noted_at_ms: number;
}

/** A person's order, kept for the other replicas. */
export interface ForgottenInstancesTable {
  /** In the order in which they were given. */
  id: Generated<number>;
  at_ms: number;
  topology: string;
  /** null: all operators of the topology. */
  operator: string | null;
}

/** One row, written to check whether the storage is writable. */
export interface WriteCheckTable {
  id: number;
  at_ms: number;
}

/**
 * Versions of Dhalion that have used the log. Later versions must not change this table: older ones read it for their
 * message.
 */
export interface VersionTable {
  version: string;
  /** When it last opened the log. */
  opened_at_ms: number;
}

export interface ActionLogTables {
  alerts: AlertTable;
  decisions: DecisionTable;
  actions: ActionTable;
  pauses: PauseTable;
  blacklist_removals: BlacklistRemovalTable;
  instance_memories: InstanceMemoryTable;
  forgotten_instances: ForgottenInstancesTable;
  write_checks: WriteCheckTable;
  versions: VersionTable;
}
