// The chaos run really makes older logs, and finds the faults that it searches for.
import t from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { AT_MS, actDecisions, sampleAction } from '../support/action-log-samples.js';
import { findViolations, readLog } from '../support/log-audit.js';
import { dieInMigration, isMigrated, isSound, makeOlder } from './log-surgery.js';

await t.test('a log that was made older is migrated by the next start, also after a migration that died', async (t) => {
  const path = t.testdir();
  await (await createActionLog({ path })).close();
  t.equal(isMigrated(path), true);
  makeOlder(path);
  t.equal(isMigrated(path), false);
  await dieInMigration(path);
  t.equal(isMigrated(path), false);
  makeOlder(path);
  t.equal(isMigrated(path), false, 'one whose migration is already due is unchanged');
  await (await createActionLog({ path })).close();
  t.equal(isMigrated(path), true);
  t.equal(isSound(path), true);
});

await t.test('harm that another action has overtaken is removed after that action, not together with it', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  const harmful = sampleAction({ resolver: 'scale_down' });
  await log.claimAction(harmful, actDecisions(harmful, null));
  await log.judgeAction(harmful.id, 'harmful', AT_MS + 1);
  const next = sampleAction({ claimedAtMs: AT_MS + 2 });
  await log.claimAction(next, actDecisions(next, null));
  const strikeOff = (atMs: number): Promise<boolean> => {
    const superseded = sampleAction({
      ...{ resolver: 'revert', reverts: harmful.id, claimedAtMs: atMs, currentParallelism: 4, desiredParallelism: 2 },
      ...{ state: 'judged', outcome: 'superseded', judgedAtMs: atMs },
    });
    return log.claimAction(superseded, actDecisions(superseded, null));
  };
  await strikeOff(AT_MS + 3);
  await log.judgeAction(next.id, 'resolved', AT_MS + 4);
  await strikeOff(AT_MS + 5);
  t.strictSame(findViolations(readLog(path), []), []);
  t.equal((await log.actions({ topology: 'wordcount' }))[0]?.outcome, 'superseded');
});

await t.test('an action claimed while an earlier one is open is found, whatever happens in between', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  const claims = [
    [0, 10],
    [10, 11],
    [5, 12],
  ] as const;
  for (const [claimedMs, judgedMs] of claims) {
    const action = sampleAction({ claimedAtMs: AT_MS + claimedMs });
    await log.claimAction(action, actDecisions(action, null));
    await log.judgeAction(action.id, 'resolved', AT_MS + judgedMs);
  }
  t.match(findViolations(readLog(path), []), [/claimed while another/]);
});
