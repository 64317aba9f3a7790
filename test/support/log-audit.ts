// What must hold for an action log at rest, and for the calls received meanwhile, whatever happened to the processes that
// wrote it. Reads the SQLite file itself, beside a running service or after its end.
import Database from 'libsql';
import type { Selectable } from 'kysely';
import { join } from 'node:path';
import { eventually } from './dhalion-client.js';
import type { ActionOperator } from '../../src/model/action.js';
import type { ActionTable, AlertTable, DecisionTable } from '../../src/action-log/tables.js';

export type AlertRow = Selectable<AlertTable>;
export type DecisionRow = Selectable<DecisionTable>;
export type ActionRow = Selectable<ActionTable>;

export interface LogRows {
  /** Each oldest first. */
  readonly alerts: readonly AlertRow[];
  readonly decisions: readonly DecisionRow[];
  readonly actions: readonly ActionRow[];
}

export interface AuditedCall {
  /** Value of the header `idempotency-key`. */
  readonly key: string;
  readonly body: string;
  readonly receivedAtMs: number;
}

/** The committed rows of the log in this folder. */
export function readLog(folder: string): LogRows {
  const database = new Database(join(folder, 'action-log.db'));
  try {
    const all = (table: string, key: string): unknown[] =>
      database.prepare(`SELECT * FROM ${table} ORDER BY ${key}`).all().map(inCamelCase);
    return {
      alerts: all('alerts', 'id') as AlertRow[],
      decisions: all('decisions', 'id') as DecisionRow[],
      actions: all('actions', 'sequence') as ActionRow[],
    };
  } finally {
    database.close();
  }
}

/** As CamelCasePlugin returns it. */
function inCamelCase(row: unknown): unknown {
  const renamed = (name: string): string => name.replaceAll(/_./g, ([, letter = '']) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(row as object).map(([name, value]) => [renamed(name), value]));
}

const REST_TIMEOUT_MS = 240_000;

/** Waits until everything is decided and judged; after a long wait, returns the log in its present state, for the checks. */
export function readLogAtRest(folder: string): Promise<LogRows> {
  const deadlineMs = Date.now() + REST_TIMEOUT_MS;
  const look = (): LogRows | null => {
    const log = readLog(folder);
    return findViolations(log, []).length === 0 || Date.now() > deadlineMs ? log : null;
  };
  return eventually('rest', look, 2 * REST_TIMEOUT_MS);
}

/** Sentences, one for each violation of the contract; empty: none. */
export function findViolations(log: LogRows, calls: readonly AuditedCall[]): string[] {
  return [...alertViolations(log), ...actionViolations(log), ...callViolations(log, calls)];
}

function alertViolations({ alerts, decisions }: LogRows): string[] {
  const decided = countBy(decisions.flatMap(({ alertId }) => (alertId === null ? [] : [alertId])));
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  return alerts.flatMap((alert) => {
    const count = decided.get(alert.id) ?? 0;
    const what = `alert ${alert.id} (${alert.status}, ${alert.state})`;
    if (alert.status === 'resolved') return alert.state === 'noted' && count === 0 ? [] : [`${what} is not just noted`];
    if (alert.state === 'decided') return count === 1 ? [] : [`${what} has ${count} decisions`];
    if (alert.state !== 'cancelled') return [`${what} has neither a decision nor a cancellation`];
    const cancelledBy = byId.get(alert.cancelledBy ?? -1);
    const isRight = cancelledBy?.status === 'resolved' && cancelledBy.id > alert.id && count === 0;
    return isRight ? [] : [`${what} was not cancelled by a later resolved one`];
  });
}

