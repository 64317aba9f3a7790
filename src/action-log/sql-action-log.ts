// The action log on SQL, for every dialect: what is written together, and in which state a row may change. Every change is
// conditional on its starting state, so the first of two concurrent changes wins, and the second does nothing.
import { sql, type ExpressionBuilder, type Kysely, type Transaction } from 'kysely';
import type { Clock } from '../clock.js';
import { DhalionError } from '../errors.js';
import type { Action, Settling } from '../model/action.js';
import type { BlacklistRemoval } from '../model/blacklist.js';
import { TELLING_OUTCOMES, type Outcome } from '../model/outcome.js';
import type { Pause } from '../model/pause.js';
import type { TopologyMemory } from '../policy/notice-missing-instances.js';
import { writeAlerts, type Acceptance } from './accept-alerts.js';
import type { ActionLog, Blame, Failed, LogFilter } from './action-log.js';
import type {
  AcceptedAlert,
  ForgetOrder,
  ForgottenInstances,
  IncomingAlert,
  LoggedDecision,
  LoggedForgetOrder,
  RememberedInstances,
} from './log-entries.js';
import { createGroupCommit } from './group-commit.js';
import {
  readForgetOrders,
  readInstanceMemories,
  writeForgetOrder,
  writeInstanceMemories,
} from './instance-memories.js';
import { isSameName } from './name-keys.js';
import { pruneRows } from './prune.js';
import {
  actionOf,
  alertOf,
  decisionOf,
  pauseOf,
  pauseRowOf,
  removalOf,
  removalRowOf,
  storableOrNull,
  storableText,
} from './rows.js';
import { storageFaultOf, type SqlStorage } from './sql-storage.js';
import type { ActionLogTables } from './tables.js';
import { ClaimRefused, writeClaim, writeHolds } from './write-decisions.js';
import { isDueToBeReverted, writeCancellation, writeJudgement, writeLease } from './write-judgements.js';

/** For a transaction that conflicts with others. */
const MAX_ATTEMPTS = 5;

/** A commit of this size takes some 20 ms on one core of a small machine, and blocks the event loop. */
export const ALERTS_PER_COMMIT = 500;
export const HOLDS_PER_COMMIT = 100;

