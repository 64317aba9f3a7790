// How actions end: judgements and cancellations by a person; also who may judge, and which harm is still to be reverted.
// Writes run inside a transaction of the caller.
import { sql, type ExpressionBuilder, type Transaction } from 'kysely';
import type { Outcome } from '../model/outcome.js';
import type { Blame, Failed } from './action-log.js';
import { blamedRowOf, storableText } from './rows.js';
import type { ActionLogTables } from './tables.js';

/** Outcomes after which a revert is retried. */
const REPEATED_OUTCOMES = ['failed', 'not_applied'] as const satisfies Outcome[];

/** False, with nothing written, unless the action is open. */
export async function writeJudgement(
  trx: Transaction<ActionLogTables>,
  actionId: string,
  outcome: Outcome,
  atMs: number,
  because?: Failed | Blame,
): Promise<boolean> {
  const open = trx.updateTable('actions').where('id', '=', actionId).where('state', '<>', 'judged');
  const judged = await open
    .set({
      state: 'judged',
      outcome,
      judgedAtMs: atMs,
      ...(because === undefined ? {} : becauseRowOf(because)),
    })
    .executeTakeFirst();
  return judged.numUpdatedRows > 0n;
}

function becauseRowOf(because: Failed | Blame) {
  if ('blamed' in because) return { blamed: blamedRowOf(because.blamed) };
  const { failure, refusal } = because;
  return { failure: storableText(failure), refusal: refusal === undefined ? null : JSON.stringify(refusal) };
}

export async function writeCancellation(
  trx: Transaction<ActionLogTables>,
  actionId: string,
  atMs: number,
): Promise<'cancelled' | 'over' | 'unknown'> {
  if (await writeJudgement(trx, actionId, 'cancelled', atMs)) return 'cancelled';
  const repeated = await trx
    .updateTable('actions')
    .set({ outcome: 'cancelled', judgedAtMs: atMs })
    .where('id', '=', actionId)
    .where('dryRun', '=', 0)
    .where('outcome', 'in', REPEATED_OUTCOMES)
    .where('reverts', 'in', (query) => query.selectFrom('actions').select('id').where(isDueToBeReverted))
    .executeTakeFirst();
  if (repeated.numUpdatedRows > 0n) return 'cancelled';
  const action = await trx.selectFrom('actions').select('id').where('id', '=', actionId).executeTakeFirst();
  return action === undefined ? 'unknown' : 'over';
}

/** False, with nothing written, if another holder's lease has not expired, or the action is judged. */
export async function writeLease(
  trx: Transaction<ActionLogTables>,
  actionId: string,
  holder: string,
  nowMs: number,
  untilMs: number,
): Promise<boolean> {
  const free = trx
    .updateTable('actions')
    .where('id', '=', actionId)
    .where('state', '<>', 'judged')
    .where((query) =>
      query.or([
        query('leaseHolder', 'is', null),
        query('leaseHolder', '=', holder),
        query('leaseUntilMs', '<=', nowMs),
      ]),
    );
  const leased = await free.set({ leaseHolder: holder, leaseUntilMs: untilMs }).executeTakeFirst();
  return leased.numUpdatedRows > 0n;
}

/** A harmful scale_down whose reverts, if any, all ended in REPEATED_OUTCOMES. Dry runs revert nothing. */
export function isDueToBeReverted(query: ExpressionBuilder<ActionLogTables, 'actions'>) {
  return query.and([
    query('actions.resolver', '=', sql.lit('scale_down')),
    query('actions.outcome', '=', sql.lit('harmful')),
    query.not(
      query.exists(
        query
          .selectFrom('actions as revert')
          .select('revert.id')
          .whereRef('revert.reverts', '=', 'actions.id')
          .where('revert.dryRun', '=', 0)
          .where((revert) =>
            revert.or([
              revert('revert.state', '<>', 'judged'),
              revert('revert.outcome', 'is', null),
              revert('revert.outcome', 'not in', REPEATED_OUTCOMES),
            ]),
          ),
      ),
    ),
  ]);
}
