// Pruning: what goes, and what must stay.
import { AT_MS, holdDecision, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { acceptOne, claim, type TestOn } from './contract-harness.js';

export async function testRetention(testOn: TestOn): Promise<void> {
  await testOn('pruning removes what is over and old, and says how many rows', async (t, log) => {
    const alertId = await acceptOne(log, sampleAlert());
    await log.acceptAlerts([sampleAlert({ status: 'resolved', operator: 'count' })], AT_MS);
    const old = sampleAction();
    await claim(log, old, alertId);
    await log.judgeAction(old.id, 'resolved', AT_MS + 1);
    t.equal(await log.prune(AT_MS), 0);
    t.equal(await log.prune(AT_MS + 1), 3, 'two alerts and a decision; the action was judged later');
    t.equal(await log.prune(AT_MS + 2), 1);
    t.equal(await log.action(old.id), null);
    t.strictSame(await log.decisions({}), []);
  });

  await testOn('pruning keeps undecided alerts, open actions and what they revert', async (t, log) => {
    await log.acceptAlerts([sampleAlert()], AT_MS);
    const harmful = sampleAction({ resolver: 'scale_down' });
    await claim(log, harmful);
    await log.judgeAction(harmful.id, 'harmful', AT_MS);
    const revert = sampleAction({ resolver: 'revert', reverts: harmful.id });
    await claim(log, revert);
    t.equal(await log.prune(AT_MS * 2), 2, 'two decisions');
    t.equal((await log.undecidedAlerts(10)).length, 1);
    t.strictSame(
      (await log.actions({})).map(({ id }) => id),
      [revert.id, harmful.id],
    );
    await log.judgeAction(revert.id, 'resolved', AT_MS);
    t.equal(await log.prune(AT_MS * 2), 2);
  });

  await testOn('pruning thousands of rows leaves the decision of a pruned alert readable', async (t, log) => {
    const alerts = Array.from({ length: 2500 }, (_, index) => sampleAlert({ operator: String(index) }));
    await log.acceptAlerts(alerts, AT_MS);
    const accepted = await log.undecidedAlerts(3000);
    const later = accepted.map(({ id }) => holdDecision({ alertId: id, atMs: AT_MS + 10 }));
    await Promise.all(later.map((hold) => log.recordHold(hold)));
    t.equal(await log.prune(AT_MS + 5), 2500);
    t.strictSame(await log.decisions({ limit: 1 }), [holdDecision({ atMs: AT_MS + 10, alertId: null })]);
    t.equal((await log.decisions({})).length, 2500);
  });
}