/** Takes over the migrated `storage`, and closes it. */
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
    this.#accept = createGroupCommit(
      (acceptances) => this.#transact((trx) => writeAlerts(trx, acceptances, this.#storage.nameKey)),
      {
        maxWeight: ALERTS_PER_COMMIT,
        weightOf: ({ alerts }) => alerts.length,
      },
    );
    this.#hold = createGroupCommit((decisions) => this.#transact((trx) => writeHolds(trx, decisions)), {
      maxWeight: HOLDS_PER_COMMIT,
    });
  }

  async acceptAlerts(alerts: readonly IncomingAlert[], atMs: number): Promise<void> {
    await this.#run(async () => {
      for (let start = 0; start < alerts.length; start += ALERTS_PER_COMMIT) {
        await this.#accept({ alerts: alerts.slice(start, start + ALERTS_PER_COMMIT), atMs });
      }
    });
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

  claimAction(action: Action, decisions: readonly LoggedDecision[]): Promise<boolean> {
    return this.#run(async () => {
      try {
        await this.#transact((trx) => writeClaim(trx, action, decisions));
        return true;
      } catch (error) {
        if (error instanceof ClaimRefused) return false;
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
      await claimed.set({ state: 'completed', completedAtMs: atMs, failure: storableOrNull(failure) }).execute();
    });
  }

  recordSettling(actionId: string, settling: Settling): Promise<void> {
    return this.#change(async (trx) => {
      const open = trx.updateTable('actions').where('id', '=', actionId).where('state', '<>', 'judged');
      await open.set({ settling: JSON.stringify(settling) }).execute();
    });
  }

  judgeAction(actionId: string, outcome: Outcome, atMs: number, because?: Failed | Blame): Promise<boolean> {
    return this.#change((trx) => writeJudgement(trx, actionId, outcome, atMs, because));
  }

  cancelAction(actionId: string, atMs: number): Promise<'cancelled' | 'over' | 'unknown'> {
    return this.#change((trx) => writeCancellation(trx, storableText(actionId), atMs));
  }

  dueReverts(): Promise<Action[]> {
    return this.#run(async () => {
      const due = this.#kysely.selectFrom('actions').selectAll().where(isDueToBeReverted);
      return (await due.orderBy('judgedAtMs').orderBy('sequence').execute()).map(actionOf);
    });
  }

  leaseAction(actionId: string, holder: string, nowMs: number, untilMs: number): Promise<boolean> {
    return this.#change((trx) => writeLease(trx, actionId, holder, nowMs, untilMs));
  }

  addPause(pause: Pause): Promise<void> {
    return this.#change(async (trx) => {
      await trx.insertInto('pauses').values(pauseRowOf(pause)).execute();
    });
  }

  endPause(pauseId: string, atMs: number): Promise<boolean> {
    return this.#change(async (trx) => {
      const inForce = trx.updateTable('pauses').where('id', '=', storableText(pauseId)).where(isInForceAt(atMs));
      return (await inForce.set({ endedAtMs: atMs }).executeTakeFirst()).numUpdatedRows > 0n;
    });
  }

  pauses(nowMs: number): Promise<Pause[]> {
    return this.#run(async () => {
      const inForce = this.#kysely.selectFrom('pauses').selectAll().where(isInForceAt(nowMs));
      return (await inForce.orderBy('sequence', 'desc').execute()).map(pauseOf);
    });
  }

  addBlacklistRemoval(removal: BlacklistRemoval): Promise<void> {
    return this.#change(async (trx) => {
      await trx.insertInto('blacklistRemovals').values(removalRowOf(removal)).execute();
    });
  }

  blacklistRemovals(): Promise<BlacklistRemoval[]> {
    return this.#run(async () => {
      const removals = this.#kysely.selectFrom('blacklistRemovals').selectAll();
      return (await removals.orderBy('id', 'desc').execute()).map(removalOf);
    });
  }

  tellingActions(sinceMs: number): Promise<Action[]> {
    return this.#run(async () => {
      const telling = this.#kysely
        .selectFrom('actions')
        .selectAll()
        .where('outcome', 'in', TELLING_OUTCOMES)
        .where('dryRun', '=', 0)
        .where('judgedAtMs', '>=', sinceMs);
      return (await telling.orderBy('judgedAtMs', 'desc').orderBy('sequence', 'desc').execute()).map(actionOf);
    });
  }

  refusedActions(sinceMs: number): Promise<Action[]> {
    return this.#run(async () => {
      const refused = this.#kysely
        .selectFrom('actions')
        .selectAll()
        .where('refusal', 'is not', null)
        .where('judgedAtMs', '>=', sinceMs);
      return (await refused.orderBy('judgedAtMs', 'desc').orderBy('sequence', 'desc').execute()).map(actionOf);
    });
  }

  instanceMemories(): Promise<ReadonlyMap<string, TopologyMemory>> {
    return this.#run(() => readInstanceMemories(this.#kysely));
  }

  rememberInstances(remembered: readonly RememberedInstances[], atMs: number): Promise<void> {
    return this.#change((trx) => writeInstanceMemories(trx, remembered, atMs, this.#storage.nameKey));
  }

  forgetInstances(order: ForgetOrder, atMs: number): Promise<ForgottenInstances[]> {
    return this.#change((trx) => writeForgetOrder(trx, order, atMs, this.#storage.nameKey));
  }

  forgetOrders(afterId: number): Promise<LoggedForgetOrder[]> {
    return this.#run(() => readForgetOrders(this.#kysely, afterId));
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
      return (await open.orderBy('sequence').execute()).map(actionOf);
    });
  }

  actions(filter: LogFilter): Promise<Action[]> {
    return this.#run(async () => {
      let query = this.#kysely.selectFrom('actions').selectAll();
      if (filter.topology !== undefined) query = query.where(this.#isOf(filter.topology));
      if (filter.sinceMs !== undefined) query = query.where('claimedAtMs', '>=', filter.sinceMs);
      if (filter.dryRun !== undefined) query = query.where('dryRun', '=', filter.dryRun ? 1 : 0);
      if (filter.limit !== undefined) query = query.limit(filter.limit);
      if (filter.sinceMs !== undefined) query = query.orderBy('claimedAtMs', 'desc');
      return inOrder(await query.orderBy('sequence', 'desc').execute(), ({ sequence }) => sequence).map(actionOf);
    });
  }

  decisions(filter: LogFilter): Promise<LoggedDecision[]> {
    return this.#run(async () => {
      let query = this.#kysely.selectFrom('decisions').selectAll();
      if (filter.topology !== undefined) query = query.where(this.#isOf(filter.topology));
      if (filter.sinceMs !== undefined) query = query.where('atMs', '>=', filter.sinceMs);
      if (filter.limit !== undefined) query = query.limit(filter.limit);
      if (filter.sinceMs !== undefined) query = query.orderBy('atMs', 'desc');
      return inOrder(await query.orderBy('id', 'desc').execute(), ({ id }) => id).map(decisionOf);
    });
  }

  prune(beforeMs: number, keep: readonly string[]): Promise<number> {
    const { nameKey } = this.#storage;
    return this.#run(() => pruneRows((change) => this.#transact(change), { beforeMs, keep, nameKey }));
  }

  check(): Promise<void> {
    return this.#change(async (trx) => {
      // A write that is rolled back would never reach the disk, and prove nothing.
      await trx
        .insertInto('writeChecks')
        .values({ id: 1, atMs: this.#clock.now() })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ atMs: (eb) => eb.ref('excluded.atMs') }))
        .execute();
    });
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#kysely.destroy());
    return this.#closing;
  }

  #isOf(topology: string) {
    return isSameName(this.#storage.nameKey, 'topology', sql.val(storableText(topology)));
  }

  /** Every write runs in a transaction, even a single statement: see sqlite-dialect.ts. */
  #change<Result>(change: (trx: Transaction<ActionLogTables>) => Promise<Result>): Promise<Result> {
    return this.#run(() => this.#transact(change));
  }

  async #transact<Result>(change: (trx: Transaction<ActionLogTables>) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#kysely.transaction().execute(change);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !this.#storage.isConflict(error)) throw error;
      }
    }
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

/** Newest first. The index is by time, but the clock may have been set back between two rows. */
function inOrder<Row>(rows: Row[], numberOf: (row: Row) => number): Row[] {
  return rows.sort((left, right) => numberOf(right) - numberOf(left));
}

function isInForceAt(atMs: number) {
  return (query: ExpressionBuilder<ActionLogTables, 'pauses'>) =>
    query.and([query('endedAtMs', 'is', null), query('expiresAtMs', '>', atMs)]);
}
