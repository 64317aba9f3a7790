// Retention: removes old, finished rows, a few at a time so that intake never waits for long.
import { sql, type ExpressionBuilder, type Transaction } from 'kysely';
import { isSameName, type NameKey } from './name-keys.js';
import type { ActionLogTables } from './tables.js';
import { isDueToBeReverted } from './write-judgements.js';

export interface Retention {
  /** Rows that ended at this time or later stay. */
  readonly beforeMs: number;
  /** Ids of actions that stay at any age. */
  readonly keep: readonly string[];
  readonly nameKey: NameKey;
}

/** Runs one transaction. */
export type Transact = <Result>(change: (trx: Transaction<ActionLogTables>) => Promise<Result>) => Promise<Result>;

type Removal = (trx: Transaction<ActionLogTables>, retention: Retention) => Promise<{ numDeletedRows: bigint }>;

const MAX_ROWS = 1000;

/** The order matters: a revert outlives the action it reverts, and a removal the actions that it hides. */
const REMOVALS: readonly Removal[] = [
  pruneDecisions,
  pruneAlerts,
  pruneActions,
  pruneReverts,
  pruneBlacklistRemovals,
  prunePauses,
  pruneInstanceMemories,
  pruneForgetOrders,
];

/** Returns the number of removed rows; action-log.ts says what stays. */
export async function pruneRows(transact: Transact, retention: Retention): Promise<number> {
  let total = 0;
  for (const removal of REMOVALS) {
    for (let removed = MAX_ROWS; removed === MAX_ROWS; total += removed) {
      removed = Number((await transact((trx) => removal(trx, retention))).numDeletedRows);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return total;
}

function pruneDecisions(trx: Transaction<ActionLogTables>, { beforeMs }: Retention) {
  const old = trx.selectFrom('decisions').select('id').where('atMs', '<', beforeMs).limit(MAX_ROWS);
  return trx.deleteFrom('decisions').where('id', 'in', old).executeTakeFirstOrThrow();
}

function pruneAlerts(trx: Transaction<ActionLogTables>, { beforeMs }: Retention) {
  const old = trx
    .selectFrom('alerts')
    .select('id')
    .where('acceptedAtMs', '<', beforeMs)
    .where('state', '<>', 'undecided')
    .limit(MAX_ROWS);
  return trx.deleteFrom('alerts').where('id', 'in', old).executeTakeFirstOrThrow();
}

function pruneActions(trx: Transaction<ActionLogTables>, retention: Retention) {
  const old = oldActions(trx, retention)
    .where('reverts', 'is', null)
    .where((query) => query.not(isDueToBeReverted(query)))
    .where((query) => query.not(query.exists(openRevert(query))));
  return trx.deleteFrom('actions').where('sequence', 'in', old).executeTakeFirstOrThrow();
}

/** If a kept harmful action lost its reverts, it would look unreverted. */
function pruneReverts(trx: Transaction<ActionLogTables>, retention: Retention) {
  const old = oldActions(trx, retention)
    .where('reverts', 'is not', null)
    .where((query) => query.not(query.exists(revertedAction(query))));
  return trx.deleteFrom('actions').where('sequence', 'in', old).executeTakeFirstOrThrow();
}

function oldActions(trx: Transaction<ActionLogTables>, { beforeMs, keep }: Retention) {
  const old = trx
    .selectFrom('actions')
    .select('actions.sequence')
    .where('actions.state', '=', sql.lit('judged'))
    .where('actions.judgedAtMs', '<', beforeMs)
    .limit(MAX_ROWS);
  return keep.length === 0 ? old : old.where('actions.id', 'not in', keep);
}

function openRevert(query: ExpressionBuilder<ActionLogTables, 'actions'>) {
  return query
    .selectFrom('actions as open')
    .select('open.sequence')
    .where('open.state', '<>', sql.lit('judged'))
    .whereRef('open.reverts', '=', 'actions.id');
}

function revertedAction(query: ExpressionBuilder<ActionLogTables, 'actions'>) {
  return query
    .selectFrom('actions as reverted')
    .select('reverted.sequence')
    .whereRef('reverted.id', '=', 'actions.reverts');
}

function pruneBlacklistRemovals(trx: Transaction<ActionLogTables>, { beforeMs, nameKey }: Retention) {
  const old = trx
    .selectFrom('blacklistRemovals as removal')
    .select('removal.id')
    .where('removal.atMs', '<', beforeMs)
    .where((query) =>
      query.not(
        query.exists(
          query
            .selectFrom('actions')
            .select('actions.sequence')
            // Whatever its operators.
            .where(isSameName(nameKey, 'actions.topology', sql.ref('removal.topology')))
            .whereRef('actions.resolver', '=', 'removal.resolver')
            .whereRef('actions.judgedAtMs', '<=', 'removal.atMs'),
        ),
      ),
    )
    .limit(MAX_ROWS);
  return trx.deleteFrom('blacklistRemovals').where('id', 'in', old).executeTakeFirstOrThrow();
}

function prunePauses(trx: Transaction<ActionLogTables>, { beforeMs }: Retention) {
  const old = trx
    .selectFrom('pauses')
    .select('sequence')
    .where(({ fn }) => fn.coalesce('endedAtMs', 'expiresAtMs'), '<', beforeMs)
    .limit(MAX_ROWS);
  return trx.deleteFrom('pauses').where('sequence', 'in', old).executeTakeFirstOrThrow();
}

/** By time alone: memories in use are rewritten every day. */
function pruneInstanceMemories(trx: Transaction<ActionLogTables>, { beforeMs }: Retention) {
  return trx.deleteFrom('instanceMemories').where('notedAtMs', '<', beforeMs).executeTakeFirstOrThrow();
}

/** Every replica has read these orders by then. */
function pruneForgetOrders(trx: Transaction<ActionLogTables>, { beforeMs }: Retention) {
  return trx.deleteFrom('forgottenInstances').where('atMs', '<', beforeMs).executeTakeFirstOrThrow();
}
