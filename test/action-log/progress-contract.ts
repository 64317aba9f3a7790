// From claim to judgement: which changes an action takes in which state.
import { AT_MS, sampleAction } from '../support/action-log-samples.js';
import { claim, type TestOn } from './contract-harness.js';

export async function testProgress(testOn: TestOn): Promise<void> {
  await testOn('an action goes from attempts over completion and settling to its judgement', async (t, log) => {
    const action = sampleAction();
    await claim(log, action);
    t.equal(await log.recordAttempt(action.id), true);
    t.equal(await log.recordAttempt(action.id), true);
    await log.completeAction(action.id, AT_MS + 1, null);
    t.match(await log.action(action.id), { state: 'completed', attempts: 2, completedAtMs: AT_MS + 1, failure: null });
    t.equal(await log.recordAttempt(action.id), false, 'what is completed is not sent again');
    const settling = { gapSeenAtMs: AT_MS + 2, seenAtMs: AT_MS + 3, backlogNormalAtMs: null };
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

  await testOn('what went wrong is kept with the action', async (t, log) => {
    const uncertain = sampleAction();
    await claim(log, uncertain);
    await log.completeAction(uncertain.id, AT_MS, 'timed out');
    await log.judgeAction(uncertain.id, 'resolved', AT_MS);
    t.match(await log.action(uncertain.id), { outcome: 'resolved', failure: 'timed out' });
    const refused = sampleAction();
    await claim(log, refused);
    await log.judgeAction(refused.id, 'failed', AT_MS, 'answered 403');
    t.match(await log.action(refused.id), { outcome: 'failed', failure: 'answered 403', completedAtMs: null });
  });

  await testOn('the first judgement stands', async (t, log) => {
    const action = sampleAction();
    await claim(log, action);
    await log.judgeAction(action.id, 'cancelled', AT_MS);
    await log.judgeAction(action.id, 'harmful', AT_MS + 1, 'too late');
    await log.completeAction(action.id, AT_MS + 1, 'too late');
    await log.recordSettling(action.id, { gapSeenAtMs: 1, seenAtMs: 1, backlogNormalAtMs: 1 });
    t.strictSame(await log.action(action.id), { ...action, state: 'judged', outcome: 'cancelled', judgedAtMs: AT_MS });
  });

  await testOn('an action nobody claimed does not exist', async (t, log) => {
    t.equal(await log.action('none'), null);
    t.equal(await log.recordAttempt('none'), false);
    await log.judgeAction('none', 'cancelled', AT_MS);
    const action = sampleAction();
    await claim(log, action);
    t.equal(await log.action(`${action.id}\0`), null);
  });
}
