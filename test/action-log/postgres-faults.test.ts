import { readFile, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import t, { type Test } from 'tap';
import type { ActionLog } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { migrate } from '../../src/action-log/migrations.js';
import { PostgresConnections } from '../../src/action-log/postgres-connections.js';
import { openPostgresStorage } from '../../src/action-log/postgres-dialect.js';
import { SqlActionLog } from '../../src/action-log/sql-action-log.js';
import { systemClock } from '../../src/clock.js';
import { describeError } from '../../src/errors.js';
import { AT_MS, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { eventually } from '../support/dhalion-client.js';
import { newDatabase, postgresFor, POSTGRES_PASSWORD, queryPostgres, urlFileFor, urlOf } from '../support/postgres.js';
import { tcpProxyFor } from '../support/tcp-proxy.js';
import { claim, undecidedOperators } from './contract-harness.js';

// Starts its own database server, on a machine that may be busy.
t.setTimeout(240_000);

const PATIENT = { connectTimeoutMs: 10_000, statementTimeoutMs: 10_000 };
const IMPATIENT = { connectTimeoutMs: 2000, statementTimeoutMs: 500 };
const unavailable = (message: RegExp, retryable = true) => ({ code: 'storage_unavailable', message, retryable });

const postgres = await postgresFor(t);

async function openLog(t: Test, urlFile: string): Promise<ActionLog> {
  const log = await createActionLog({ path: '/nowhere', postgresUrlFile: urlFile });
  t.teardown(() => log.close());
  return log;
}

async function openImpatient(t: Test, urlFile: string): Promise<ActionLog> {
  const migrating = openPostgresStorage(urlFile, PATIENT);
  await migrate(migrating);
  await migrating.kysely.destroy();
  const log = new SqlActionLog(openPostgresStorage(urlFile, IMPATIENT), systemClock);
  t.teardown(() => log.close());
  return log;
}

/** Runs a statement in another session, in the log's database. */
async function meanwhile(urlFile: string, statement: string): Promise<void> {
  await queryPostgres((await readFile(urlFile, 'utf8')).trim(), statement);
}

/** Waits until another session sleeps, with its locks. */
async function untilAsleep(urlFile: string): Promise<void> {
  const url = (await readFile(urlFile, 'utf8')).trim();
  const asleep = "select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
  await eventually('a session sleeps', async () => (await queryPostgres(url, asleep)).length > 0);
}

/** Waits until they have ended. */
const END_OTHERS = `select pg_terminate_backend(pid, 10000) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

await t.test('a server that is killed in use is reported as unavailable, and used again after its start', async (t) => {
  const log = await openLog(t, await newDatabase(t, postgres.server));
  const acknowledged: string[] = [];
  const acceptUntilRefused = async (worker: number): Promise<void> => {
    for (let call = 0; ; call += 1) {
      const operator = `${worker}-${call}`;
      await log.acceptAlerts([sampleAlert({ operator })], AT_MS);
      acknowledged.push(operator);
      if (acknowledged.length === 50) postgres.server.kill();
    }
  };
  const gone = unavailable(/^the action log in PostgreSQL database log_\w+ at 127\.0\.0\.1:\d+ /);
  await Promise.all([1, 2, 3, 4].map((worker) => t.rejects(acceptUntilRefused(worker), gone)));
  await postgres.server.exited;
  const unreachable = unavailable(/at 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
  await t.rejects(log.check(), unreachable);
  await t.rejects(log.openActions(), unreachable);

  await postgres.start();
  await log.check();
  const kept = await undecidedOperators(log);
  t.strictSame(
    acknowledged.filter((operator) => !kept.includes(operator)),
    [],
    'everything acknowledged is present',
  );
});

await t.test('idle connections that the server ends are replaced without an error', async (t) => {
  const urlFile = await newDatabase(t, postgres.server);
  const log = await openLog(t, urlFile);
  await Promise.all([log.openActions(), log.openActions(), log.openActions()]);
  await meanwhile(urlFile, END_OTHERS);
  // Until the driver has noticed their end.
  await systemClock.sleep(200);
  t.strictSame(await log.openActions(), []);
  await log.check();
});

await t.test('callers that wait for a connection get a new one after a loss', async (t) => {
  const urlFile = await newDatabase(t, postgres.server);
  const url = (await readFile(urlFile, 'utf8')).trim();
  const connections = new PostgresConnections(() => Promise.resolve(url), PATIENT);
  t.teardown(() => connections.end());
  const held = await Promise.all([1, 2, 3, 4, 5].map(() => connections.connect()));
  const waiting = [1, 2].map(() => connections.connect());
  const [lost, ...others] = held;
  await t.rejects(async () => {
    await lost?.query('select pg_terminate_backend(pg_backend_pid())', []);
  });
  for (const client of [lost, ...others]) client?.release();
  for (const client of await Promise.all(waiting)) {
    t.strictSame((await client.query('select 1 as one', [])).rows, [{ one: 1 }]);
    client.release();
  }
});

await t.test('a transaction that the server ends is rolled back, and the log works on', async (t) => {
  const urlFile = await newDatabase(t, postgres.server);
  const log = await openLog(t, urlFile);
  await meanwhile(
    urlFile,
    `create function end_session() returns trigger language plpgsql as
       'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
     create trigger end_session before insert on decisions for each row execute function end_session()`,
  );
  const action = sampleAction();
  await t.rejects(claim(log, action), unavailable(/is being shut down|lost the connection/));
  await meanwhile(urlFile, 'drop trigger end_session on decisions');
  t.equal(await log.action(action.id), null);
  t.equal(await claim(log, action), true);
});

await t.test('a silent server is given up in time, and used again later', async (t) => {
  const proxy = await tcpProxyFor(t, postgres.server.port);
  const database = new URL((await readFile(await newDatabase(t, postgres.server), 'utf8')).trim()).pathname;
  const urlFile = await urlFileFor(t, urlOf(postgres.server, database, proxy.port));
  const log = await openImpatient(t, urlFile);
  await log.check();
  proxy.silence();
  const silent = unavailable(new RegExp(`at 127\\.0\\.0\\.1:${proxy.port} does not answer`));
  const startedMs = systemClock.now();
  await Promise.all([t.rejects(log.check(), silent), t.rejects(log.openActions(), silent)]);
  await t.rejects(log.acceptAlerts([sampleAlert()], AT_MS), silent);
  t.ok(systemClock.now() - startedMs < 15_000);
  proxy.resume();
  await log.check();
  await log.acceptAlerts([sampleAlert()], AT_MS);
  proxy.silence();
  await log.close();
  t.pass('closing does not wait for an answer');
});

await t.test('a statement that waits too long for another session is given up', async (t) => {
  const urlFile = await newDatabase(t, postgres.server);
  const log = await openImpatient(t, urlFile);
  const lock = meanwhile(urlFile, 'begin; lock table alerts in access exclusive mode; select pg_sleep(3); rollback');
  await untilAsleep(urlFile);
  const slow = unavailable(/did not finish a statement in time/);
  await t.rejects(log.acceptAlerts([sampleAlert()], AT_MS), slow);
  await t.rejects(log.undecidedAlerts(1), slow);
  t.strictSame(await log.openActions(), [], 'other tables are not affected');
  await lock;
  await log.acceptAlerts([sampleAlert()], AT_MS);
});

await t.test('a transaction that loses a deadlock is repeated', async (t) => {
  const urlFile = await newDatabase(t, postgres.server);
  const log = await openLog(t, urlFile);
  await log.acceptAlerts([sampleAlert({ operator: 'a' }), sampleAlert({ operator: 'b' })], AT_MS);
  // While the log waits for `b`, this session waits for `a`, which the log holds, with a longer deadlock timeout.
  const other = meanwhile(
    urlFile,
    `set deadlock_timeout = '10s'; begin; update alerts set fingerprint = 'other' where operator = 'b';
     do $$ begin
       while not exists (select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid)))
       loop perform pg_sleep(0.05); end loop;
     end $$; update alerts set fingerprint = 'other' where operator = 'a'; commit`,
  );
  await untilAsleep(urlFile);
  const resolved = ['a', 'b'].map((operator) => sampleAlert({ operator, status: 'resolved' }));
  await Promise.all([log.acceptAlerts(resolved, AT_MS), other]);
  t.strictSame(await log.undecidedAlerts(10), []);
  t.ok(postgres.server.lastLines().some((line) => line.includes('deadlock detected')));
});

await t.test('a read-only database refuses writes until it is writable again', async (t) => {
  const urlFile = await newDatabase(t, postgres.server);
  const database = new URL((await readFile(urlFile, 'utf8')).trim()).pathname.slice(1);
  const log = await openLog(t, urlFile);
  const setReadOnly = async (value: string) => {
    await queryPostgres(postgres.server.url, `alter database ${database} set default_transaction_read_only = ${value}`);
    await meanwhile(urlFile, END_OTHERS);
    await systemClock.sleep(200);
  };
  await setReadOnly('on');
  await t.rejects(log.check(), unavailable(/is read-only/));
  await t.rejects(log.acceptAlerts([sampleAlert()], AT_MS), unavailable(/is read-only/));
  t.strictSame(await log.openActions(), []);
  await queryPostgres(postgres.server.url, `alter database ${database} set default_transaction_read_only = off`);
  // An older connection stays read-only, and is replaced at its first refusal.
  await log.check().catch(() => log.check());
  await log.acceptAlerts([sampleAlert()], AT_MS);
});

await t.test('a rotated password is read from the file when needed', async (t) => {
  const urlFile = await newDatabase(t, postgres.server);
  await queryPostgres(postgres.server.url, `create role rotating login superuser password 'first'`);
  const url = new URL((await readFile(urlFile, 'utf8')).trim());
  const withPassword = (password: string) => Object.assign(new URL(url), { username: 'rotating', password }).href;
  await writeFile(urlFile, withPassword('first'));
  const log = await openLog(t, urlFile);
  await queryPostgres(postgres.server.url, `alter role rotating password 'second'`);
  await log.check();
  await queryPostgres(url.href, END_OTHERS);
  await systemClock.sleep(200);
  await t.rejects(log.check(), unavailable(/refused the login: check user and password/));
  await writeFile(urlFile, withPassword('second'));
  await log.check();

  await queryPostgres(postgres.server.url, `alter role rotating password 'third'`);
  await writeFile(urlFile, withPassword('third'));
  await queryPostgres(url.href, END_OTHERS);
  await systemClock.sleep(200);
  await log.check();
  t.pass('a file that is restored in time causes no error');
});

await t.test('a file without a valid URL is refused by name, and is used when it has one', async (t) => {
  const good = (await readFile(await newDatabase(t, postgres.server), 'utf8')).trim();
  const file = await urlFileFor(t, '');
  const open = () => createActionLog({ path: '/nowhere', postgresUrlFile: file });
  await t.rejects(createActionLog({ path: '/nowhere', postgresUrlFile: `${file}-none` }), {
    ...unavailable(/^storage\.postgres_url_file \/.*-none cannot be read \(ENOENT: no such file or directory\)$/),
  });
  for (const content of ['', 'nonsense', good.replace('postgresql:', 'mysql:'), 'postgresql://u:secret@h:99999/d']) {
    await writeFile(file, content);
    await t.rejects(open(), unavailable(/^storage\.postgres_url_file \/\S+ holds no PostgreSQL URL/));
  }
  await writeFile(file, good.replace(/\/log_\w+$/, '/no_such_database'));
  await t.rejects(open(), unavailable(/database no_such_database at 127\.0\.0\.1:\d+ does not exist on that server/));
  await writeFile(file, `${good}?sslmode=verify-full`);
  await t.rejects(open(), unavailable(/does not support TLS, which the URL requires/));
  await writeFile(file, good);
  await (await open()).close();
});

await t.test('no error contains the password, in any representation', async (t) => {
  const good = (await readFile(await newDatabase(t, postgres.server), 'utf8')).trim();
  const encoded = encodeURIComponent(POSTGRES_PASSWORD);
  t.ok(good.includes(encoded));
  const file = await urlFileFor(t, '');
  const broken = {
    'no URL': good.slice(12),
    'a bad port': good.replace(/:\d+\//, ':99999/'),
    'a bad escape': good.replace(encoded, `${encoded}%zz`),
    'another password': good.replace(encoded, `${encoded}x`),
    'a port without a server': good.replace(/:\d+\//, ':1/'),
    'an unknown host': good.replace('127.0.0.1', 'db.invalid'),
    'an unknown database': `${good}x`,
  };
  for (const [what, url] of Object.entries(broken)) {
    await writeFile(file, url);
    const error = await createActionLog({ path: '/nowhere', postgresUrlFile: file }).then(
      () => null,
      (error: unknown) => error,
    );
    t.match(error, { code: 'storage_unavailable', retryable: true }, what);
    const shown = inspect(error, { depth: 10, showHidden: true }) + describeError(error) + JSON.stringify(error);
    for (const secret of [POSTGRES_PASSWORD, encoded, 'p@ss/w%rd']) t.notOk(shown.includes(secret), what);
  }
});
