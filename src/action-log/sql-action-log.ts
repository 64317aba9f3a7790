// The action log on SQL, whatever the dialect: what is written together, and in which state a row may change.
// Every change is conditional on the state it starts from, so the first of two that race wins, and the second is a no-op.
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Clock } from '../clock.js';
import { DhalionError } from '../errors.js';
import type { Action, Settling } from '../model/action.js';
import type { Outcome } from '../model/outcome.js';
import { writeAlerts, type Acceptance } from './accept-alerts.js';
import type { AcceptedAlert, ActionLog, IncomingAlert, LogFilter, LoggedDecision } from './action-log.js';
import { createGroupCommit } from './group-commit.js';
import { pruneRows } from './prune.js';
import {
  actionOf,
  actionRowOf,
  alertOf,
  decisionOf,
  decisionRowOf,
  storableOrNull,
  storableText,
  type ActionLogTables,
} from './rows.js';
import { storageFaultOf, type SqlStorage } from './sql-storage.js';

/** Undoes a claim whose alert was cancelled or decided meanwhile. */
class AlertNotUndecided extends Error {}

/** Takes over `storage`, migrated, and closes it. */
export class SqlActionLog implements ActionLog {
  readonly #storage: SqlStorage;
  readonly #kysely: Kysely<ActionLogTables>;
  readonly #clock: Clock;
  readonly #accept: (acceptance: Acceptance) => Promise<void>;
  readonly #hold: (decision: LoggedDecision) => Promise<void>;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(storage: SqlStorage, clock: Clock) {
    this.#storage = storage;
    this.#kysely = storage.kysely;
    this.#clock = clock;
    this.#accept = createGroupCommit((acceptances) =>
      this.#kysely.transaction().execute((trx) => writeAlerts(trx, acceptances)),
    );
    this.#hold = createGroupCommit((decisions) =>
      this.#kysely.transaction().execute((trx) => writeHolds(trx, decisions)),
    );
  }

  async acceptAlerts(alerts: readonly IncomingAlert[], atMs: number): Promise<void> {
    if (alerts.length > 0) await this.#run(() => this.#accept({ alerts, atMs }));
  }

  undecidedAlerts(limit: number): Promise<AcceptedAlert[]> {
    return this.#run(async () => {
      const undecided = this.#kysely.selectFrom('alerts').selectAll().where('state', '=', sql.lit('undecided'));
      return (await undecided.orderBy('id').limit(limit).execute()).map(alertOf);
    });
  }

  recordHold(decision: LoggedDecision): Promise<void> {
    return this.#run(() => this.#hold(decision));
  }

  claimAction(action: Action, decision: LoggedDecision): Promise<boolean> {
    return this.#run(async () => {
      try {
        return await this.#kysely.transaction().execute((trx) => writeClaim(trx, action, decision));
      } catch (error) {
        if (error instanceof AlertNotUndecided) return false;
        throw error;
      }
    });
  }

  recordAttempt(actionId: string): Promise<boolean> {
    return this.#change(async (trx) => {
      const claimed = trx.updateTable('actions').where('id', '=', actionId).where('state', '=', 'claimed');
      const result = await claimed.set(({ eb }) => ({ attempts: eb('attempts', '+', 1) })).executeTakeFirst();
      return result.numUpdatedRows > 0n;
    });
  }

  completeAction(actionId: string, atMs: number, failure: string | null): Promise<void> {
    return this.#change(async (trx) => {
      const claimed = trx.updateTable('actions').where('id', '=', actionId).where('state', '=', 'claimed');
      await claimed.set({ state: 'completed', completed_at_ms: atMs, failure: storableOrNull(failure) }).execute();
    });
  }

  recordSettling(actionId: string, settling: Settling): Promise<void> {
    return this.#change(async (trx) => {
      const open = trx.updateTable('actions').where('id', '=', actionId).where('state', '<>', 'judged');
      await open.set({ settling: JSON.stringify(settling) }).execute();
    });
  }

  judgeAction(actionId: string, outcome: Outcome, atMs: number, failure?: string): Promise<void> {
    return this.#change(async (trx) => {
      const open = trx.updateTable('actions').where('id', '=', actionId).where('state', '<>', 'judged');
      await open
        .set({
          state: 'judged',
          outcome,
          judged_at_ms: atMs,
          ...(failure === undefined ? {} : { failure: storableText(failure) }),
        })
        .execute();
    });
  }

  action(actionId: string): Promise<Action | null> {
    return this.#run(async () => {
      const row = await this.#kysely
        .selectFrom('actions')
        .selectAll()
        .where('id', '=', storableText(actionId))
        .executeTakeFirst();
      return row === undefined ? null : actionOf(row);
    });
  }

  openActions(): Promise<Action[]> {
    return this.#run(async () => {
      const open = this.#kysely.selectFrom('actions').selectAll().where('state', '<>', sql.lit('judged'));
      return (await open.orderBy('claimed_at_ms').orderBy('sequence').execute()).map(actionOf);
    });
  }

  actions(filter: LogFilter): Promise<Action[]> {
    return this.#run(async () => {
      let query = this.#kysely.selectFrom('actions').selectAll();
      if (filter.topology !== undefined) query = query.where('topology', '=', storableText(filter.topology));
      if (filter.sinceMs !== undefined) query = query.where('claimed_at_ms', '>=', filter.sinceMs);
      if (filter.limit !== undefined) query = query.limit(filter.limit);
      return (await query.orderBy('claimed_at_ms', 'desc').orderBy('sequence', 'desc').execute()).map(actionOf);
    });
  }

  decisions(filter: LogFilter): Promise<LoggedDecision[]> {
    return this.#run(async () => {
      let query = this.#kysely.selectFrom('decisions').selectAll();
      if (filter.topology !== undefined) query = query.where('topology', '=', storableText(filter.topology));
      if (filter.sinceMs !== undefined) query = query.where('at_ms', '>=', filter.sinceMs);
      if (filter.limit !== undefined) query = query.limit(filter.limit);
      return (await query.orderBy('at_ms', 'desc').orderBy('id', 'desc').execute()).map(decisionOf);
    });
  }

  prune(beforeMs: number): Promise<number> {
    return this.#run(() => pruneRows(this.#kysely, beforeMs));
  }

  check(): Promise<void> {
    return this.#change(async (trx) => {
      this.#storage.verifyIdentity();
      // A write that is rolled back would never reach the disk, and say nothing about it.
      await trx
        .insertInto('write_checks')
        .values({ id: 1, at_ms: this.#clock.now() })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ at_ms: (eb) => eb.ref('excluded.at_ms') }))
        .execute();
    });
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#kysely.destroy());
    return this.#closing;
  }

  /** Every write is in a transaction, a single statement too: see sqlite-dialect.ts. */
  #change<Result>(change: (trx: Transaction<ActionLogTables>) => Promise<Result>): Promise<Result> {
    return this.#run(() => this.#kysely.transaction().execute(change));
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== null) {
      throw new DhalionError('storage_unavailable', `${this.#storage.name} has been closed`);
    }
    const running = work();
    this.#underWay.add(running);
    try {
      return await running;
    } catch (error) {
      throw storageFaultOf(this.#storage, error);
    } finally {
      this.#underWay.delete(running);
    }
  }
}

