import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { sql, type Insertable } from 'kysely';
import t, { type Test } from 'tap';
import type { ActionLog } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { migrate, migrationsFor } from '../../src/action-log/migrations.js';
import { openPostgresStorage } from '../../src/action-log/postgres-dialect.js';
import { actionRowOf } from '../../src/action-log/rows.js';
import type { ActionTable } from '../../src/action-log/tables.js';
import { actDecisions, AT_MS, holdDecision, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { eventually } from '../support/dhalion-client.js';
import { oldLogIn, OLD_MIGRATION } from '../support/old-action-log.js';
import { newDatabase, postgresFor, queryPostgres } from '../support/postgres.js';
import { spawnScript } from '../support/run-script.js';
import { claim } from './contract-harness.js';

// Starts its own database server, on a machine that may be busy.
t.setTimeout(240_000);

const TIMEOUTS = { connectTimeoutMs: 10_000, statementTimeoutMs: 10_000 };

const { server } = await postgresFor(t);

const OVER_NAMES = [
  'alerts_undecided_of',
  'decisions_by_topology',
  'decisions_of_topology',
  'actions_by_topology',
  'actions_of_topology',
  'actions_one_open',
  'instance_memories_key',
];

/** Logs for three replicas. */
async function openReplicas(t: Test, urlFile: string): Promise<[ActionLog, ActionLog, ActionLog]> {
  const open = async (): Promise<ActionLog> => {
    const log = await createActionLog({ path: '/nowhere', postgresUrlFile: urlFile });
    t.teardown(() => log.close());
    return log;
  };
  return Promise.all([open(), open(), open()]);
}

async function databaseOf(urlFile: string): Promise<string> {
  return new URL((await readFile(urlFile, 'utf8')).trim()).pathname.slice(1);
}

await t.test('replicas that start together on an empty database migrate it once', async (t) => {
  const urlFile = await newDatabase(t, server);
  const logs = (await Promise.all([openReplicas(t, urlFile), openReplicas(t, urlFile)])).flat();
  for (const log of logs) await log.check();
  const applied = await queryPostgres((await readFile(urlFile, 'utf8')).trim(), 'select name from migrations');
  t.equal(applied.length, Object.keys(migrationsFor(openPostgresStorage(urlFile, TIMEOUTS))).length);
});

await t.test('one of several replicas that claim concurrently gets the topology; all see its action', async (t) => {
  const logs = await openReplicas(t, await newDatabase(t, server));
  const [first] = logs;
  await first.acceptAlerts([sampleAlert()], AT_MS);
  const [alert] = await first.undecidedAlerts(1);
  const claims = [...logs, ...logs, ...logs, ...logs].map((log) => ({ log, action: sampleAction() }));
  const results = await Promise.all(
    claims.map(({ log, action }) => log.claimAction(action, actDecisions(action, alert?.id ?? null))),
  );
  t.equal(results.filter(Boolean).length, 1);
  const winner = claims[results.indexOf(true)]?.action;
  for (const log of logs) {
    t.strictSame(await log.openActions(), [winner]);
    t.equal((await log.decisions({})).length, 1);
    t.strictSame(await log.undecidedAlerts(10), []);
  }
});

await t.test('an expired lease of a replica is taken over, and only one judgement is stored', async (t) => {
  const [left, right] = await openReplicas(t, await newDatabase(t, server));
  const action = sampleAction();
  await claim(left, action);
  t.equal(await left.leaseAction(action.id, 'left', AT_MS, AT_MS + 100), true);
  t.equal(await right.leaseAction(action.id, 'right', AT_MS + 99, AT_MS + 300), false);
  const late = await Promise.all([
    left.leaseAction(action.id, 'left', AT_MS + 100, AT_MS + 200),
    right.leaseAction(action.id, 'right', AT_MS + 100, AT_MS + 200),
  ]);
  t.equal(late.filter(Boolean).length, 1);
  const judgements = await Promise.all(
    [left, right, left, right].map((log) => log.judgeAction(action.id, 'resolved', AT_MS + 100)),
  );
  t.equal(judgements.filter(Boolean).length, 1);
});

await t.test('harm is reverted once, for any number of replicas', async (t) => {
  const logs = await openReplicas(t, await newDatabase(t, server));
  const [first] = logs;
  const harmful = sampleAction({ resolver: 'scale_down' });
  await claim(first, harmful);
  await first.judgeAction(harmful.id, 'harmful', AT_MS);
  const due = await Promise.all(logs.map((log) => log.dueReverts()));
  t.strictSame(
    due.map((actions) => actions.length),
    [1, 1, 1],
  );
  const claims = await Promise.all(
    logs.map((log) => claim(log, sampleAction({ resolver: 'revert', reverts: harmful.id }))),
  );
  t.equal(claims.filter(Boolean).length, 1);
  const [open] = await first.openActions();
  await first.judgeAction(open?.id ?? '', 'resolved', AT_MS);
  for (const log of logs) {
    t.equal(await claim(log, sampleAction({ resolver: 'revert', reverts: harmful.id })), false, 'nor later on');
  }
});

await t.test('replicas can write the same rows in opposite orders', async (t) => {
  const urlFile = await newDatabase(t, server);
  const database = await databaseOf(urlFile);
  await queryPostgres(
    server.url,
    `alter database ${database} set default_transaction_isolation = 'serializable';
     alter database ${database} set deadlock_timeout = '10ms'`,
  );
  const [left, right] = await openReplicas(t, urlFile);
  const operators = Array.from({ length: 30 }, (_, index) => `operator-${index}`);
  for (let round = 0; round < 5; round += 1) {
    await left.acceptAlerts(
      operators.map((operator) => sampleAlert({ operator })),
      AT_MS,
    );
    const undecided = await left.undecidedAlerts(100);
    const resolved = operators.map((operator) => sampleAlert({ operator, status: 'resolved' }));
    await Promise.all<unknown>([
      left.acceptAlerts(resolved, AT_MS),
      right.acceptAlerts(resolved.toReversed(), AT_MS),
      ...undecided.toReversed().map(({ id, operator }) => right.recordHold(holdDecision({ alertId: id, operator }))),
    ]);
    t.strictSame(await left.undecidedAlerts(100), []);
  }
  t.notOk(server.lastLines().some((line) => line.includes('deadlock detected')));
});

await t.test('commits are flushed whatever the database setting, and hanging sessions are ended', async (t) => {
  const urlFile = await newDatabase(t, server);
  await queryPostgres(server.url, `alter database ${await databaseOf(urlFile)} set synchronous_commit = off`);
  const storage = openPostgresStorage(urlFile, TIMEOUTS);
  t.teardown(() => storage.kysely.destroy());
  const setting = async (name: string) =>
    (await sql<{ value: string }>`select current_setting(${name}) as value`.execute(storage.kysely)).rows[0]?.value;
  t.equal(await setting('synchronous_commit'), 'on');
  t.equal(await setting('statement_timeout'), '10s');
  t.equal(await setting('idle_in_transaction_session_timeout'), '12s');
  t.equal(await setting('default_transaction_isolation'), 'read committed');
  t.equal(await setting('application_name'), 'dhalion');
});

await t.test('the schema of a newer version is refused permanently', async (t) => {
  const urlFile = await newDatabase(t, server);
  const storage = openPostgresStorage(urlFile, TIMEOUTS);
  await migrate(storage, { ...migrationsFor(storage), '9999-future': { up: () => Promise.resolve() } });
  await storage.kysely.insertInto('versions').values({ version: '9.9.9', openedAtMs: 1 }).execute();
  await storage.kysely.destroy();
  await t.rejects(createActionLog({ path: '/nowhere', postgresUrlFile: urlFile }), {
    code: 'storage_unavailable',
    message: /^the action log in PostgreSQL .* was written by dhalion 9\.9\.9, and this is 0\.1\.0, /,
    cause: { message: /9999-future/ },
    retryable: false,
  });
});

await t.test('a log from a version with one operator for each action has plans of one operator', async (t) => {
  const urlFile = await newDatabase(t, server);
  const storage = openPostgresStorage(urlFile, TIMEOUTS);
  const migrations = Object.entries(migrationsFor(storage)).filter(([name]) => name <= OLD_MIGRATION);
  await migrate(storage, Object.fromEntries(migrations));
  const old = oldLogIn(':memory:');
  for (const row of old.prepare('select * from actions order by sequence').all([])) {
    await storage.kysely
      .insertInto('actions')
      .values(row as Insertable<ActionTable>)
      .execute();
  }
  old.close();
  await storage.kysely.destroy();
  const log = await createActionLog({ path: '/nowhere', postgresUrlFile: urlFile });
  t.teardown(() => log.close());
  t.strictSame(
    (await log.openActions()).map(({ operators }) => operators.map(({ operator }) => operator)),
    [['split'], ['enrich']],
  );
  t.strictSame(
    (await log.tellingActions(0)).map(
      ({ operators: [{ operator, reason }] }) => `${operator} ${reason.processingRate ?? 0}`,
    ),
    ['count 900', 'split 900', 'split 900'],
  );
});

await t.test('a kill during a migration leaves the old schema, and the next start migrates', async (t) => {
  const urlFile = await newDatabase(t, server);
  const log = await createActionLog({ path: '/nowhere', postgresUrlFile: urlFile });
  await log.acceptAlerts([sampleAlert()], AT_MS);
  await log.close();
  const [, signal] = (await once(spawnScript('die-in-migration.ts', '--postgres', urlFile), 'close')) as [
    unknown,
    string | null,
  ];
  t.equal(signal, 'SIGKILL');
  const again = await createActionLog({ path: '/nowhere', postgresUrlFile: urlFile });
  t.teardown(() => again.close());
  const half = `select 1 from information_schema.columns where 'half_made' in (table_name, column_name)`;
  t.strictSame(await queryPostgres((await readFile(urlFile, 'utf8')).trim(), half), []);
  t.equal((await again.undecidedAlerts(10)).length, 1);
});

await t.test('a database that is emptied in use is reported, permanently', async (t) => {
  const urlFile = await newDatabase(t, server);
  const log = await createActionLog({ path: '/nowhere', postgresUrlFile: urlFile });
  t.teardown(() => log.close());
  await queryPostgres((await readFile(urlFile, 'utf8')).trim(), 'drop table actions');
  await t.rejects(log.openActions(), {
    code: 'storage_unavailable',
    message: /has lost tables/,
    retryable: false,
  });
});

await t.test('an invalid value for a column is a fault of the call', async (t) => {
  const log = await createActionLog({ path: '/nowhere', postgresUrlFile: await newDatabase(t, server) });
  t.teardown(() => log.close());
  const fault = { code: 'storage_unavailable', message: /refused a statement/, retryable: false };
  await t.rejects(log.acceptAlerts([sampleAlert()], NaN), fault);
  await t.rejects(log.undecidedAlerts(Infinity), fault);
  await log.check();
});

await t.test('the database refuses a second open action of a topology', async (t) => {
  const storage = openPostgresStorage(await newDatabase(t, server), TIMEOUTS);
  t.teardown(() => storage.kysely.destroy());
  await migrate(storage);
  const insert = (state: 'claimed' | 'completed' | 'judged') =>
    storage.kysely
      .insertInto('actions')
      .values({ ...actionRowOf(sampleAction()), state })
      .execute();
  await insert('judged');
  await insert('completed');
  // An exclusion constraint, because names are too long for a unique index.
  await t.rejects(insert('claimed'), { code: '23P01', constraint: 'actions_one_open' });
  await insert('judged');
});

await t.test('queries by name use the indexes', async (t) => {
  const urlFile = await newDatabase(t, server);
  const url = (await readFile(urlFile, 'utf8')).trim();
  const open = (): Promise<ActionLog> => createActionLog({ path: '/nowhere', postgresUrlFile: urlFile });
  const first = await open();
  const action = sampleAction();
  await claim(first, action);
  await first.judgeAction(action.id, 'resolved', AT_MS);
  await first.acceptAlerts([sampleAlert()], AT_MS);
  await first.rememberInstances(
    [{ topology: 'wordcount', operator: 'split', parallelism: 2, sinceMs: AT_MS, attempts: null }],
    AT_MS,
  );
  await first.close();
  // Enough other rows to make a full scan slower.
  for (const table of ['alerts', 'decisions', 'actions', 'instance_memories']) {
    const columns = (await queryPostgres(
      url,
      `select column_name as name from information_schema.columns where table_name = '${table}'`,
    )) as { name: string }[];
    const copied = columns.map(({ name }) => name).filter((name) => table === 'actions' || name !== 'id');
    const valueOf = (name: string): string => {
      const others: Record<string, string> = {
        topology: 'topology || number',
        id: 'number::text',
        sequence: 'number + 9',
      };
      return others[name] ?? name;
    };
    await queryPostgres(
      url,
      `insert into ${table} (${copied.join(', ')}) select ${copied.map(valueOf).join(', ')}
       from ${table}, generate_series(1, 20000) as number limit 20000; analyze ${table}`,
    );
  }
  await queryPostgres(url, 'select pg_stat_reset()');
  const log = await open();
  await log.acceptAlerts([sampleAlert({ status: 'resolved' })], AT_MS);
  t.equal((await log.actions({ topology: 'wordcount' })).length, 1);
  await log.actions({ topology: 'wordcount', sinceMs: AT_MS });
  t.equal((await log.decisions({ topology: 'wordcount' })).length, 1);
  await log.decisions({ topology: 'wordcount', sinceMs: AT_MS });
  t.equal(await claim(log, sampleAction({ topology: 'new' })), true);
  t.equal(await claim(log, sampleAction({ topology: 'new' })), false);
  t.equal((await log.forgetInstances({ topology: 'wordcount', operator: null }, AT_MS)).length, 1);
  await log.close();
  const scans = async () =>
    new Map(
      (
        (await queryPostgres(url, 'select indexrelname as index, idx_scan as scans from pg_stat_user_indexes')) as {
          index: string;
          scans: string;
        }[]
      ).map(({ index, scans }) => [index, Number(scans)]),
    );
  const unused = async (): Promise<readonly string[]> => {
    const counted = await scans();
    return OVER_NAMES.filter((index) => !((counted.get(index) ?? 0) > 0));
  };
  // A session reports its statistics when it ends.
  t.ok(await eventually('all indexes are used', async () => (await unused()).length === 0).catch(() => false));
  t.strictSame(await unused(), []);
});