function actionViolations({ actions, decisions }: LogRows): string[] {
  const violations = actions.flatMap((action) => planViolations(action, actions, decisions));
  const openUntilMs = new Map<string, number>();
  for (const action of actions) {
    const what = `${action.resolver} ${action.id} of ${action.topology}`;
    const isJudged = action.state === 'judged' && action.outcome !== null && action.judgedAtMs !== null;
    if (!isJudged && action.dryRun === 0) violations.push(`${what} is not judged but ${action.state}`);
    const untilMs = openUntilMs.get(action.topology) ?? -Infinity;
    if (action.claimedAtMs < untilMs) {
      violations.push(`${what} was claimed while another action of its topology was open`);
    }
    openUntilMs.set(action.topology, Math.max(untilMs, action.judgedAtMs ?? Infinity));
    if (action.outcome !== 'harmful') continue;
    const reverts = actions.filter(({ reverts }) => reverts === action.id);
    const isUndone = reverts.some(({ outcome }) => outcome !== 'failed' && outcome !== 'not_applied');
    if (!isUndone) violations.push(`${what} did harm and was not reverted`);
  }
  return violations;
}

/** Every operator of an action has an alert, decided by that action; a revert restores every operator's parallelism. */
function planViolations(action: ActionRow, actions: readonly ActionRow[], decisions: readonly DecisionRow[]): string[] {
  const what = `${action.resolver} ${action.id} of ${action.topology}`;
  const operators = operatorsOf(action);
  const decided = new Set(decisions.flatMap(({ actionId, operator }) => (actionId === action.id ? [operator] : [])));
  const uncalledFor = operators.filter(({ operator }) => !decided.has(operator));
  const strays = [...decided].filter((name) => !operators.some(({ operator }) => operator === name));
  const reverted = actions.find(({ id }) => id === action.reverts);
  const before = reverted === undefined ? null : operatorsOf(reverted);
  const isUndoing =
    before?.every(({ operator, currentParallelism }) =>
      operators.some((one) => one.operator === operator && one.desiredParallelism === currentParallelism),
    ) ?? true;
  return [
    ...uncalledFor.map(({ operator }) => `${what} has ${operator}, which no decision led to`),
    ...strays.map((name) => `${what} answered an alert of ${name}, which it has not got`),
    ...(isUndoing ? [] : [`${what} does not give back all that was taken away`]),
  ];
}

/** A version with one operator per action stored it in the row's columns. */
function operatorsOf(
  row: ActionRow,
): readonly Pick<ActionOperator, 'operator' | 'currentParallelism' | 'desiredParallelism'>[] {
  const { operators, operator, currentParallelism, desiredParallelism } = row;
  if (operators === null) return [{ operator, currentParallelism, desiredParallelism }];
  return JSON.parse(operators) as ActionOperator[];
}

function callViolations({ actions }: LogRows, calls: readonly AuditedCall[]): string[] {
  const byId = new Map(actions.map((action) => [action.id, action]));
  const bodies = new Map<string, string>();
  const counts = countBy(calls.map(({ key }) => idOf(key)));
  const violations = calls.flatMap(({ key, body, receivedAtMs }) => {
    const action = byId.get(idOf(key));
    if (action === undefined) return [`a call has the key ${key}, which is no action's`];
    const what = `a call of ${action.resolver} ${action.id}`;
    const first = bodies.get(key) ?? body;
    bodies.set(key, first);
    return [
      ...(first === body ? [] : [`${what} has another body than the one before`]),
      ...((JSON.parse(body) as { id: unknown }).id === action.id ? [] : [`${what} says another id in its body`]),
      ...(receivedAtMs <= (action.judgedAtMs ?? Infinity) ? [] : [`${what} came after it was judged`]),
    ];
  });
  const uncounted = actions
    .filter(({ id, attempts }) => (counts.get(id) ?? 0) > attempts)
    .map(({ id, attempts }) => `action ${id} was called ${counts.get(id) ?? 0} times, but says ${attempts}`);
  return [...violations, ...uncounted];
}

/** A structured header's string is quoted. */
function idOf(key: string): string {
  return key.replaceAll('"', '');
}

function countBy<Key>(keys: readonly Key[]): ReadonlyMap<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
