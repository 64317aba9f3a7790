// Claims: one open action for each topology, written completely or not at all.
import fc from 'fast-check';
import { actDecisions, arbitraryClaim, AT_MS, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { operatorWith } from '../support/actions.js';
import { acceptOne, claim, undecidedOperators, type TestOn } from './contract-harness.js';

export async function testClaims(testOn: TestOn): Promise<void> {
  await testOn('a claim is returned completely', async (t, log) => {
    await fc.assert(
      fc.asyncProperty(arbitraryClaim, async (action) => {
        t.equal(await claim(log, action), true);
        t.strictSame(await log.action(action.id), action);
        t.strictSame(await log.openActions(), [action]);
        await log.judgeAction(action.id, 'unknown', 0);
      }),
      { numRuns: 50 },
    );
  });

  await testOn('a claim decides its alert and is logged as a decision to act', async (t, log) => {
    const alertId = await acceptOne(log, sampleAlert());
    const action = sampleAction();
    t.equal(await claim(log, action, alertId), true);
    t.strictSame(await log.undecidedAlerts(10), []);
    t.strictSame(await log.decisions({}), actDecisions(action, alertId));
  });

  await testOn(
    'a plan decides the alerts of all its operators, and is refused if one of them is decided',
    async (t, log) => {
      const plan = sampleAction({
        operators: [operatorWith(), operatorWith({ operator: 'count', desiredParallelism: 8 })],
      });
      const split = await acceptOne(log, sampleAlert());
      const count = await acceptOne(log, sampleAlert({ operator: 'count' }));
      const other = await acceptOne(log, sampleAlert({ operator: 'source' }));
      t.equal(await claim(log, plan, split, count), true);
      t.strictSame(await log.action(plan.id), plan);
      t.strictSame(await log.openActions(), [plan], 'one open action');
      t.strictSame(await undecidedOperators(log), ['source']);
      t.match(
        new Set((await log.decisions({})).map(({ operator, actionId }) => `${operator} ${actionId ?? ''}`)),
        new Set([`split ${plan.id}`, `count ${plan.id}`]),
      );
      await log.judgeAction(plan.id, 'resolved', AT_MS);

      const again = sampleAction({ operators: [operatorWith({ operator: 'source' }), operatorWith()] });
      t.equal(await claim(log, again, other, split), false, 'one of its alerts is already decided');
      t.equal(await log.action(again.id), null);
      t.strictSame(await undecidedOperators(log), ['source'], 'the other alert is unchanged');
      t.equal((await log.decisions({})).length, 2);
    },
  );

  await testOn('a resolved alert of any of its operators cancels a plan that was not sent', async (t, log) => {
    const plan = sampleAction({ operators: [operatorWith(), operatorWith({ operator: 'count' })] });
    await claim(log, plan);
    await log.acceptAlerts([sampleAlert({ operator: 'source', status: 'resolved' })], AT_MS);
    t.equal((await log.openActions()).length, 1, 'a resolved alert of another operator does not');
    await log.acceptAlerts([sampleAlert({ operator: 'count', status: 'resolved' })], AT_MS + 7);
    t.match(await log.action(plan.id), { state: 'judged', outcome: 'cancelled', judgedAtMs: AT_MS + 7 });
  });

  await testOn('a judgement names the blamed operators', async (t, log) => {
    const plan = sampleAction({ operators: [operatorWith(), operatorWith({ operator: 'count' })] });
    await claim(log, plan);
    t.equal(await log.judgeAction(plan.id, 'ineffective', AT_MS, { blamed: ['split'] }), true);
    t.strictSame(
      (await log.tellingActions(0)).map(({ blamed }) => blamed),
      [['split']],
    );
  });

  await testOn('a topology with an open action refuses another claim, which leaves no rows', async (t, log) => {
    const first = sampleAction();
    t.equal(await claim(log, first), true);
    const alertId = await acceptOne(log, sampleAlert());
    const second = sampleAction({ operator: 'count' });
    t.equal(await claim(log, second, alertId), false);
    await log.recordAttempt(first.id);
    await log.completeAction(first.id, AT_MS, null);
    t.equal(await claim(log, second, alertId), false, 'a completed action is still open');
    t.equal(await log.action(second.id), null);
    t.equal((await log.decisions({})).length, 1);
    t.equal((await log.undecidedAlerts(10)).length, 1);
    await log.judgeAction(first.id, 'resolved', AT_MS);
    t.equal(await claim(log, second, alertId), true);
  });

  await testOn(
    'one of several concurrent claims on a topology succeeds; other topologies are independent',
    async (t, log) => {
      const claims = Array.from({ length: 10 }, () => sampleAction());
      const elsewhere = sampleAction({ topology: 'elsewhere' });
      const results = await Promise.all([...claims, elsewhere].map((action) => claim(log, action)));
      t.equal(results.slice(0, -1).filter(Boolean).length, 1);
      t.equal(results.at(-1), true);
      t.equal((await log.openActions()).length, 2);
    },
  );

  await testOn('a claim for an alert that was cancelled meanwhile is refused completely', async (t, log) => {
    const alertId = await acceptOne(log, sampleAlert());
    await log.acceptAlerts([sampleAlert({ status: 'resolved' })], AT_MS);
    const action = sampleAction();
    t.equal(await claim(log, action, alertId), false);
    t.equal(await log.action(action.id), null);
    t.strictSame(await log.decisions({}), []);
    t.equal(await claim(log, action), true, 'the topology is still free');
  });

  await testOn('a dry run is the open action of its topology until it is judged', async (t, log) => {
    const dryRun = sampleAction({ dryRun: true, state: 'completed', completedAtMs: AT_MS });
    t.equal(await claim(log, dryRun), true);
    t.strictSame(await log.openActions(), [dryRun]);
    t.equal(await claim(log, sampleAction({ dryRun: true })), false, 'one at a time');
    t.equal(await claim(log, sampleAction()), false);
    t.equal(await log.recordAttempt(dryRun.id), false, 'it is never called');
    t.equal(await log.judgeAction(dryRun.id, 'dry_run', AT_MS + 5), true);
    t.match(await log.action(dryRun.id), { state: 'judged', outcome: 'dry_run', judgedAtMs: AT_MS + 5, attempts: 0 });
    t.strictSame(await log.tellingActions(0), [], 'it gives no experience');
    t.equal(await claim(log, sampleAction()), true);
  });

  await testOn('a resolved alert cancels an unsent claim of its own diagnosis', async (t, log) => {
    const unsent = sampleAction();
    const sent = sampleAction({ topology: 'sent' });
    const otherDiagnosis = sampleAction({ topology: 'other', diagnosis: 'data_skew' });
    const revert = sampleAction({ topology: 'reverting', resolver: 'revert' });
    for (const action of [unsent, sent, otherDiagnosis, revert]) t.equal(await claim(log, action), true);
    t.equal(await log.recordAttempt(sent.id), true);
    const resolved = ['wordcount', 'sent', 'other', 'reverting'].map((topology) =>
      sampleAlert({ topology, status: 'resolved' }),
    );
    await log.acceptAlerts(resolved, AT_MS + 7);
    t.match(await log.action(unsent.id), { state: 'judged', outcome: 'cancelled', judgedAtMs: AT_MS + 7 });
    t.equal(await log.recordAttempt(unsent.id), false, 'a cancelled action is not sent');
    t.strictSame(
      (await log.openActions()).map(({ id }) => id),
      [sent.id, otherDiagnosis.id, revert.id],
    );
  });

  await testOn('an action refers to its latest claimed revert', async (t, log) => {
    const harmful = sampleAction({ resolver: 'scale_down' });
    await claim(log, harmful);
    await log.judgeAction(harmful.id, 'harmful', AT_MS);
    const expired = sampleAction({ resolver: 'revert', reverts: harmful.id });
    t.equal(await claim(log, expired), true);
    t.equal((await log.action(harmful.id))?.revertedBy, expired.id);
    await log.judgeAction(expired.id, 'failed', AT_MS);
    const repeated = sampleAction({ resolver: 'revert', reverts: harmful.id });
    await claim(log, repeated);
    t.match(await log.action(harmful.id), {
      ...harmful,
      state: 'judged',
      outcome: 'harmful',
      judgedAtMs: AT_MS,
      revertedBy: repeated.id,
    });
  });
}
