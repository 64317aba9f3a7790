import { sql } from 'kysely';
import Database from 'libsql';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.js';
import { migrate } from '../../src/action-log/migrations.js';
import { SqlActionLog } from '../../src/action-log/sql-action-log.js';
import { openSqliteStorage } from '../../src/action-log/sqlite-dialect.js';
import { actDecisions, AT_MS, holdDecision, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { undecidedOperators } from './contract-harness.js';

const FILE = 'action-log.db';

/** A log with one alert, partly in the database file and partly in the write-ahead log. */
async function openedLog(t: Test) {
  const path = t.testdir();
  const storage = openSqliteStorage(path);
  await migrate(storage);
  const log = new SqlActionLog(storage, systemClock);
  t.teardown(() => log.close());
  await log.acceptAlerts([sampleAlert({ operator: 'checkpointed' })], AT_MS);
  await sql`pragma wal_checkpoint(truncate)`.execute(storage.kysely);
  await log.acceptAlerts([sampleAlert({ operator: 'before' })], AT_MS);
  const file = join(path, FILE);
  return { path, log, file, wal: `${file}-wal` };
}

const faults: Readonly<Record<string, { damage: (file: string) => void; because: RegExp }>> = {
  'the database is removed': { damage: unlinkSync, because: /was removed or replaced/ },
  'the folder is removed': {
    damage: (file) => {
      rmSync(join(file, '..'), { recursive: true });
    },
    because: /was removed or replaced/,
  },
  'the database is replaced by a copy': {
    damage: (file) => {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
    because: /was removed or replaced/,
  },
  'the database is truncated': {
    damage: (file) => {
      truncateSync(file);
    },
    because: /was truncated/,
  },
  'a part of the database is cut off': {
    damage: (file) => {
      truncateSync(file, 8192);
    },
    because: /was truncated/,
  },
  'the database is overwritten in place': {
    damage: (file) => {
      writeFileSync(file, Buffer.alloc(readFileSync(file).length, 'somebody else'), { flag: 'r+' });
    },
    because: /was damaged by another process/,
  },
  'the write-ahead log is truncated': {
    damage: (file) => {
      truncateSync(`${file}-wal`);
    },
    because: /was damaged by another process/,
  },
  'the write-ahead log is replaced': {
    damage: (file) => {
      copyFileSync(`${file}-wal`, `${file}.copy`);
      renameSync(`${file}.copy`, `${file}-wal`);
    },
    because: /had its write-ahead log replaced/,
  },
};

for (const [title, { damage, because }] of Object.entries(faults)) {
  await t.test(`if ${title}, nothing is accepted and no action can begin`, async (t) => {
    const { log, file } = await openedLog(t);
    const action = sampleAction();
    t.equal(await log.claimAction(action, actDecisions(action)), true);
    damage(file);
    const unavailable = { code: 'storage_unavailable', message: because, retryable: false };
    const other = sampleAction({ topology: 'other' });
    const writes: readonly (() => Promise<unknown>)[] = [
      () => log.acceptAlerts([sampleAlert()], AT_MS),
      () => log.recordHold(holdDecision()),
      () => log.claimAction(other, actDecisions(other)),
      () => log.recordAttempt(action.id),
      () => log.leaseAction(action.id, 'replica', AT_MS, AT_MS + 1),
      () => log.check(),
    ];
    for (const write of writes) await t.rejects(write(), unavailable);
    await t.rejects(log.check(), unavailable, 'and again');
  });
}

for (const endings of [['-wal'], ['-shm'], ['-wal', '-shm']]) {
  await t.test(`if ${endings.join(' and ')} are removed, their content is saved, and the log works on`, async (t) => {
    const { path, log, file } = await openedLog(t);
    for (const ending of endings) unlinkSync(`${file}${ending}`);
    await t.rejects(log.acceptAlerts([sampleAlert()], AT_MS), {
      code: 'storage_unavailable',
      message: /lost its write-ahead log while it was in use: the content of that log has been saved/,
      retryable: true,
    });
    await log.acceptAlerts([sampleAlert({ operator: 'after' })], AT_MS);
    // As after a kill and a restart, from the files alone.
    const copy = join(t.testdirName, 'copy');
    const found = openSqliteStorage(copyOf(path, copy));
    const copied = new SqlActionLog(found, systemClock);
    t.teardown(() => copied.close());
    t.strictSame(await undecidedOperators(copied), ['checkpointed', 'before', 'after']);
  });
}

await t.test('a removed write-ahead log cannot be saved while another process reads, but afterwards', async (t) => {
  const { log, file, wal } = await openedLog(t);
  const reader = new Database(file);
  reader.exec('begin; select count(*) from alerts');
  unlinkSync(wal);
  await t.rejects(log.check(), { message: /the content of that log cannot be saved yet/, retryable: true });
  reader.exec('rollback');
  reader.close();
  await t.rejects(log.check(), { message: /the content of that log has been saved/ });
  await log.check();
});

await t.test('a database that is moved away and back is still the same', async (t) => {
  const { log, file } = await openedLog(t);
  renameSync(file, `${file}.elsewhere`);
  await t.rejects(log.check(), { message: /was removed or replaced/ });
  renameSync(`${file}.elsewhere`, file);
  await log.acceptAlerts([sampleAlert({ operator: 'after' })], AT_MS);
  t.strictSame(await undecidedOperators(log), ['checkpointed', 'before', 'after']);
});

await t.test(
  'another process that writes through SQLite and empties the write-ahead log causes no fault',
  async (t) => {
    const { log, file } = await openedLog(t);
    const other = new Database(file);
    other.exec('create table somebody_elses (id integer)');
    other.pragma('wal_checkpoint(TRUNCATE)');
    await log.acceptAlerts([sampleAlert({ operator: 'after' })], AT_MS);
    other.close();
    t.strictSame(await undecidedOperators(log), ['checkpointed', 'before', 'after']);
  },
);

/** The folder of a copy of the files, as a restart would find them. */
function copyOf(path: string, copy: string): string {
  mkdirSync(copy);
  for (const name of [FILE, `${FILE}-wal`]) copyFileSync(join(path, name), join(copy, name));
  return copy;
}
