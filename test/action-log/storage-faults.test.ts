import { sql } from 'kysely';
import Database from 'libsql';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../src/clock.js';
import type { ActionLog } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { migrate } from '../../src/action-log/migrations.js';
import { ALERTS_PER_COMMIT, SqlActionLog } from '../../src/action-log/sql-action-log.js';
import { openSqliteStorage } from '../../src/action-log/sqlite-dialect.js';
import {
  actDecisions,
  AT_MS,
  holdDecision,
  sampleAction,
  sampleAlert,
  samplePause,
  sampleRemoval,
} from '../support/action-log-samples.js';

const FILE = 'action-log.db';
const unavailable = (message: RegExp) => ({ code: 'storage_unavailable', message, retryable: true });

/** All methods that write. */
function writesTo(log: ActionLog): readonly (() => Promise<unknown>)[] {
  const action = sampleAction();
  return [
    () => log.acceptAlerts([sampleAlert()], AT_MS),
    () => log.recordHold(holdDecision()),
    () => log.claimAction(action, actDecisions(action)),
    () => log.recordAttempt(action.id),
    () => log.completeAction(action.id, AT_MS, null),
    () => log.recordSettling(action.id, action.settling),
    () => log.judgeAction(action.id, 'unknown', AT_MS),
    () => log.cancelAction(action.id, AT_MS),
    () => log.leaseAction(action.id, 'replica', AT_MS, AT_MS + 1),
    () => log.addPause(samplePause()),
    () => log.endPause('none', AT_MS),
    () => log.addBlacklistRemoval(sampleRemoval()),
    () => log.prune(AT_MS, []),
    () => log.check(),
  ];
}

await t.test('while another process holds the lock, every write is refused by name, and reads work', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  await log.acceptAlerts([sampleAlert()], AT_MS);
  const other = new Database(join(path, FILE));
  other.exec('begin immediate');
  for (const write of writesTo(log)) {
    await t.rejects(write(), unavailable(/the action log at \/.*\/action-log\.db is locked by another process/));
  }
  t.equal((await log.undecidedAlerts(10)).length, 1);
  t.strictSame(await log.openActions(), []);

  other.exec('rollback');
  other.close();
  for (const write of writesTo(log)) await write();
  t.equal((await log.undecidedAlerts(10)).length, 2);
});

await t.test('a database that another process has locked is not opened', async (t) => {
  const path = t.testdir();
  await (await createActionLog({ path })).close();
  const other = new Database(join(path, FILE));
  other.exec('begin immediate');
  await t.rejects(createActionLog({ path }), unavailable(/is locked by another process/));
  other.close();
  await (await createActionLog({ path })).close();
});

await t.test('on a full disk a batch is refused completely; with free space the same log works on', async (t) => {
  const storage = openSqliteStorage(t.testdir());
  await migrate(storage);
  const log = new SqlActionLog(storage, systemClock);
  t.teardown(() => log.close());
  await log.acceptAlerts([sampleAlert({ operator: 'before' })], AT_MS);
  const pages = (await sql<{ pageCount: number }>`pragma page_count`.execute(storage.kysely)).rows[0]?.pageCount ?? 0;
  await sql.raw(`pragma max_page_count = ${pages + 10}`).execute(storage.kysely);
  const batch = Array.from({ length: 499 }, (_, index) => sampleAlert({ operator: `${index}` }));
  const full = unavailable(/cannot grow: the disk is full/);
  const calls = [log.acceptAlerts(batch, AT_MS), log.acceptAlerts([sampleAlert()], AT_MS)];
  await Promise.all(calls.map((call) => t.rejects(call, full, 'all calls of the commit fail')));
  t.equal((await log.undecidedAlerts(10)).length, 1);
  await log.acceptAlerts([sampleAlert({ operator: 'small' })], AT_MS);

  await sql`pragma max_page_count = 100000`.execute(storage.kysely);
  await log.acceptAlerts(batch, AT_MS);
  t.equal((await log.undecidedAlerts(10_000)).length, 501);
  await log.check();
});

await t.test(
  'a notification that does not fit is not acknowledged, and each of its commits is complete or missing',
  async (t) => {
    const storage = openSqliteStorage(t.testdir());
    await migrate(storage);
    const log = new SqlActionLog(storage, systemClock);
    t.teardown(() => log.close());
    const pages = (await sql<{ pageCount: number }>`pragma page_count`.execute(storage.kysely)).rows[0]?.pageCount ?? 0;
    // Room for two commits of 500, not for six.
    await sql.raw(`pragma max_page_count = ${pages + 100}`).execute(storage.kysely);
    const alerts = Array.from({ length: 3000 }, (_, index) => sampleAlert({ operator: `${index}` }));
    await t.rejects(log.acceptAlerts(alerts, AT_MS), unavailable(/cannot grow: the disk is full/));
    const kept = (await log.undecidedAlerts(10_000)).map(({ operator }) => operator);
    t.ok(kept.length > 0 && kept.length % ALERTS_PER_COMMIT === 0, String(kept.length));
    t.strictSame(
      kept,
      Array.from({ length: kept.length }, (_, index) => String(index)),
    );
    await sql`pragma max_page_count = 100000`.execute(storage.kysely);
    await log.acceptAlerts(alerts, AT_MS);
    t.equal((await log.undecidedAlerts(10_000)).length, kept.length + 3000, 'its repetition is accepted completely');
  },
);

await t.test('a file that cannot be written is refused at the start, and accepted when writable', async (t) => {
  const path = t.testdir();
  await (await createActionLog({ path })).close();
  await withoutRightToWrite(path, async () => {
    await t.rejects(createActionLog({ path }), unavailable(/\/action-log\.db cannot be (written|opened)/));
  });
  await (await createActionLog({ path })).close();
});

await t.test('an invalid value for a column is a fault of the call, not the end of the process', async (t) => {
  const log = await createActionLog({ path: t.testdir() });
  t.teardown(() => log.close());
  const fault = { code: 'storage_unavailable', message: /refused a statement/, retryable: false };
  await t.rejects(log.acceptAlerts([sampleAlert()], NaN), fault);
  await t.rejects(log.undecidedAlerts(Infinity), fault);
  const action = sampleAction({ attempts: true as unknown as number });
  await t.rejects(log.claimAction(action, actDecisions(action)), fault);
  t.equal(await log.claimAction(sampleAction(), actDecisions(action)), true, 'the failed claim leaves no rows');
});

/** root can write everything, so the test changes its user meanwhile. */
async function withoutRightToWrite(path: string, work: () => Promise<void>): Promise<void> {
  const files = [path, ...readdirSync(path).map((file) => join(path, file))];
  const isRoot = process.geteuid?.() === 0;
  for (const file of files) chmodSync(file, file === path ? 0o555 : 0o444);
  if (isRoot) process.seteuid?.(65534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    for (const file of files) chmodSync(file, 0o755);
  }
}
