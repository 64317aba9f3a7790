// Orders of a person: pauses, and removals from the blacklist.
import { AT_MS, samplePause, sampleRemoval } from '../support/action-log-samples.js';
import type { TestOn } from './contract-harness.js';

export async function testOrders(testOn: TestOn): Promise<void> {
  await testOn('active pauses are returned completely, newest first, until they expire', async (t, log, open) => {
    const everything = samplePause({ topology: null, resolver: null, reason: 'Überlast \0 "now"' });
    const later = samplePause({ createdAtMs: AT_MS + 1, expiresAtMs: AT_MS + 10 });
    const sameTime = samplePause({ resolver: 'revert' });
    for (const pause of [everything, later, sameTime]) await log.addPause(pause);
    const kept = { ...everything, reason: 'Überlast \ufffd "now"' };
    t.strictSame(await log.pauses(AT_MS + 9), [sameTime, later, kept]);
    t.strictSame(await log.pauses(AT_MS + 10), [sameTime, kept], 'expired at its last ms');
    await log.close();
    const again = await open();
    t.teardown(() => again.close());
    t.strictSame(await again.pauses(AT_MS + 9), [sameTime, later, kept]);
  });

  await testOn('an active pause can be ended once', async (t, log) => {
    const pause = samplePause({ expiresAtMs: AT_MS + 10 });
    const other = samplePause();
    const expired = samplePause({ expiresAtMs: AT_MS + 5 });
    for (const added of [pause, other, expired]) await log.addPause(added);
    t.equal(await log.endPause(expired.id, AT_MS + 5), false);
    t.strictSame((await Promise.all([log.endPause(pause.id, AT_MS + 5), log.endPause(pause.id, AT_MS + 5)])).sort(), [
      false,
      true,
    ]);
    t.strictSame(await log.pauses(AT_MS + 5), [other]);
    t.equal(await log.endPause('none', AT_MS), false);
    t.equal(await log.endPause(`${other.id}\0`, AT_MS), false);
  });

  await testOn('removals from the blacklist are returned completely, newest first', async (t, log) => {
    const removals = [
      sampleRemoval({ atMs: AT_MS + 1 }),
      sampleRemoval({ topology: 'a"b', operator: 'Zählen', diagnosis: 'data_skew', resolver: 'rebalance' }),
      sampleRemoval(),
    ];
    for (const removal of removals) await log.addBlacklistRemoval(removal);
    t.strictSame(await log.blacklistRemovals(), [removals[2], removals[1], removals[0]]);
  });
}
