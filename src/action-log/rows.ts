// Converts rows of the action log's tables to and from the model.
import type { Selectable } from 'kysely';
import {
  mapOperators,
  NOT_SETTLED,
  UNKNOWN_OPERATOR_REASON,
  type Action,
  type ActionOperator,
  type ActionReason,
  type ActionRequest,
  type OperatorReason,
  type Refusal,
  type Settling,
} from '../model/action.js';
import type { BlacklistRemoval } from '../model/blacklist.js';
import type { Pause } from '../model/pause.js';
import { evidenceTextOf, readEvidence } from './evidence-text.js';
import type { AcceptedAlert, IncomingAlert, LoggedDecision } from './log-entries.js';
import type { ActionTable, AlertTable, BlacklistRemovalTable, DecisionTable, PauseTable } from './tables.js';

/** No database keeps U+0000 in text: libsql cuts the text off there, PostgreSQL refuses it. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

export function storableOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text);
}

export function alertRowOf(alert: IncomingAlert, atMs: number) {
  return {
    acceptedAtMs: atMs,
    status: alert.status,
    topology: storableText(alert.topology),
    operator: storableText(alert.operator),
    diagnosis: alert.diagnosis,
    fingerprint: storableOrNull(alert.fingerprint),
    startsAt: storableOrNull(alert.startsAt),
    state: alert.status === 'firing' ? 'undecided' : 'noted',
    cancelledBy: null,
  } as const;
}

export function alertOf({ state: _state, cancelledBy: _by, ...alert }: Selectable<AlertTable>): AcceptedAlert {
  return alert;
}

export function decisionRowOf(decision: LoggedDecision) {
  return {
    atMs: decision.atMs,
    topology: storableText(decision.topology),
    operator: storableText(decision.operator),
    diagnosis: decision.diagnosis,
    resolver: decision.resolver,
    decision: decision.decision,
    reason: decision.reason,
    actionId: decision.actionId,
    alertId: decision.alertId,
    evidence: decision.evidence === null ? null : evidenceTextOf(decision.evidence),
  };
}

export function decisionOf({ id: _id, evidence, ...decision }: Selectable<DecisionTable>): LoggedDecision {
  return { ...decision, evidence: evidence === null ? null : readEvidence(evidence) };
}

export function actionRowOf(action: Action) {
  const [first] = action.operators;
  return {
    id: action.id,
    topology: storableText(action.topology),
    operator: storableText(first.operator),
    resolver: action.resolver,
    diagnosis: first.diagnosis,
    state: action.state,
    outcome: action.outcome,
    currentParallelism: first.currentParallelism,
    desiredParallelism: first.desiredParallelism,
    operatorInstances: JSON.stringify(first.operatorInstances),
    operators: JSON.stringify(action.operators.map(storableOperator)),
    reverts: action.reverts,
    revertedBy: action.revertedBy,
    reason: JSON.stringify(action.reason),
    dryRun: action.dryRun ? 1 : 0,
    claimedAtMs: action.claimedAtMs,
    expiresAtMs: action.expiresAtMs,
    completedAtMs: action.completedAtMs,
    judgedAtMs: action.judgedAtMs,
    blamed: blamedRowOf(action.blamed),
    attempts: action.attempts,
    failure: storableOrNull(action.failure),
    refusal: action.refusal === null ? null : JSON.stringify(action.refusal),
    webhook: storableText(action.webhook),
    request: JSON.stringify(action.request),
    settling: JSON.stringify(action.settling),
  };
}

/** Versions with one operator per action wrote its reason here. */
type WrittenReason = Omit<ActionReason, 'servedRate'> &
  Partial<Pick<ActionReason, 'servedRate'>> &
  Partial<OperatorReason>;

export function actionOf(row: Selectable<ActionTable>): Action {
  const { sourceBacklog, offeredRate, missingSensors, ...others } = JSON.parse(row.reason) as WrittenReason;
  // Fields that an older version did not write were unknown.
  const { servedRate = null, ...first } = others;
  return {
    id: row.id,
    topology: row.topology,
    resolver: row.resolver,
    operators: row.operators === null ? [onlyOperatorOf(row, first)] : operatorsOf(row.operators),
    state: row.state,
    outcome: row.outcome,
    blamed: row.blamed === null ? null : (JSON.parse(row.blamed) as string[]),
    reverts: row.reverts,
    revertedBy: row.revertedBy,
    reason: { sourceBacklog, offeredRate, servedRate, missingSensors },
    dryRun: row.dryRun === 1,
    claimedAtMs: row.claimedAtMs,
    expiresAtMs: row.expiresAtMs,
    completedAtMs: row.completedAtMs,
    judgedAtMs: row.judgedAtMs,
    attempts: row.attempts,
    failure: row.failure,
    refusal: row.refusal === null ? null : refusalOf(row.operator, JSON.parse(row.refusal) as WrittenRefusal),
    webhook: row.webhook,
    request: JSON.parse(row.request) as ActionRequest,
    // Fields that an older version did not write were not seen.
    settling: { ...NOT_SETTLED, ...(JSON.parse(row.settling) as Partial<Settling>) },
  };
}

export function blamedRowOf(blamed: Action['blamed']): string | null {
  return blamed === null ? null : JSON.stringify(blamed.map(storableText));
}

function storableOperator(asked: ActionOperator): ActionOperator {
  return { ...asked, operator: storableText(asked.operator) };
}

/** Versions with one operator per action wrote one maximum, or null. */
interface WrittenRefusal {
  readonly webhookMark: string;
  readonly limits?: Refusal['limits'];
  readonly maxParallelism?: number | null;
}

function refusalOf(operator: string, { webhookMark, limits, maxParallelism }: WrittenRefusal): Refusal {
  const known = maxParallelism === undefined || maxParallelism === null ? [] : [[operator, maxParallelism] as const];
  return { webhookMark, limits: limits ?? Object.fromEntries(known) };
}

function operatorsOf(json: string): Action['operators'] {
  const written = JSON.parse(json) as Action['operators'];
  return mapOperators(written, (operator) => ({
    ...operator,
    reason: { ...UNKNOWN_OPERATOR_REASON, ...operator.reason },
  }));
}

/** The operator of a row from a version with one operator per action. */
function onlyOperatorOf(row: Selectable<ActionTable>, reason: Partial<OperatorReason>): ActionOperator {
  return {
    operator: row.operator,
    diagnosis: row.diagnosis,
    currentParallelism: row.currentParallelism,
    desiredParallelism: row.desiredParallelism,
    operatorInstances: JSON.parse(row.operatorInstances) as string[],
    reason: { ...UNKNOWN_OPERATOR_REASON, ...reason },
  };
}

export function pauseRowOf(pause: Pause) {
  return {
    id: storableText(pause.id),
    topology: storableOrNull(pause.topology),
    resolver: pause.resolver,
    reason: storableText(pause.reason),
    createdAtMs: pause.createdAtMs,
    expiresAtMs: pause.expiresAtMs,
    endedAtMs: null,
  };
}

export function pauseOf({ sequence: _sequence, endedAtMs: _ended, ...pause }: Selectable<PauseTable>): Pause {
  return pause;
}

export function removalRowOf(removal: BlacklistRemoval) {
  return {
    atMs: removal.atMs,
    topology: storableText(removal.topology),
    operator: storableText(removal.operator),
    diagnosis: removal.diagnosis,
    resolver: removal.resolver,
  };
}

export function removalOf({ id: _id, ...removal }: Selectable<BlacklistRemovalTable>): BlacklistRemoval {
  return removal;
}
