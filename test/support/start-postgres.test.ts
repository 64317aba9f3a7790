import t from 'tap';
import { startPostgres } from './start-postgres.js';
import { postgresFor, POSTGRES_PASSWORD, queryPostgres } from './postgres.js';
import { folderFor, programPath } from './real-parts.js';

await t.test('PostgreSQL starts on loopback, asks for the password, and keeps its data over a kill', async (t) => {
  const postgres = await postgresFor(t);
  const { url } = postgres.server;
  await queryPostgres(url, 'create table kept (id integer)');
  await t.rejects(queryPostgres(url.replace(encodeURIComponent(POSTGRES_PASSWORD), 'guessed'), 'select 1'), {
    code: '28P01',
  });
  postgres.server.kill();
  await postgres.server.exited;
  await t.rejects(queryPostgres(url, 'select 1'), { code: 'ECONNREFUSED' });
  const again = await postgres.start();
  t.equal(again.url, url);
  t.strictSame(await queryPostgres(url, 'select count(*)::int from kept'), [{ count: 0 }]);
  await again.stop();
  await again.stop();
});

await t.test('a setting it does not know ends it, with its own words', async (t) => {
  const start = startPostgres({
    programs: { postgres: await programPath('postgres'), initdb: await programPath('initdb') },
    dataDir: await folderFor(t),
    password: POSTGRES_PASSWORD,
    isRoot: process.getuid?.() === 0,
    settings: { no_such_setting: '1' },
  });
  await t.rejects(start, { code: 'part_failed', message: /before it was ready[^]*no_such_setting/ });
});

await t.test('without initdb nothing is started', async (t) => {
  const start = startPostgres({
    programs: { postgres: await programPath('postgres'), initdb: '/bin/false' },
    dataDir: await folderFor(t),
    password: POSTGRES_PASSWORD,
    isRoot: process.getuid?.() === 0,
  });
  await t.rejects(start, { code: 'part_failed', message: /^initdb failed/ });
});
