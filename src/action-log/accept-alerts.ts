// The writes of acceptance: the alerts, and what a resolved one takes back. Runs inside a transaction of its caller.
import { sql, type Transaction } from 'kysely';
import type { IncomingAlert } from './log-entries.js';
import { isSameName, type NameKey } from './name-keys.js';
import { actionOf, alertRowOf } from './rows.js';
import type { ActionLogTables } from './tables.js';

export interface Acceptance {
  readonly alerts: readonly IncomingAlert[];
  readonly atMs: number;
}

type AlertRow = ReturnType<typeof alertRowOf>;

/**
 * Writes all alerts in order, then lets each resolved one take back earlier ones. At most 3,276 alerts: SQLite takes 32,766
 * values a statement.
 */
export async function writeAlerts(
  trx: Transaction<ActionLogTables>,
  acceptances: readonly Acceptance[],
  nameKey: NameKey,
) {
  const rows = acceptances.flatMap(({ alerts, atMs }) => alerts.map((alert) => alertRowOf(alert, atMs)));
  const ids = await insertRows(trx, rows);
  // The last resolved alert of each diagnosis takes back everything that the earlier ones would.
  const resolved = new Map<string, Resolved>();
  rows.forEach((row, index) => {
    const id = ids[index];
    if (row.status === 'resolved' && id !== undefined) resolved.set(diagnosisKey(row), { row, id });
  });
  if (resolved.size === 0) return;
  await takeBackAlerts(trx, await undecidedBefore(trx, resolved, ids, nameKey), nameKey);
  await takeBackClaims(trx, resolved);
}

interface Resolved {
  readonly row: AlertRow;
  readonly id: number;
}

type DiagnosisOf = Pick<IncomingAlert, 'topology' | 'operator' | 'diagnosis'>;

/** The order in which every transaction changes alerts, so that two replicas wait for one another instead of deadlocking. */
export function inLockOrder<Item>(items: readonly Item[], diagnosisOf: (item: Item) => DiagnosisOf): readonly Item[] {
  const keyed = items.map((item) => ({ item, key: diagnosisKey(diagnosisOf(item)) }));
  return keyed
    .sort((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)))
    .map(({ item }) => item);
}

function diagnosisKey({ topology, operator, diagnosis }: DiagnosisOf): string {
  return JSON.stringify([topology, operator, diagnosis]);
}

/** Returns the rows' ids in the order of the rows. */
async function insertRows(trx: Transaction<ActionLogTables>, rows: readonly AlertRow[]): Promise<number[]> {
  const inserted = await trx.insertInto('alerts').values(rows).returning('id').execute();
  // Ids are assigned in the order of the rows, but may be returned in another.
  return inserted.map(({ id }) => id).sort((left, right) => left - right);
}

/** The resolved alerts that have anything to take back, found in one query: usually there are none. */
async function undecidedBefore(
  trx: Transaction<ActionLogTables>,
  resolved: ReadonlyMap<string, Resolved>,
  ids: readonly number[],
  nameKey: NameKey,
): Promise<readonly Resolved[]> {
  const found = await trx
    .selectFrom('alerts as resolved')
    .innerJoin('alerts as undecided', (join) =>
      join
        .on(isSameName(nameKey, 'undecided.topology', sql.ref('resolved.topology')))
        .on(isSameName(nameKey, 'undecided.operator', sql.ref('resolved.operator')))
        .onRef('undecided.diagnosis', '=', 'resolved.diagnosis')
        .onRef('undecided.id', '<', 'resolved.id'),
    )
    .select(['resolved.topology', 'resolved.operator', 'resolved.diagnosis'])
    .distinct()
    .where('resolved.id', '>=', ids[0] ?? 0)
    .where('resolved.id', '<=', ids.at(-1) ?? 0)
    .where('resolved.status', '=', 'resolved')
    .where('undecided.state', '=', sql.lit('undecided'))
    .execute();
  return found.flatMap((diagnosis) => resolved.get(diagnosisKey(diagnosis)) ?? []);
}

async function takeBackAlerts(
  trx: Transaction<ActionLogTables>,
  resolved: readonly Resolved[],
  nameKey: NameKey,
): Promise<void> {
  for (const { row, id } of inLockOrder(resolved, ({ row }) => row)) {
    await trx
      .updateTable('alerts')
      .set({ state: 'cancelled', cancelledBy: id })
      .where('state', '=', sql.lit('undecided'))
      .where(isSameName(nameKey, 'topology', sql.val(row.topology)))
      .where(isSameName(nameKey, 'operator', sql.val(row.operator)))
      .where('diagnosis', '=', row.diagnosis)
      .where('id', '<', id)
      .execute();
  }
}

/** Reverts are excepted: their diagnosis is that of the harmful scale_down, and has already gone. */
async function takeBackClaims(
  trx: Transaction<ActionLogTables>,
  resolved: ReadonlyMap<string, Resolved>,
): Promise<void> {
  const claims = await trx
    .selectFrom('actions')
    .selectAll()
    .where('state', '<>', sql.lit('judged'))
    .where('state', '=', 'claimed')
    .where('attempts', '=', 0)
    .where('resolver', '<>', 'revert')
    .execute();
  for (const claim of inLockOrder(claims, (claim) => claim)) {
    const { topology, operators } = actionOf(claim);
    // A plan for several operators no longer holds when one of its diagnoses has resolved.
    const [by] = operators.flatMap((asked) => resolved.get(diagnosisKey({ topology, ...asked })) ?? []);
    if (by === undefined) continue;
    await trx
      .updateTable('actions')
      .set({ state: 'judged', outcome: 'cancelled', judgedAtMs: by.row.acceptedAtMs })
      .where('id', '=', claim.id)
      .where('state', '=', 'claimed')
      .where('attempts', '=', 0)
      .execute();
  }
}
