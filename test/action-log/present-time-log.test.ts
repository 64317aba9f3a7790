import t, { type Test } from 'tap';
import type { ActionLog } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { presentTimeLog } from '../../src/action-log/present-time-log.js';
import { Timeline } from '../../src/timeline.js';
import {
  AT_MS,
  actDecisions,
  holdDecision,
  sampleAction,
  sampleAlert,
  samplePause,
  sampleEvidence,
} from '../support/action-log-samples.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MONTH_MS = 30 * 24 * HOUR_MS;

interface Setting {
  readonly clock: FakeClock;
  readonly timeline: Timeline;
  readonly log: ActionLog;
  /** The same log, with the times as written. */
  readonly written: ActionLog;
}

async function begin(t: Test): Promise<Setting> {
  const clock = createFakeClock(AT_MS);
  const timeline = new Timeline(clock);
  const written = await createActionLog({ path: t.testdir(), clock });
  t.teardown(() => written.close());
  return { clock, timeline, written, log: presentTimeLog(written, timeline) };
}

/** A settling action: claimed at AT_MS, seen three minutes later; the clock is set one minute later, and one more minute passes. */
async function settleAcross(t: Test, byMs: number) {
  const setting = await begin(t);
  const { clock, timeline, log } = setting;
  const action = sampleAction();
  await log.claimAction(action, actDecisions(action));
  await log.recordAttempt(action.id);
  clock.advance(MINUTE_MS);
  await log.completeAction(action.id, timeline.now(), null);
  clock.advance(2 * MINUTE_MS);
  const seenAtMs = timeline.now();
  const seen = { seenAtMs, firstSeenAtMs: seenAtMs, changeSeenAtMs: seenAtMs, engineWaitMs: MINUTE_MS };
  await log.recordSettling(action.id, { ...action.settling, ...seen });
  clock.advance(MINUTE_MS);
  timeline.now();
  clock.setWall(byMs);
  timeline.now();
  clock.advance(MINUTE_MS);
  return { ...setting, action };
}

for (const byMs of [-2 * HOUR_MS, 2 * HOUR_MS, MONTH_MS]) {
  await t.test(`times of an open action keep their age if the clock is set by ${byMs / HOUR_MS} h`, async (t) => {
    const { timeline, log, written, action } = await settleAcross(t, byMs);
    const [open] = await log.openActions();
    const agesOf = ({ claimedAtMs, completedAtMs, expiresAtMs, settling }: NonNullable<typeof open>) => ({
      claimed: timeline.now() - claimedAtMs,
      completed: timeline.now() - (completedAtMs ?? NaN),
      seen: timeline.now() - (settling.seenAtMs ?? NaN),
      changeSeen: timeline.now() - (settling.changeSeenAtMs ?? NaN),
      engineWait: settling.engineWaitMs,
      expires: expiresAtMs - claimedAtMs,
    });
    t.strictSame(open && agesOf(open), {
      claimed: 5 * MINUTE_MS,
      completed: 4 * MINUTE_MS,
      seen: 2 * MINUTE_MS,
      changeSeen: 2 * MINUTE_MS,
      engineWait: MINUTE_MS,
      expires: 5 * MINUTE_MS,
    });
    t.strictSame(await log.action(action.id), open);
    t.strictSame(
      await log.actions({ sinceMs: timeline.now() - 10 * MINUTE_MS }),
      [open],
      'it is found by its age, too',
    );
    t.strictSame(await log.actions({ sinceMs: timeline.now() - 4 * MINUTE_MS }), []);
    t.equal((await written.action(action.id))?.claimedAtMs, AT_MS, 'written times are not changed');
  });

  await t.test(
    `alerts, decisions and judgements keep their age if the clock is set by ${byMs / HOUR_MS} h`,
    async (t) => {
      const { clock, timeline, log } = await begin(t);
      const action = sampleAction();
      await log.claimAction(action, actDecisions(action));
      await log.judgeAction(action.id, 'ineffective', timeline.now());
      await log.acceptAlerts([sampleAlert()], timeline.now());
      await log.recordHold(
        holdDecision({ atMs: timeline.now(), evidence: sampleEvidence({ evaluatedAtMs: timeline.now() }) }),
      );
      const { topology } = action;
      const [{ operator, diagnosis }] = action.operators;
      await log.addBlacklistRemoval({ topology, operator, diagnosis, resolver: 'scale_up', atMs: timeline.now() });
      clock.setWall(byMs);
      timeline.now();
      clock.advance(MINUTE_MS);
      const decisions = await log.decisions({ sinceMs: timeline.now() - HOUR_MS, limit: 1 });
      const ages = {
        judged: (await log.tellingActions(timeline.now() - HOUR_MS)).map(({ judgedAtMs }) => judgedAtMs),
        accepted: (await log.undecidedAlerts(10)).map(({ acceptedAtMs }) => acceptedAtMs),
        decided: decisions.map(({ atMs }) => atMs),
        looked: decisions.map(({ evidence }) => evidence?.evaluatedAtMs),
        removed: (await log.blacklistRemovals()).map(({ atMs }) => atMs),
      };
      const minuteAgo = [timeline.now() - MINUTE_MS];
      t.strictSame(ages, {
        judged: minuteAgo,
        accepted: minuteAgo,
        decided: minuteAgo,
        looked: minuteAgo,
        removed: minuteAgo,
      });
      t.strictSame(await log.tellingActions(timeline.now()), []);
    },
  );

  await t.test(`a pause keeps its duration if the clock is set by ${byMs / HOUR_MS} h`, async (t) => {
    const { clock, timeline, log } = await begin(t);
    const pause = samplePause({ createdAtMs: AT_MS, expiresAtMs: AT_MS + 10 * MINUTE_MS });
    await log.addPause(pause);
    clock.setWall(byMs);
    timeline.now();
    clock.advance(9 * MINUTE_MS);
    t.match(await log.pauses(timeline.now()), [{ id: pause.id, expiresAtMs: timeline.now() + MINUTE_MS }]);
    clock.advance(MINUTE_MS);
    t.strictSame(await log.pauses(timeline.now()), []);
  });
}

