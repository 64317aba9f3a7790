// The writes of deciding: holds and claims, each with its alert marked as decided. Runs inside a transaction of its caller.
import type { Transaction } from 'kysely';
import type { Action } from '../model/action.js';
import { inLockOrder } from './accept-alerts.js';
import type { LoggedDecision } from './log-entries.js';
import { actionRowOf, decisionRowOf } from './rows.js';
import type { ActionLogTables } from './tables.js';
import { isDueToBeReverted } from './write-judgements.js';

/** Rolls a claim back: its topology has an open action, or what it answers was settled meanwhile. */
export class ClaimRefused extends Error {}

/** Writes the holds whose alert is still undecided. */
export async function writeHolds(
  trx: Transaction<ActionLogTables>,
  decisions: readonly LoggedDecision[],
): Promise<void> {
  for (const decision of inLockOrder(decisions, (decision) => decision)) {
    if (await markDecided(trx, decision.alertId)) {
      await trx.insertInto('decisions').values(decisionRowOf(decision)).execute();
    }
  }
}

/** @throws ClaimRefused to roll all of it back */
export async function writeClaim(
  trx: Transaction<ActionLogTables>,
  action: Action,
  decisions: readonly LoggedDecision[],
): Promise<void> {
  if (action.reverts !== null && !action.dryRun && !(await markReverted(trx, action.reverts, action.id))) {
    throw new ClaimRefused();
  }
  await insertAction(trx, action);
  for (const decision of inLockOrder(decisions, (decision) => decision)) {
    if (!(await markDecided(trx, decision.alertId))) throw new ClaimRefused();
    await trx.insertInto('decisions').values(decisionRowOf(decision)).execute();
  }
}

/**
 * An action that is over as soon as it is written needs a free topology, too: it is open until the end of this transaction,
 * so that another open action refuses it.
 * @throws ClaimRefused if the topology has an open action
 */
async function insertAction(trx: Transaction<ActionLogTables>, action: Action): Promise<void> {
  const row = actionRowOf(action);
  const isOver = row.state === 'judged';
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('actions')
    .values(isOver ? { ...row, state: 'claimed' } : row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) throw new ClaimRefused();
  if (isOver) await trx.updateTable('actions').where('id', '=', action.id).set({ state: row.state }).execute();
}

/** False if it is not, or no longer, due to be reverted. */
async function markReverted(trx: Transaction<ActionLogTables>, actionId: string, revertId: string): Promise<boolean> {
  const due = trx.updateTable('actions').where('id', '=', actionId).where(isDueToBeReverted);
  return (await due.set({ revertedBy: revertId }).executeTakeFirst()).numUpdatedRows > 0n;
}

/** False if the alert was decided or cancelled before. */
async function markDecided(trx: Transaction<ActionLogTables>, alertId: number | null): Promise<boolean> {
  if (alertId === null) return true;
  const undecided = trx.updateTable('alerts').where('id', '=', alertId).where('state', '=', 'undecided');
  return (await undecided.set({ state: 'decided' }).executeTakeFirst()).numUpdatedRows > 0n;
}
