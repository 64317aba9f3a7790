import t from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import type { ActionLog } from '../../src/action-log/action-log.js';
import { newDatabase, postgresFor } from '../support/postgres.js';
import { testActionLog } from './action-log-contract.js';

// Hundreds of small tests and a database server, on a machine that may be busy.
t.setTimeout(240_000);

await t.test('SQLite', async (t) => {
  await testActionLog(t, (t) => {
    const path = t.testdir();
    return () => createActionLog({ path });
  });
});

await t.test('PostgreSQL', async (t) => {
  const { server } = await postgresFor(t);
  await testActionLog(t, (t) => {
    let urlFile: Promise<string> | undefined;
    return async (): Promise<ActionLog> => {
      urlFile ??= newDatabase(t, server);
      return createActionLog({ path: '/nowhere', postgresUrlFile: await urlFile });
    };
  });
});
