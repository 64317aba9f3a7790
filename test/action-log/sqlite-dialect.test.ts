import { sql, type Kysely } from 'kysely';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { migrate, migrationsFor } from '../../src/action-log/migrations.js';
import { actionRowOf } from '../../src/action-log/rows.js';
import { openSqliteStorage } from '../../src/action-log/sqlite-dialect.js';
import { VERSION } from '../../src/version.js';
import { AT_MS, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { createFakeClock } from '../support/fake-clock.js';
import { killAfterLines, spawnScript } from '../support/run-script.js';

const FILE = 'action-log.db';
const unavailable = (message: RegExp) => ({ code: 'storage_unavailable', message, retryable: true });

await t.test('a missing folder is created, with access for its owner only', async (t) => {
  const path = join(t.testdir(), 'var', 'lib', 'dhalion');
  const log = await createActionLog({ path });
  t.ok(readdirSync(path).includes(FILE));
  t.equal(statSync(path).mode & 0o077, 0);
  await log.close();
});

await t.test('after closing, everything is in one file', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  await log.acceptAlerts([sampleAlert()], AT_MS);
  await log.close();
  t.equal(statSync(join(path, `${FILE}-wal`), { throwIfNoEntry: false })?.size ?? 0, 0);
});

await t.test('commits are flushed to disk, and the wait for a lock is short', async (t) => {
  const storage = openSqliteStorage(t.testdir());
  t.teardown(() => storage.kysely.destroy());
  const pragma = async (name: string) => (await sql.raw<object>(`pragma ${name}`).execute(storage.kysely)).rows[0];
  t.strictSame(await pragma('journal_mode'), { journalMode: 'wal' });
  t.strictSame(await pragma('synchronous'), { synchronous: 2 });
  t.strictSame(await pragma('foreign_keys'), { foreignKeys: 1 });
  t.strictSame(await pragma('busy_timeout'), { timeout: 500 });
});

await t.test('a file that is not a database is refused by name, and unchanged', async (t) => {
  const path = t.testdir({ [FILE]: 'somebody else\n'.repeat(500) });
  await t.rejects(createActionLog({ path }), unavailable(/\/action-log\.db is not an SQLite database/));
  t.equal(statSync(join(path, FILE)).size, 7000);
});

await t.test('a damaged database is refused by name', async (t) => {
  const path = t.testdir();
  await (await createActionLog({ path })).close();
  const file = join(path, FILE);
  const descriptor = openSync(file, 'r+');
  // Everything except for the page with header and schema.
  writeSync(descriptor, Buffer.alloc(statSync(file).size - 4096, 0xff), 0, undefined, 4096);
  closeSync(descriptor);
  await t.rejects(createActionLog({ path }), unavailable(/\/action-log\.db is damaged/));
});

await t.test('a folder that cannot be created, or replaces the file, is refused by name', async (t) => {
  const path = t.testdir({ file: '', folder: { [FILE]: {} } });
  const belowFile = createActionLog({ path: join(path, 'file', 'below') });
  await t.rejects(belowFile, unavailable(/\/file\/below\/action-log\.db cannot be created/));
  await t.rejects(createActionLog({ path: join(path, 'folder') }), unavailable(/\/action-log\.db cannot be opened/));
  const inProc = createActionLog({ path: '/proc/dhalion/log' });
  await t.rejects(inProc, unavailable(/the action log at \/proc\/dhalion\/log\/action-log\.db cannot be created/));
});