async function writeHolds(trx: Transaction<ActionLogTables>, decisions: readonly LoggedDecision[]): Promise<void> {
  for (const decision of decisions) {
    if (await markDecided(trx, decision.alertId)) {
      await trx.insertInto('decisions').values(decisionRowOf(decision)).execute();
    }
  }
}

async function writeClaim(
  trx: Transaction<ActionLogTables>,
  action: Action,
  decision: LoggedDecision,
): Promise<boolean> {
  const claimed = action.dryRun ? judgedAtOnce(action) : action;
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('actions')
    .values(actionRowOf(claimed))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return false;
  if (!(await markDecided(trx, decision.alertId))) throw new AlertNotUndecided();
  await trx.insertInto('decisions').values(decisionRowOf(decision)).execute();
  if (action.reverts !== null && !action.dryRun) {
    await trx.updateTable('actions').set({ reverted_by: action.id }).where('id', '=', action.reverts).execute();
  }
  return true;
}

function judgedAtOnce(action: Action): Action {
  return { ...action, state: 'judged', outcome: null, judgedAtMs: action.claimedAtMs };
}

/** False if the alert was decided or cancelled before. */
async function markDecided(trx: Transaction<ActionLogTables>, alertId: number | null): Promise<boolean> {
  if (alertId === null) return true;
  const undecided = trx.updateTable('alerts').where('id', '=', alertId).where('state', '=', 'undecided');
  return (await undecided.set({ state: 'decided' }).executeTakeFirst()).numUpdatedRows > 0n;
}
