// Retention: removes what is over and old, a little at a time so that intake never waits for long.
import type { Kysely, Transaction } from 'kysely';
import type { ActionLogTables } from './rows.js';

const MAX_ROWS = 1000;

/** Removes what ended before `beforeMs`; keeps undecided alerts, open actions, and what an open action reverts. */
export async function pruneRows(kysely: Kysely<ActionLogTables>, beforeMs: number): Promise<number> {
  return (
    (await repeat(kysely, (trx) => pruneDecisions(trx, beforeMs))) +
    (await repeat(kysely, (trx) => pruneAlerts(trx, beforeMs))) +
    (await repeat(kysely, (trx) => pruneActions(trx, beforeMs)))
  );
}

async function repeat(
  kysely: Kysely<ActionLogTables>,
  removeSome: (trx: Transaction<ActionLogTables>) => Promise<{ numDeletedRows: bigint }>,
): Promise<number> {
  for (let total = 0; ;) {
    const removed = Number((await kysely.transaction().execute(removeSome)).numDeletedRows);
    total += removed;
    if (removed < MAX_ROWS) return total;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function pruneDecisions(trx: Transaction<ActionLogTables>, beforeMs: number) {
  const old = trx.selectFrom('decisions').select('id').where('at_ms', '<', beforeMs).limit(MAX_ROWS);
  return trx.deleteFrom('decisions').where('id', 'in', old).executeTakeFirstOrThrow();
}

function pruneAlerts(trx: Transaction<ActionLogTables>, beforeMs: number) {
  const old = trx
    .selectFrom('alerts')
    .select('id')
    .where('accepted_at_ms', '<', beforeMs)
    .where('state', '<>', 'undecided')
    .limit(MAX_ROWS);
  return trx.deleteFrom('alerts').where('id', 'in', old).executeTakeFirstOrThrow();
}

function pruneActions(trx: Transaction<ActionLogTables>, beforeMs: number) {
  const old = trx
    .selectFrom('actions')
    .select('sequence')
    .where('state', '=', 'judged')
    .where('judged_at_ms', '<', beforeMs)
    .where((query) =>
      query.not(
        query.exists(
          query
            .selectFrom('actions as open')
            .select('open.sequence')
            .where('open.state', '<>', 'judged')
            .whereRef('open.reverts', '=', 'actions.id'),
        ),
      ),
    )
    .limit(MAX_ROWS);
  return trx.deleteFrom('actions').where('sequence', 'in', old).executeTakeFirstOrThrow();
}