await t.test('the error for a relative folder has the working directory', async (t) => {
  const path = relative('.', join(t.testdir({ file: '' }), 'file', 'data'));
  await t.rejects(
    createActionLog({ path }),
    unavailable(
      /cannot be created \(\S+file\/data is below the working directory, \/\S+: give an absolute storage\.path or/,
    ),
  );
});

await t.test('the schema of a newer version is refused permanently, with the version that wrote it', async (t) => {
  const path = t.testdir();
  const storage = openSqliteStorage(path);
  await migrate(storage, { ...migrationsFor(storage), '9999-future': { up: () => Promise.resolve() } });
  const versions = ['0.1.0', '9.9.9', '0.0.9'].map((version, index) => ({
    version,
    openedAtMs: [1, 3, 2][index] ?? 0,
  }));
  await storage.kysely.insertInto('versions').values(versions).execute();
  await storage.kysely.destroy();
  const before = readFileSync(join(path, FILE));
  await t.rejects(createActionLog({ path }), {
    code: 'storage_unavailable',
    message:
      /action-log\.db was written by dhalion 9\.9\.9, and this is 0\.1\.0, .*: run that version or a later one, or restore a copy/,
    cause: { message: /9999-future/ },
    retryable: false,
  });
  t.ok(readFileSync(join(path, FILE)).equals(before), 'it is unchanged');
});

await t.test('a newer version without a name is refused, too', async (t) => {
  const path = t.testdir();
  const storage = openSqliteStorage(path);
  await migrate(storage, { ...migrationsFor(storage), '9999-future': { up: dropVersions } });
  await storage.kysely.destroy();
  await t.rejects(createActionLog({ path }), { message: /was written by dhalion of a later version than 0\.1\.0/ });
});

await t.test('a log lists the versions that used it, with their last times', async (t) => {
  const path = t.testdir();
  for (const atMs of [AT_MS, AT_MS + 1000]) {
    await (await createActionLog({ path, clock: createFakeClock(atMs) })).close();
  }
  const storage = openSqliteStorage(path);
  t.teardown(() => storage.kysely.destroy());
  t.strictSame(await storage.kysely.selectFrom('versions').selectAll().execute(), [
    { version: VERSION, openedAtMs: AT_MS + 1000 },
  ]);
});

await t.test('a log of the first version is migrated with its content', async (t) => {
  const path = t.testdir();
  const storage = openSqliteStorage(path);
  const [[first, migration] = ['', null]] = Object.entries(migrationsFor(storage));
  if (migration === null) throw new Error('there is no migration');
  await migrate(storage, { [first]: migration });
  const open = sampleAction();
  const { refusal, operators: _, blamed, ...row } = actionRowOf(open);
  t.strictSame([refusal, blamed], [null, null], 'columns that the first version does not have');
  // In its format.
  const reason = JSON.stringify({ ...open.reason, ...open.operators[0].reason });
  await storage.kysely
    .insertInto('actions')
    .values({ ...row, reason })
    .execute();
  await storage.kysely.destroy();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  t.strictSame(await log.openActions(), [open]);
  t.equal(await log.leaseAction(open.id, 'replica', AT_MS, AT_MS + 1), true);
});

await t.test('a kill during a migration leaves the old schema, and the next start migrates', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  await log.acceptAlerts([sampleAlert()], AT_MS);
  await log.close();
  const [, signal] = (await once(spawnScript('die-in-migration.ts', path), 'close')) as [unknown, string | null];
  t.equal(signal, 'SIGKILL');

  const storage = openSqliteStorage(path);
  const tables = await storage.kysely.introspection.getTables();
  t.notOk(tables.some(({ name }) => name === 'half_made'));
  t.notOk(tables.some(({ columns }) => columns.some(({ name }) => name === 'half_made')));
  await storage.kysely.destroy();
  const again = await createActionLog({ path });
  t.equal((await again.undecidedAlerts(10)).length, 1);
  await again.close();
});

await t.test('everything acknowledged before a kill is present, and each call completely or not at all', async (t) => {
  for (const [round, enough] of [30, 333].entries()) {
    const path = join(t.testdir(), String(round));
    const { signal, lines } = await killAfterLines(spawnScript('accept-until-killed.ts', path), enough);
    t.equal(signal, 'SIGKILL');
    const log = await createActionLog({ path });
    const kept = new Set((await log.undecidedAlerts(1_000_000)).map(({ operator }) => operator));
    await log.close();
    t.ok(lines.length >= enough);
    t.strictSame(
      lines.filter((operator) => !kept.has(operator)),
      [],
    );
    const calls = new Map<string, number>();
    for (const operator of kept) {
      const call = operator.slice(0, operator.lastIndexOf('-'));
      calls.set(call, (calls.get(call) ?? 0) + 1);
    }
    t.ok([...calls.values()].every((count) => count === 3));
  }
});

await t.test('the database refuses a second open action of a topology', async (t) => {
  const storage = openSqliteStorage(t.testdir());
  t.teardown(() => storage.kysely.destroy());
  await migrate(storage);
  const insert = (state: 'claimed' | 'completed' | 'judged') =>
    storage.kysely
      .insertInto('actions')
      .values({ ...actionRowOf(sampleAction()), state })
      .execute();
  await insert('judged');
  await insert('completed');
  await t.rejects(insert('claimed'), { code: 'SQLITE_CONSTRAINT_UNIQUE' });
  await insert('judged');
});

function dropVersions(kysely: Kysely<unknown>): Promise<void> {
  return kysely.schema.dropTable('versions').execute();
}