await t.test('a pause that is only over by its written time can be ended', async (t) => {
  const { clock, timeline, log } = await begin(t);
  const pause = samplePause({ createdAtMs: AT_MS, expiresAtMs: AT_MS + 10 * MINUTE_MS });
  await log.addPause(pause);
  clock.setWall(2 * HOUR_MS);
  t.equal(await log.endPause(pause.id, timeline.now()), true);
  t.strictSame(await log.pauses(timeline.now()), []);
});

await t.test('a clock that is set to another year for a moment does not prune the history', async (t) => {
  const { clock, timeline, log } = await begin(t);
  const action = sampleAction({ dryRun: true, state: 'judged', judgedAtMs: AT_MS });
  await log.claimAction(action, actDecisions(action));
  clock.setWall(12 * MONTH_MS);
  t.equal(await log.prune(timeline.now() - 3 * MONTH_MS, []), 0);
  clock.advance(4 * MONTH_MS);
  t.ok((await log.prune(timeline.now() - 3 * MONTH_MS, [])) > 0, 'old rows are pruned at their age');
});

await t.test(
  'after a clock was set back while the service was down, times in the future count from the start',
  async (t) => {
    const { log, written, timeline, clock } = await begin(t);
    const action = sampleAction({ claimedAtMs: AT_MS + 2 * HOUR_MS, expiresAtMs: AT_MS + 2 * HOUR_MS + 5 * MINUTE_MS });
    await written.claimAction(action, actDecisions(action));
    clock.advance(MINUTE_MS);
    t.match(await log.openActions(), [{ claimedAtMs: AT_MS, expiresAtMs: AT_MS + 5 * MINUTE_MS }]);
    t.equal(timeline.now(), AT_MS + MINUTE_MS);
  },
);

await t.test('all other methods are passed on', async (t) => {
  const { log } = await begin(t);
  await log.check();
  t.strictSame(await log.dueReverts(), []);
  t.equal(await log.action('00000000-0000-4000-8000-000000000001'), null);
  await log.close();
  await t.rejects(log.openActions(), { code: 'storage_unavailable' });
});

for (const byMs of [-2 * HOUR_MS, 2 * HOUR_MS]) {
  await t.test(`remembered instances keep their age if the clock is set by ${byMs / HOUR_MS} h`, async (t) => {
    const { timeline, log, clock } = await begin(t);
    const one = { topology: 'wordcount', operator: 'split', parallelism: 4, attempts: new Map([['0', 'a']]) };
    await log.rememberInstances([{ ...one, sinceMs: timeline.now() }], timeline.now());
    clock.advance(MINUTE_MS);
    timeline.now();
    clock.setWall(byMs);
    timeline.now();
    clock.advance(MINUTE_MS);
    const remembered = (await log.instanceMemories()).get('wordcount')?.get('split');
    t.strictSame(remembered, { parallelism: 4, sinceMs: timeline.now() - 2 * MINUTE_MS, attempts: one.attempts });
  });
}
