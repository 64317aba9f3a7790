// Pruning: removed and kept rows.
import {
  AT_MS,
  holdDecision,
  sampleAction,
  sampleAlert,
  samplePause,
  sampleRemoval,
} from '../support/action-log-samples.js';
import { acceptOne, claim, type TestOn } from './contract-harness.js';

export async function testRetention(testOn: TestOn): Promise<void> {
  await testOn('pruning removes old, finished rows, and returns their number', async (t, log) => {
    const alertId = await acceptOne(log, sampleAlert());
    await log.acceptAlerts([sampleAlert({ status: 'resolved', operator: 'count' })], AT_MS);
    const old = sampleAction();
    await claim(log, old, alertId);
    await log.judgeAction(old.id, 'resolved', AT_MS + 1);
    t.equal(await log.prune(AT_MS, []), 0);
    t.equal(await log.prune(AT_MS + 1, []), 3, 'two alerts and a decision; the action was judged later');
    t.equal(await log.prune(AT_MS + 2, []), 1);
    t.equal(await log.action(old.id), null);
    t.strictSame(await log.decisions({}), []);
  });

  await testOn('pruning keeps undecided alerts, open actions and the actions that they revert', async (t, log) => {
    await log.acceptAlerts([sampleAlert()], AT_MS);
    const harmful = sampleAction({ resolver: 'scale_down' });
    await claim(log, harmful);
    await log.judgeAction(harmful.id, 'harmful', AT_MS);
    const revert = sampleAction({ resolver: 'revert', reverts: harmful.id });
    await claim(log, revert);
    t.equal(await log.prune(AT_MS * 2, []), 2, 'two decisions');
    t.equal((await log.undecidedAlerts(10)).length, 1);
    t.strictSame(
      (await log.actions({})).map(({ id }) => id),
      [revert.id, harmful.id],
    );
    await log.judgeAction(revert.id, 'resolved', AT_MS);
    t.equal(await log.prune(AT_MS * 2, []), 2);
  });

  await testOn('pruning thousands of rows leaves the decision of a pruned alert readable', async (t, log) => {
    const alerts = Array.from({ length: 2500 }, (_, index) => sampleAlert({ operator: String(index) }));
    await log.acceptAlerts(alerts, AT_MS);
    const accepted = await log.undecidedAlerts(3000);
    const later = accepted.map(({ id }) => holdDecision({ alertId: id, atMs: AT_MS + 10 }));
    await Promise.all(later.map((hold) => log.recordHold(hold)));
    t.equal(await log.prune(AT_MS + 5, []), 2500);
    t.strictSame(await log.decisions({ limit: 1 }), [holdDecision({ atMs: AT_MS + 10, alertId: null })]);
    t.equal((await log.decisions({})).length, 2500);
  });

  await testOn('pruning keeps the given actions, and the reverts of kept ones', async (t, log) => {
    const harmful = sampleAction({ resolver: 'scale_down' });
    await claim(log, harmful);
    await log.judgeAction(harmful.id, 'harmful', AT_MS);
    const revert = sampleAction({ resolver: 'revert', reverts: harmful.id });
    await claim(log, revert);
    await log.judgeAction(revert.id, 'resolved', AT_MS);
    const useless = sampleAction();
    await claim(log, useless);
    await log.judgeAction(useless.id, 'ineffective', AT_MS);
    t.equal(await log.prune(AT_MS + 1, [harmful.id, useless.id, 'none']), 3, 'three decisions');
    t.equal((await log.actions({})).length, 3);
    t.strictSame(await log.dueReverts(), [], 'a reverted action is still reverted');
    t.equal(await log.prune(AT_MS + 1, [harmful.id]), 1);
    t.equal(await log.prune(AT_MS + 1, []), 2);
    t.strictSame(await log.actions({}), []);
  });

  await testOn('pruning keeps harm that is not yet reverted', async (t, log) => {
    const harmful = sampleAction({ resolver: 'scale_down' });
    await claim(log, harmful);
    await log.judgeAction(harmful.id, 'harmful', AT_MS);
    const failed = sampleAction({ resolver: 'revert', reverts: harmful.id });
    await claim(log, failed);
    await log.judgeAction(failed.id, 'failed', AT_MS);
    await log.prune(AT_MS * 2, []);
    t.equal((await log.dueReverts()).length, 1);
    t.equal(await log.cancelAction(failed.id, AT_MS), 'cancelled');
    t.equal(await log.prune(AT_MS * 2, []), 2);
  });

  await testOn('pruning removes expired and ended pauses', async (t, log) => {
    const inForce = samplePause({ expiresAtMs: AT_MS + 10 });
    const ended = samplePause();
    for (const pause of [inForce, ended, samplePause({ expiresAtMs: AT_MS + 5 })]) await log.addPause(pause);
    await log.endPause(ended.id, AT_MS + 5);
    t.equal(await log.prune(AT_MS + 5, []), 0);
    t.equal(await log.prune(AT_MS + 6, []), 2);
    t.strictSame(await log.pauses(AT_MS + 9), [inForce]);
    t.equal(await log.prune(AT_MS + 11, []), 1);
  });

  await testOn('pruning keeps a removal while it applies to a kept action', async (t, log) => {
    const forgotten = sampleAction();
    await claim(log, forgotten);
    await log.judgeAction(forgotten.id, 'ineffective', AT_MS);
    const removals = [
      sampleRemoval({ atMs: AT_MS }),
      sampleRemoval({ atMs: AT_MS + 5 }),
      sampleRemoval({ atMs: AT_MS - 1 }),
      sampleRemoval({ operator: 'count' }),
      sampleRemoval({ resolver: 'rebalance', atMs: AT_MS + 20 }),
    ];
    for (const removal of removals) await log.addBlacklistRemoval(removal);
    t.equal(await log.prune(AT_MS + 10, [forgotten.id]), 2, 'a decision, an earlier removal');
    t.strictSame(await log.blacklistRemovals(), [removals[4], removals[3], removals[1], removals[0]]);
    t.equal(await log.prune(AT_MS + 10, []), 4, 'the action and the removals of its topology');
    t.strictSame(await log.blacklistRemovals(), [removals[4]]);
  });

  await testOn('thousands of actions are pruned, a few at a time, among kept ones', async (t, log) => {
    const actions = Array.from({ length: 1200 }, () =>
      sampleAction({ dryRun: true, state: 'judged', judgedAtMs: AT_MS }),
    );
    // One after the other: all at once would wait for a connection beyond its timeout on a busy machine.
    for (const action of actions) await claim(log, action);
    const keep = actions.slice(0, 400).map(({ id }) => id);
    t.equal(await log.prune(AT_MS + 1, keep), 1200 + 800);
    t.equal((await log.actions({})).length, 400);
  });
}
