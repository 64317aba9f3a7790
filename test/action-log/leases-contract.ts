// Leases: one replica at a time has the right to an open action.
import { AT_MS, sampleAction } from '../support/action-log-samples.js';
import { claim, type TestOn } from './contract-harness.js';

export async function testLeases(testOn: TestOn): Promise<void> {
  await testOn('a lease excludes others until it expires, and its holder renews it', async (t, log) => {
    const action = sampleAction();
    await claim(log, action);
    t.equal(await log.leaseAction(action.id, 'a', AT_MS, AT_MS + 10), true);
    t.equal(await log.leaseAction(action.id, 'b', AT_MS + 9, AT_MS + 20), false);
    t.equal(await log.leaseAction(action.id, 'a', AT_MS + 9, AT_MS + 30), true);
    t.equal(await log.leaseAction(action.id, 'b', AT_MS + 29, AT_MS + 50), false);
    t.equal(await log.leaseAction(action.id, 'b', AT_MS + 30, AT_MS + 50), true, 'expired at its last ms');
    t.equal(await log.leaseAction(action.id, 'a', AT_MS + 40, AT_MS + 60), false, 'the former holder lost it');
    t.strictSame(await log.action(action.id), action, 'the action does not show it');
  });

  await testOn('one of several concurrent replicas gets the lease', async (t, log) => {
    const action = sampleAction();
    await claim(log, action);
    const takers = Array.from({ length: 8 }, (_, taker) => `replica-${taker}`);
    const results = await Promise.all(takers.map((taker) => log.leaseAction(action.id, taker, AT_MS, AT_MS + 10)));
    t.equal(results.filter(Boolean).length, 1);
  });

  await testOn('a completed action can be leased, a judged one cannot', async (t, log) => {
    const action = sampleAction();
    await claim(log, action);
    await log.completeAction(action.id, AT_MS, null);
    t.equal(await log.leaseAction(action.id, 'a', AT_MS, AT_MS + 10), true);
    await log.judgeAction(action.id, 'resolved', AT_MS);
    t.equal(await log.leaseAction(action.id, 'a', AT_MS, AT_MS + 10), false);
    t.equal(await log.leaseAction(action.id, 'b', AT_MS + 20, AT_MS + 30), false);
  });
}
