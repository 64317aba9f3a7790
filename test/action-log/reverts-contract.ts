// Harm: the reverts that are due, and the outcomes that count for or against an action.
import type { ActionLog } from '../../src/action-log/action-log.js';
import type { Action } from '../../src/model/action.js';
import { OUTCOMES, type Outcome } from '../../src/model/outcome.js';
import { AT_MS, sampleAction } from '../support/action-log-samples.js';
import { claim, type TestOn } from './contract-harness.js';

export async function testReverts(testOn: TestOn): Promise<void> {
  await testOn('only harmful scale-downs are due for a revert, the oldest harm first', async (t, log) => {
    await judged(log, { resolver: 'scale_down' }, 'resolved', AT_MS);
    await judged(log, { resolver: 'scale_up' }, 'harmful', AT_MS);
    await judged(log, { resolver: 'scale_down' }, 'failed', AT_MS);
    const later = await judged(log, { resolver: 'scale_down' }, 'harmful', AT_MS + 2);
    const earlier = await judged(log, { resolver: 'scale_down' }, 'harmful', AT_MS + 1);
    await claim(log, sampleAction({ topology: 'dry', resolver: 'scale_down', dryRun: true }));
    t.strictSame(await dueIds(log), [earlier.id, later.id]);
    t.match((await log.dueReverts())[0], { ...earlier, state: 'judged', outcome: 'harmful', judgedAtMs: AT_MS + 1 });
  });

  await testOn(
    'harm stays due until a revert of it ends with an outcome other than failed or not_applied',
    async (t, log) => {
      const repeats: readonly Outcome[] = ['failed', 'not_applied'];
      for (const outcome of OUTCOMES) {
        const harmful = await judged(log, { resolver: 'scale_down' }, 'harmful', AT_MS);
        t.strictSame(await dueIds(log), [harmful.id]);
        const revert = sampleAction({ resolver: 'revert', reverts: harmful.id });
        await claim(log, revert);
        t.strictSame(await dueIds(log), [], 'not while a revert is open');
        await log.completeAction(revert.id, AT_MS, null);
        t.strictSame(await dueIds(log), []);
        await log.judgeAction(revert.id, outcome, AT_MS);
        t.strictSame(await dueIds(log), repeats.includes(outcome) ? [harmful.id] : [], outcome);
        if (repeats.includes(outcome))
          await judged(log, { resolver: 'revert', reverts: harmful.id }, 'resolved', AT_MS);
      }
    },
  );

  await testOn('an action that is not due is not reverted: it was harmless, or is already reverted', async (t, log) => {
    const harmless = await judged(log, { resolver: 'scale_down' }, 'resolved', AT_MS);
    const harmful = await judged(log, { resolver: 'scale_down' }, 'harmful', AT_MS);
    const revert = sampleAction({ resolver: 'revert', reverts: harmful.id });
    t.equal(await claim(log, revert), true);
    t.strictSame(await log.action(revert.id), revert);
    await log.judgeAction(revert.id, 'resolved', AT_MS);
    for (const reverts of [harmful.id, harmless.id, 'none']) {
      const refused = sampleAction({ resolver: 'revert', reverts });
      t.equal(await claim(log, refused), false);
      t.equal(await log.action(refused.id), null);
    }
    t.equal((await log.action(harmful.id))?.revertedBy, revert.id);
    t.equal((await log.action(harmless.id))?.revertedBy, null);
  });

  await testOn('a revert that is finished at its claim waits for the open action, too', async (t, log) => {
    const harmful = await judged(log, { resolver: 'scale_down' }, 'harmful', AT_MS);
    const open = sampleAction();
    t.equal(await claim(log, open), true);
    const superseded = sampleAction({
      ...{ resolver: 'revert', reverts: harmful.id },
      ...{ state: 'judged', outcome: 'superseded', judgedAtMs: AT_MS + 1 },
    });
    t.equal(await claim(log, superseded), false);
    t.equal(await log.action(superseded.id), null);
    t.equal((await log.action(harmful.id))?.revertedBy, null);
    t.strictSame(await dueIds(log), [harmful.id], 'the harm stays due');
    await log.judgeAction(open.id, 'resolved', AT_MS);
    t.equal(await claim(log, superseded), true);
    t.strictSame(await log.action(superseded.id), superseded);
    t.strictSame(await log.openActions(), []);
    t.equal(await claim(log, sampleAction()), true, 'it leaves the topology free');
  });

  await testOn('a dry run of a revert reverts nothing', async (t, log) => {
    const harmful = await judged(log, { resolver: 'scale_down' }, 'harmful', AT_MS);
    await claim(log, sampleAction({ resolver: 'revert', reverts: harmful.id, dryRun: true, state: 'judged' }));
    t.strictSame(await dueIds(log), [harmful.id]);
  });

  await testOn('a revert that a person cancels is not repeated', async (t, log) => {
    const harmful = await judged(log, { resolver: 'scale_down' }, 'harmful', AT_MS);
    const first = await judged(log, { resolver: 'revert', reverts: harmful.id }, 'failed', AT_MS);
    const second = await judged(log, { resolver: 'revert', reverts: harmful.id }, 'not_applied', AT_MS);
    t.equal(await log.cancelAction(second.id, AT_MS + 1), 'cancelled');
    t.match(await log.action(second.id), { state: 'judged', outcome: 'cancelled', judgedAtMs: AT_MS + 1 });
    t.strictSame(await dueIds(log), []);
    t.equal(await log.cancelAction(first.id, AT_MS + 1), 'over', 'nothing would be repeated');
    t.equal((await log.action(first.id))?.outcome, 'failed');
    t.equal(await log.cancelAction(harmful.id, AT_MS + 1), 'over');
  });

  await testOn('a failed revert is finished while the next one is open, or after its success', async (t, log) => {
    const harmful = await judged(log, { resolver: 'scale_down' }, 'harmful', AT_MS);
    const failed = await judged(log, { resolver: 'revert', reverts: harmful.id }, 'failed', AT_MS);
    const next = sampleAction({ resolver: 'revert', reverts: harmful.id });
    await claim(log, next);
    t.equal(await log.cancelAction(failed.id, AT_MS), 'over');
    await log.judgeAction(next.id, 'resolved', AT_MS);
    t.equal(await log.cancelAction(failed.id, AT_MS), 'over');
    t.equal((await log.action(failed.id))?.outcome, 'failed');
  });

  await testOn(
    'judged actions are listed except for failed calls, the last judged first, from `since`',
    async (t, log) => {
      const ids = new Map<Outcome, string>();
      for (const [index, outcome] of OUTCOMES.entries()) {
        // The older the claim, the later its judgement.
        const { id } = await judged(log, { claimedAtMs: AT_MS - index }, outcome, AT_MS + index);
        ids.set(outcome, id);
      }
      await claim(log, sampleAction({ dryRun: true, state: 'judged' }));
      await claim(log, sampleAction());
      const telling = async (sinceMs: number) =>
        (await log.tellingActions(sinceMs)).map(({ id }) => [...ids].find(([, known]) => known === id)?.[0]);
      const [, , , , , superseded, failed, cancelled, unknown] = OUTCOMES;
      t.equal(failed, 'failed');
      t.strictSame(await telling(0), [unknown, cancelled, superseded, ...OUTCOMES.slice(0, 5).reverse()]);
      t.strictSame(await telling(AT_MS + 7), [unknown, cancelled]);
      t.strictSame(await telling(AT_MS + 9), []);
    },
  );
}

async function judged(log: ActionLog, overrides: Partial<Action>, outcome: Outcome, atMs: number): Promise<Action> {
  const action = sampleAction(overrides);
  if (!(await claim(log, action))) throw new Error('the topology has an open action');
  await log.judgeAction(action.id, outcome, atMs);
  return action;
}

async function dueIds(log: ActionLog): Promise<string[]> {
  return (await log.dueReverts()).map(({ id }) => id);
}
