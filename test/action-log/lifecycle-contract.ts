// Opening, checking and closing.
import type { DhalionError } from '../../src/errors.js';
import { actDecisions, AT_MS, holdDecision, sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { acceptOne, claim, undecidedOperators, type TestOn } from './contract-harness.js';

export async function testLifecycle(testOn: TestOn): Promise<void> {
  await testOn('everything is present after closing and opening again', async (t, log, open) => {
    await log.acceptAlerts([sampleAlert({ operator: 'kept' }), sampleAlert()], AT_MS);
    const ids = (await log.undecidedAlerts(10)).map(({ id }) => id);
    const action = sampleAction();
    await claim(log, action, ids[1] ?? null);
    await log.recordAttempt(action.id);
    await log.close();
    const again = await open();
    t.teardown(() => again.close());
    t.strictSame(await undecidedOperators(again), ['kept']);
    t.strictSame(await again.openActions(), [{ ...action, attempts: 1 }]);
    t.strictSame(await again.decisions({}), actDecisions(action, ids[1]));
    t.equal(await claim(again, sampleAction()), false);
    const next = await acceptOne(again, sampleAlert({ operator: 'next' }));
    t.ok(next > Math.max(...ids), 'ids continue');
  });

  await testOn('ids are not used twice, even when the newest alert was pruned', async (t, log, open) => {
    const first = await acceptOne(log, sampleAlert());
    await log.recordHold(holdDecision({ alertId: first }));
    await log.prune(AT_MS + 1, []);
    await log.close();
    const again = await open();
    t.teardown(() => again.close());
    t.ok((await acceptOne(again, sampleAlert())) > first);
  });

  await testOn('a sound log passes its check', async (t, log) => {
    await log.check();
    await log.check();
    t.pass();
  });

  await testOn('closing waits for running calls; afterwards every call is refused', async (t, log, open) => {
    const underWay = [log.acceptAlerts([sampleAlert()], AT_MS), claim(log, sampleAction()), log.prune(0, [])];
    await log.close();
    await log.close();
    await Promise.all(underWay);
    const refused = { code: 'storage_unavailable', message: /closed/ } satisfies {
      code: DhalionError['code'];
      message: RegExp;
    };
    await t.rejects(log.acceptAlerts([sampleAlert()], AT_MS), refused);
    await t.rejects(log.openActions(), refused);
    await t.rejects(log.check(), refused);
    const again = await open();
    t.teardown(() => again.close());
    t.equal((await again.undecidedAlerts(10)).length, 1);
    t.equal((await again.openActions()).length, 1);
  });
}
