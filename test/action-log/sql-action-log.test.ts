import t from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { testActionLog } from './action-log-contract.js';

await t.test('SQLite', async (t) => {
  await testActionLog(t, (t) => {
    const path = t.testdir();
    return () => createActionLog({ path });
  });
});
