import type { Refusal } from '../../src/model/action.js';
// From claim to judgement: the possible changes of an action in each state.
import { NOT_SETTLED, type Settling } from '../../src/model/action.js';
import { AT_MS, sampleAction } from '../support/action-log-samples.js';
import { claim, type TestOn } from './contract-harness.js';

export async function testProgress(testOn: TestOn): Promise<void> {
  await testOn('an action has attempts, completion, settling and a judgement', async (t, log) => {
    const action = sampleAction();
    await claim(log, action);
    t.equal(await log.recordAttempt(action.id), true);
    t.equal(await log.recordAttempt(action.id), true);
    await log.completeAction(action.id, AT_MS + 1, null);
    t.match(await log.action(action.id), { state: 'completed', attempts: 2, completedAtMs: AT_MS + 1, failure: null });
    t.equal(await log.recordAttempt(action.id), false, 'a completed action is not sent again');
    const settling: Settling = {
      gapSeenAtMs: AT_MS + 2,
      seenAtMs: AT_MS + 3,
      firstSeenAtMs: AT_MS + 1,
      missedAtMs: AT_MS + 4,
      granted: { split: 3 },
      backlogNormalAtMs: null,
      changeSeenAtMs: AT_MS + 3,
      engineWaitMs: 180_000,
      heldUpBy: 'FlinkDeployment prod/wordcount is UPGRADING',
    };
    await log.recordSettling(action.id, settling);
    t.strictSame((await log.openActions())[0]?.settling, settling);
    await log.judgeAction(action.id, 'improved', AT_MS + 4);
    t.strictSame(await log.action(action.id), {
      ...action,
      state: 'judged',
      outcome: 'improved',
      attempts: 2,
      completedAtMs: AT_MS + 1,
      judgedAtMs: AT_MS + 4,
      settling,
    });
    t.strictSame(await log.openActions(), []);
  });

  await testOn('a failure is stored with the action', async (t, log) => {
    const uncertain = sampleAction();
    await claim(log, uncertain);
    await log.completeAction(uncertain.id, AT_MS, 'timed out');
    await log.judgeAction(uncertain.id, 'resolved', AT_MS);
    t.match(await log.action(uncertain.id), { outcome: 'resolved', failure: 'timed out' });
    const refused = sampleAction();
    await claim(log, refused);
    await log.judgeAction(refused.id, 'failed', AT_MS, { failure: 'answered 403' });
    t.match(await log.action(refused.id), { outcome: 'failed', failure: 'answered 403', completedAtMs: null });
  });

  await testOn('permanent refusals are listed, the last first, and other failures are not', async (t, log) => {
    const refuse = async (topology: string, atMs: number, limits: Refusal['limits']) => {
      const action = sampleAction({ topology });
      await claim(log, action);
      const refusal = { webhookMark: 'mark', limits };
      await log.judgeAction(action.id, 'failed', atMs, { failure: 'answered 400', refusal });
      return action.id;
    };
    await refuse('too early', AT_MS - 1, { split: 9 });
    const first = await refuse('first', AT_MS, {});
    const second = await refuse('second', AT_MS + 1, { split: 3 });
    const other = sampleAction({ topology: 'other' });
    await claim(log, other);
    await log.judgeAction(other.id, 'failed', AT_MS, { failure: 'out of attempts' });
    const told = await log.refusedActions(AT_MS);
    t.strictSame(
      told.map(({ id, refusal, failure }) => [id, refusal?.limits, failure]),
      [
        [second, { split: 3 }, 'answered 400'],
        [first, {}, 'answered 400'],
      ],
    );
  });

  await testOn('the first judgement counts', async (t, log) => {
    const action = sampleAction();
    await claim(log, action);
    t.equal(await log.judgeAction(action.id, 'cancelled', AT_MS), true);
    t.equal(await log.judgeAction(action.id, 'harmful', AT_MS + 1, { failure: 'too late' }), false);
    await log.completeAction(action.id, AT_MS + 1, 'too late');
    await log.recordSettling(action.id, { ...NOT_SETTLED, gapSeenAtMs: 1, seenAtMs: 1 });
    t.strictSame(await log.action(action.id), { ...action, state: 'judged', outcome: 'cancelled', judgedAtMs: AT_MS });
  });

  await testOn('one of several concurrent judgements counts', async (t, log) => {
    const action = sampleAction();
    await claim(log, action);
    const results = await Promise.all(
      [1, 2, 3, 4].map((lateMs) => log.judgeAction(action.id, 'improved', AT_MS + lateMs)),
    );
    t.equal(results.filter(Boolean).length, 1);
    t.equal((await log.action(action.id))?.judgedAtMs, AT_MS + 1 + results.indexOf(true));
  });

  await testOn('a person can cancel open actions, claimed or completed, and no finished ones', async (t, log) => {
    const claimed = sampleAction();
    const completed = sampleAction({ topology: 'completed' });
    const judged = sampleAction({ topology: 'judged' });
    const failed = sampleAction({ topology: 'failed' });
    for (const action of [claimed, completed, judged, failed]) await claim(log, action);
    await log.completeAction(completed.id, AT_MS, null);
    await log.judgeAction(judged.id, 'improved', AT_MS);
    await log.judgeAction(failed.id, 'failed', AT_MS);
    const cancel = (action: { id: string }) => log.cancelAction(action.id, AT_MS + 1);
    t.equal(await cancel(claimed), 'cancelled');
    t.equal(await cancel(completed), 'cancelled');
    t.equal(await cancel(judged), 'over');
    t.equal(await cancel(failed), 'over', 'only a revert would be repeated');
    t.equal(await cancel(claimed), 'over');
    t.match(await log.action(completed.id), { state: 'judged', outcome: 'cancelled', judgedAtMs: AT_MS + 1 });
    t.match(await log.action(judged.id), { outcome: 'improved', judgedAtMs: AT_MS });
    t.equal(await log.recordAttempt(claimed.id), false, 'a cancelled action is not sent');
    t.equal(await log.judgeAction(completed.id, 'resolved', AT_MS + 2), false);
  });

  await testOn('an action without a claim does not exist', async (t, log) => {
    t.equal(await log.action('none'), null);
    t.equal(await log.recordAttempt('none'), false);
    t.equal(await log.judgeAction('none', 'cancelled', AT_MS), false);
    t.equal(await log.cancelAction('none', AT_MS), 'unknown');
    t.equal(await log.cancelAction('none\0', AT_MS), 'unknown');
    t.equal(await log.leaseAction('none', 'replica', AT_MS, AT_MS + 1), false);
    const action = sampleAction();
    await claim(log, action);
    t.equal(await log.action(`${action.id}\0`), null);
  });
}
