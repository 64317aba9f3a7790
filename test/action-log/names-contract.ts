// Names as long as label values of Prometheus can be, such as SQL plans: longer than the limit of an index entry.
import { randomBytes } from 'node:crypto';
import type { ActionLog } from '../../src/action-log/action-log.js';
import {
  AT_MS,
  holdDecision,
  sampleAction,
  sampleAlert,
  samplePause,
  sampleRemoval,
} from '../support/action-log-samples.js';
import { acceptOne, claim, undecidedOperators, type TestOn } from './contract-harness.js';

const LENGTH = 100_000;

/** This many names that only differ in their last character. Random, because a database compresses repetitions. */
function longNames(count: number): string[] {
  const shared = randomBytes(LENGTH / 2)
    .toString('hex')
    .slice(1);
  return Array.from({ length: count }, (_, index) => `${shared}${index}`);
}

export async function testLongNames(testOn: TestOn): Promise<void> {
  await testOn('a resolved alert distinguishes long names that only differ at the end', async (t, log) => {
    const [one = '', other = ''] = longNames(2);
    const names = [
      { topology: one, operator: one },
      { topology: one, operator: other },
      { topology: other, operator: one },
    ];
    await log.acceptAlerts(
      names.map((named) => sampleAlert(named)),
      AT_MS,
    );
    const untouched = sampleAction({ topology: other, operator: one });
    const takenBack = sampleAction({ topology: one, operator: other });
    for (const action of [untouched, takenBack]) t.equal(await claim(log, action), true);
    await log.acceptAlerts([sampleAlert({ topology: one, operator: other, status: 'resolved' })], AT_MS);
    const undecided = await log.undecidedAlerts(10);
    t.ok(undecided.every(({ topology, operator }) => topology !== one || operator !== other));
    t.equal(undecided.length, 2);
    t.equal((await log.action(takenBack.id))?.outcome, 'cancelled');
    t.equal((await log.action(untouched.id))?.outcome, null);
  });

  await testOn('topologies with different long names each have one open action', async (t, log) => {
    const [one = '', other = ''] = longNames(2);
    const alertId = await acceptOne(log, sampleAlert({ topology: one, operator: other }));
    const action = sampleAction({ topology: one, operator: other });
    const rivals = Array.from({ length: 5 }, () => sampleAction({ topology: one, operator: one }));
    t.equal(await claim(log, action, alertId), true);
    const refused = await Promise.all(rivals.map((rival) => claim(log, rival)));
    t.strictSame(refused, [false, false, false, false, false]);
    const elsewhere = sampleAction({ topology: other });
    t.equal(await claim(log, elsewhere), true);
    await log.judgeAction(action.id, 'resolved', AT_MS);
    t.equal(await claim(log, sampleAction({ topology: one })), true);
    t.equal((await log.openActions()).length, 2);
  });

  await testOn('queries for a topology with a long name return its own rows, newest first', async (t, log) => {
    const [one = '', other = ''] = longNames(2);
    const actions = [one, other, one, one].map((topology, index) =>
      sampleAction({ topology, operator: other, dryRun: true, state: 'judged', claimedAtMs: AT_MS + index }),
    );
    for (const action of actions) await claim(log, action);
    await log.recordHold(holdDecision({ topology: one, operator: one, atMs: AT_MS + 9 }));
    const idsOf = async (filter: Parameters<ActionLog['actions']>[0]) =>
      (await log.actions(filter)).map(({ id }) => actions.findIndex((action) => action.id === id));
    t.strictSame(await idsOf({ topology: one }), [3, 2, 0]);
    t.strictSame(await idsOf({ topology: one, limit: 2 }), [3, 2]);
    t.strictSame(await idsOf({ topology: one, sinceMs: AT_MS + 3 }), [3]);
    t.strictSame(await idsOf({ topology: other, sinceMs: AT_MS }), [1]);
    const atMs = async (filter: Parameters<ActionLog['decisions']>[0]) =>
      (await log.decisions(filter)).map((decision) => decision.atMs - AT_MS);
    t.strictSame(await atMs({ topology: one }), [9, 3, 2, 0]);
    t.strictSame(await atMs({ topology: one, sinceMs: AT_MS + 3 }), [9, 3]);
    t.strictSame(await atMs({ topology: other }), [1]);
  });

  await testOn('instances of operators with long names are remembered, replaced and forgotten', async (t, log) => {
    const [one = '', other = ''] = longNames(2);
    const memoryOf = (parallelism: number) => ({ parallelism, sinceMs: AT_MS, attempts: null });
    const remember = (topology: string, operator: string, parallelism: number) =>
      log.rememberInstances([{ topology, operator, ...memoryOf(parallelism) }], AT_MS);
    await remember(one, one, 1);
    await remember(one, other, 2);
    await remember(other, one, 3);
    await remember(one, one, 4);
    const memories = await log.instanceMemories();
    t.strictSame(memories.get(one)?.get(one), memoryOf(4));
    t.strictSame(memories.get(one)?.get(other), memoryOf(2));
    t.strictSame(memories.get(other)?.get(one), memoryOf(3));
    t.equal((await log.forgetInstances({ topology: one, operator: null }, AT_MS)).length, 2);
    t.equal((await log.instanceMemories()).get(one), undefined);
    t.strictSame((await log.instanceMemories()).get(other)?.get(one), memoryOf(3));
  });

  await testOn('long names are paused, removed from the blacklist, and pruned', async (t, log) => {
    const [one = '', other = ''] = longNames(2);
    const pause = samplePause({ topology: one });
    await log.addPause(pause);
    t.strictSame(await log.pauses(AT_MS), [pause]);
    const removal = sampleRemoval({ topology: one, operator: other });
    await log.addBlacklistRemoval(removal);
    await log.addBlacklistRemoval(sampleRemoval({ topology: other, operator: other }));
    const action = sampleAction({ topology: one, operator: other });
    await claim(log, action);
    await log.judgeAction(action.id, 'ineffective', AT_MS);
    await log.acceptAlerts([sampleAlert({ topology: one, operator: one })], AT_MS);
    t.equal(await log.prune(AT_MS + 1, [action.id]), 2, 'a decision, and the removal without an older action');
    t.strictSame(await log.blacklistRemovals(), [removal]);
    t.strictSame(await undecidedOperators(log), [one]);
  });
}
