// The tables of the action log, as migrations.ts makes them. Structured values are JSON text, booleans 0 or 1, times
// unix ms. Which rows are read or written when is left to sql-action-log.ts.
import type { Generated } from 'kysely';
import type { ActionState } from '../model/action.js';
import type { Decision } from '../model/decision.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { Outcome } from '../model/outcome.js';
import type { ActionKind, ResolverName } from '../model/resolver.js';
import type { IncomingAlert } from './action-log.js';

/**
 * What became of an accepted alert. Firing: undecided, then decided (a decision names it) or cancelled (by the
 * resolved alert in `cancelled_by`). Resolved: noted, for there is nothing to decide.
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
  /** This and what else is an operator's: of the first one, the only one before version 2 of the call. */
  operator: string;
  resolver: ActionKind;
  diagnosis: DiagnosisName;
  state: ActionState;
  outcome: Outcome | null;
  current_parallelism: number;
  desired_parallelism: number;
  /** JSON: string[]. */
  operator_instances: string;
  /** JSON: ActionOperator[], each as it was claimed; null: the row's own columns tell of the only one. */
  operators: Generated<string | null>;
  reverts: string | null;
  reverted_by: string | null;
  /** JSON: ActionReason; where `operators` is null, the operator's reason too. */
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
  /** Who alone may call and judge it, and until when (exclusive); null: nobody has asked yet. */
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
  /** JSON: [operator instance, attempt][]; null: the engine does not tell attempts. */
  attempts: string | null;
  /** When it was last written; retention goes by it. */
  noted_at_ms: number;
}

/** A person's word, kept for the other replicas. */
export interface ForgottenInstancesTable {
  /** In the order in which it was given. */
  id: Generated<number>;
  at_ms: number;
  topology: string;
  /** null: all of the topology. */
  operator: string | null;
}

/** One row, written to find out whether the storage can be. */
export interface WriteCheckTable {
  id: number;
  at_ms: number;
}

/** Versions of Dhalion that have used the log. Every later version keeps it as it is: older ones read it to say what they met. */
export interface VersionTable {
  version: string;
  /** The last time. */
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
