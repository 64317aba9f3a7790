// Acceptance: stored alerts, cancellation by a resolved alert, and one decision for each.
import { AT_MS, holdDecision, sampleAlert, sampleEvidence } from '../support/action-log-samples.js';
import { acceptOne, undecidedOperators, type TestOn } from './contract-harness.js';

export async function testAcceptedAlerts(testOn: TestOn): Promise<void> {
  await testOn('accepted alerts are returned as received, oldest first, up to the limit', async (t, log) => {
    await log.acceptAlerts([sampleAlert({ operator: 'a' }), sampleAlert({ operator: 'b', startsAt: null })], AT_MS);
    await log.acceptAlerts([sampleAlert({ operator: 'c', fingerprint: null })], AT_MS - 1000);
    const alerts = await log.undecidedAlerts(10);
    t.match(alerts, [
      { ...sampleAlert({ operator: 'a' }), acceptedAtMs: AT_MS },
      { ...sampleAlert({ operator: 'b', startsAt: null }), acceptedAtMs: AT_MS },
      { ...sampleAlert({ operator: 'c', fingerprint: null }), acceptedAtMs: AT_MS - 1000 },
    ]);
    t.strictSame(
      alerts.map(({ id }) => id),
      alerts.map(({ id }) => id).sort((left, right) => left - right),
    );
    t.strictSame(await log.undecidedAlerts(2), alerts.slice(0, 2));
  });

  await testOn('thousands of alerts in one call keep their order', async (t, log) => {
    const operators = Array.from({ length: 2345 }, (_, index) => `operator-${index}`);
    await log.acceptAlerts(
      operators.map((operator) => sampleAlert({ operator })),
      AT_MS,
    );
    t.strictSame(
      (await log.undecidedAlerts(10_000)).map(({ operator }) => operator),
      operators,
    );
    await log.acceptAlerts([], AT_MS);
  });

  await testOn('concurrently accepted alerts are all stored, each call in its own order', async (t, log) => {
    const calls = Array.from({ length: 50 }, (_, call) =>
      Array.from({ length: 7 }, (_, index) => sampleAlert({ topology: `t${call}`, operator: String(index) })),
    );
    await Promise.all(calls.map((alerts) => log.acceptAlerts(alerts, AT_MS)));
    const alerts = await log.undecidedAlerts(1000);
    t.equal(alerts.length, 350);
    for (const [call] of calls.entries()) {
      const operators = alerts.filter(({ topology }) => topology === `t${call}`).map(({ operator }) => operator);
      t.strictSame(operators, ['0', '1', '2', '3', '4', '5', '6']);
    }
  });

  await testOn(
    'a resolved alert cancels undecided alerts of its own diagnosis, and only earlier ones',
    async (t, log) => {
      await log.acceptAlerts([sampleAlert({ startsAt: 'first' })], AT_MS);
      await log.acceptAlerts(
        [
          sampleAlert({ startsAt: 'second' }),
          sampleAlert({ topology: 'other' }),
          sampleAlert({ operator: 'count' }),
          sampleAlert({ diagnosis: 'data_skew' }),
          sampleAlert({ status: 'resolved', startsAt: null }),
          sampleAlert({ startsAt: 'after' }),
        ],
        AT_MS,
      );
      t.match(await log.undecidedAlerts(10), [
        { topology: 'other' },
        { operator: 'count' },
        { diagnosis: 'data_skew' },
        { operator: 'split', startsAt: 'after' },
      ]);
      t.equal((await log.undecidedAlerts(10)).length, 4);
    },
  );

  await testOn('an alert after the first of two resolved alerts is cancelled by the second', async (t, log) => {
    const resolved = sampleAlert({ status: 'resolved' });
    await log.acceptAlerts([resolved, sampleAlert(), resolved], AT_MS);
    t.strictSame(await log.undecidedAlerts(10), []);
  });

  await testOn('text that no database can store is accepted, too', async (t, log) => {
    await log.acceptAlerts([sampleAlert({ operator: 'a\0b' }), sampleAlert({ operator: '\ud800' })], AT_MS);
    t.strictSame(await undecidedOperators(log), ['a\ufffdb', '\ufffd']);
  });

  await testOn('a hold decides its alert and is stored with its evidence', async (t, log) => {
    const alertId = await acceptOne(log, sampleAlert());
    const hold = holdDecision({
      alertId,
      evidence: sampleEvidence({ suspendedRatio: 0.25, missingSensors: ['split/busy'] }),
    });
    await log.recordHold(hold);
    t.strictSame(await log.undecidedAlerts(10), []);
    t.strictSame(await log.decisions({}), [hold]);
  });

  await testOn(
    'an alert is decided once: a second hold, or one for a cancelled alert, is not stored',
    async (t, log) => {
      const alertId = await acceptOne(log, sampleAlert());
      const cancelledId = await acceptOne(log, sampleAlert({ operator: 'count' }));
      await log.acceptAlerts([sampleAlert({ operator: 'count', status: 'resolved' })], AT_MS);
      await Promise.all([
        log.recordHold(holdDecision({ alertId })),
        log.recordHold(holdDecision({ alertId, reason: 'paused' })),
        log.recordHold(holdDecision({ alertId: cancelledId })),
      ]);
      t.strictSame(await log.decisions({}), [holdDecision({ alertId })]);
    },
  );
}
