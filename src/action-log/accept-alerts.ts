// What acceptance writes: the alerts, and what a resolved one takes back. Runs inside a transaction of its caller.
import { sql, type Transaction } from 'kysely';
import type { IncomingAlert } from './action-log.js';
import { alertRowOf } from './rows.js';
import type { ActionLogTables } from './tables.js';

export interface Acceptance {
  readonly alerts: readonly IncomingAlert[];
  readonly atMs: number;
}

type AlertRow = ReturnType<typeof alertRowOf>;

/** Well under SQLite's 32 766 values a statement. */
const MAX_ROWS = 500;

/** Writes all alerts in order, then lets each resolved one take back what came before it. */
export async function writeAlerts(trx: Transaction<ActionLogTables>, acceptances: readonly Acceptance[]) {
  const rows = acceptances.flatMap(({ alerts, atMs }) => alerts.map((alert) => alertRowOf(alert, atMs)));
  // The last one of each diagnosis takes back all that the others would.
  const resolved = new Map<string, { row: AlertRow; id: number }>();
  for (let start = 0; start < rows.length; start += MAX_ROWS) {
    const batch = rows.slice(start, start + MAX_ROWS);
    const ids = await insertRows(trx, batch);
    batch.forEach((row, index) => {
      const id = ids[index];
      if (row.status !== 'resolved' || id === undefined) return;
      resolved.set(diagnosisKey(row), { row, id });
    });
  }
  for (const { row, id } of inLockOrder([...resolved.values()], ({ row }) => row)) await takeBack(trx, row, id);
}

type DiagnosisOf = Pick<IncomingAlert, 'topology' | 'operator' | 'diagnosis'>;

/** In which every transaction changes alerts, so that two replicas wait for one another rather than block each other. */
export function inLockOrder<Item>(items: readonly Item[], diagnosisOf: (item: Item) => DiagnosisOf): readonly Item[] {
  const keyed = items.map((item) => ({ item, key: diagnosisKey(diagnosisOf(item)) }));
  return keyed
    .sort((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)))
    .map(({ item }) => item);
}

function diagnosisKey({ topology, operator, diagnosis }: DiagnosisOf): string {
  return JSON.stringify([topology, operator, diagnosis]);
}

/** Returns their ids in the order of the rows. */
async function insertRows(trx: Transaction<ActionLogTables>, rows: readonly AlertRow[]): Promise<number[]> {
  const inserted = await trx.insertInto('alerts').values(rows).returning('id').execute();
  // Ids are given in the order of the rows; the order in which they are returned is not promised.
  return inserted.map(({ id }) => id).sort((left, right) => left - right);
}

/** A revert is not taken back: the diagnosis it carries is that of the scale_down which did harm, and gone by then. */
async function takeBack(trx: Transaction<ActionLogTables>, row: AlertRow, resolvedId: number): Promise<void> {
  await trx
    .updateTable('alerts')
    .set({ state: 'cancelled', cancelled_by: resolvedId })
    .where('state', '=', sql.lit('undecided'))
    .where('topology', '=', row.topology)
    .where('operator', '=', row.operator)
    .where('diagnosis', '=', row.diagnosis)
    .where('id', '<', resolvedId)
    .execute();
  await trx
    .updateTable('actions')
    .set({ state: 'judged', outcome: 'cancelled', judged_at_ms: row.accepted_at_ms })
    .where('state', '<>', sql.lit('judged'))
    .where('topology', '=', row.topology)
    .where('operator', '=', row.operator)
    .where('diagnosis', '=', row.diagnosis)
    .where('state', '=', 'claimed')
    .where('attempts', '=', 0)
    .where('resolver', '<>', 'revert')
    .execute();
}
