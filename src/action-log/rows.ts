// The tables of the action log, and rows to and from the model. Structured values are JSON text, booleans 0 or 1,
// times unix ms. Which rows are read or written when is left to sql-action-log.ts.
import type { Generated, Selectable } from 'kysely';
import type { Action, ActionReason, ActionRequest, ActionState, Settling } from '../model/action.js';
import type { Decision } from '../model/decision.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { Outcome } from '../model/outcome.js';
import type { ActionKind } from '../model/resolver.js';
import type { AcceptedAlert, IncomingAlert, LoggedDecision } from './action-log.js';

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
  operator: string;
  resolver: ActionKind;
  diagnosis: DiagnosisName;
  state: ActionState;
  outcome: Outcome | null;
  current_parallelism: number;
  desired_parallelism: number;
  /** JSON: string[]. */
  operator_instances: string;
  reverts: string | null;
  reverted_by: string | null;
  /** JSON: ActionReason. */
  reason: string;
  dry_run: number;
  claimed_at_ms: number;
  expires_at_ms: number;
  completed_at_ms: number | null;
  judged_at_ms: number | null;
  attempts: number;
  failure: string | null;
  webhook: string;
  /** JSON: ActionRequest. */
  request: string;
  /** JSON: Settling. */
  settling: string;
}

/** One row, written to find out whether the storage can be. */
export interface WriteCheckTable {
  id: number;
  at_ms: number;
}

export interface ActionLogTables {
  alerts: AlertTable;
  decisions: DecisionTable;
  actions: ActionTable;
  write_checks: WriteCheckTable;
}

/** No database keeps U+0000 in text: libsql cuts the text off there, PostgreSQL refuses it. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

export function storableOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text);
}

export function alertRowOf(alert: IncomingAlert, atMs: number) {
  return {
    accepted_at_ms: atMs,
    status: alert.status,
    topology: storableText(alert.topology),
    operator: storableText(alert.operator),
    diagnosis: alert.diagnosis,
    fingerprint: storableOrNull(alert.fingerprint),
    starts_at: storableOrNull(alert.startsAt),
    state: alert.status === 'firing' ? 'undecided' : 'noted',
    cancelled_by: null,
  } as const;
}

export function alertOf(row: Selectable<AlertTable>): AcceptedAlert {
  return {
    id: row.id,
    acceptedAtMs: row.accepted_at_ms,
    status: row.status,
    topology: row.topology,
    operator: row.operator,
    diagnosis: row.diagnosis,
    fingerprint: row.fingerprint,
    startsAt: row.starts_at,
  };
}

export function decisionRowOf(decision: LoggedDecision) {
  return {
    at_ms: decision.atMs,
    topology: storableText(decision.topology),
    operator: storableText(decision.operator),
    diagnosis: decision.diagnosis,
    resolver: decision.resolver,
    decision: decision.decision,
    reason: decision.reason,
    action_id: decision.actionId,
    alert_id: decision.alertId,
    evidence: decision.evidence === null ? null : JSON.stringify(decision.evidence),
  };
}

export function decisionOf(row: Selectable<DecisionTable>): LoggedDecision {
  return {
    atMs: row.at_ms,
    topology: row.topology,
    operator: row.operator,
    diagnosis: row.diagnosis,
    resolver: row.resolver,
    decision: row.decision,
    reason: row.reason,
    actionId: row.action_id,
    alertId: row.alert_id,
    evidence: row.evidence === null ? null : (JSON.parse(row.evidence) as unknown),
  };
}

export function actionRowOf(action: Action) {
  return {
    id: action.id,
    topology: storableText(action.topology),
    operator: storableText(action.operator),
    resolver: action.resolver,
    diagnosis: action.diagnosis,
    state: action.state,
    outcome: action.outcome,
    current_parallelism: action.currentParallelism,
    desired_parallelism: action.desiredParallelism,
    operator_instances: JSON.stringify(action.operatorInstances),
    reverts: action.reverts,
    reverted_by: action.revertedBy,
    reason: JSON.stringify(action.reason),
    dry_run: action.dryRun ? 1 : 0,
    claimed_at_ms: action.claimedAtMs,
    expires_at_ms: action.expiresAtMs,
    completed_at_ms: action.completedAtMs,
    judged_at_ms: action.judgedAtMs,
    attempts: action.attempts,
    failure: storableOrNull(action.failure),
    webhook: storableText(action.webhook),
    request: JSON.stringify(action.request),
    settling: JSON.stringify(action.settling),
  };
}

export function actionOf(row: Selectable<ActionTable>): Action {
  return {
    id: row.id,
    topology: row.topology,
    operator: row.operator,
    resolver: row.resolver,
    diagnosis: row.diagnosis,
    state: row.state,
    outcome: row.outcome,
    currentParallelism: row.current_parallelism,
    desiredParallelism: row.desired_parallelism,
    operatorInstances: JSON.parse(row.operator_instances) as string[],
    reverts: row.reverts,
    revertedBy: row.reverted_by,
    reason: JSON.parse(row.reason) as ActionReason,
    dryRun: row.dry_run === 1,
    claimedAtMs: row.claimed_at_ms,
    expiresAtMs: row.expires_at_ms,
    completedAtMs: row.completed_at_ms,
    judgedAtMs: row.judged_at_ms,
    attempts: row.attempts,
    failure: row.failure,
    webhook: row.webhook,
    request: JSON.parse(row.request) as ActionRequest,
    settling: JSON.parse(row.settling) as Settling,
  };
}
