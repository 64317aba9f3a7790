import t from 'tap';
import { LogReader } from '../../src/control-loop/log-reader.js';
import { entryUnderLoad, NOTHING_RECALLED, type RecalledLog } from '../../src/control-loop/recalled-log.js';
import { createLogger } from '../../src/logger.js';
import type { Blame, Failed } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { NOT_SETTLED, type Action, type Settling } from '../../src/model/action.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { BlacklistCandidate } from '../../src/policy/project-blacklist.js';
import { grantedLimitsOf, scaleDownMemoryMs } from '../../src/policy/recall-experience.js';
import { actDecisions, sampleAction } from '../support/action-log-samples.js';
import { operatorWith } from '../support/actions.js';
import { recalledWith } from '../support/recalled-logs.js';
import { operatorEvaluation, operatorMeasurement, scaleUpAction, topologyEvaluation } from '../support/evaluations.js';
import { settingsWith } from '../support/measurements.js';

const NOW_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const HORIZON = { nowMs: NOW_MS, actionsSinceMs: 0, recentSinceMs: 0, tellingSinceMs: 0, refusedSinceMs: 0 };
const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });

await t.test('a claim of another process is open here, too, until its judgement, at any age', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  const action = scaleUpAction();
  await log.claimAction(action, actDecisions(action));
  const now = { actionsSinceMs: NOW_MS, recentSinceMs: NOW_MS, tellingSinceMs: NOW_MS, refusedSinceMs: NOW_MS };
  const recall = () => new LogReader(log, logger).recall({ nowMs: NOW_MS, ...now });
  t.strictSame(NOTHING_RECALLED.openActions(action.topology), [], 'not read yet');
  const recalled = await recall();
  t.match(recalled.openActions(action.topology), [
    { id: action.id, operators: [{ desiredParallelism: action.operators[0].desiredParallelism }] },
  ]);
  t.strictSame(recalled.openActions('another'), []);
  await log.judgeAction(action.id, 'cancelled', NOW_MS);
  t.strictSame((await recall()).openActions(action.topology), []);
  t.equal(recalled.openActions(action.topology).length, 1, 'a reading never changes');
});

await t.test('a failed or unsent action does not show that the operator has the desired parallelism', (t) => {
  const judged = (more: Partial<Action>): Action => sampleAction({ state: 'judged', ...more });
  const tables: readonly (readonly [string, Partial<Action>, number | null])[] = [
    ['refused', { outcome: 'failed' }, null],
    ['cancelled before it was sent', { outcome: 'cancelled' }, null],
    ['cancelled after it was sent', { outcome: 'cancelled', attempts: 1 }, 4],
    ['carried out, then failed', { outcome: 'failed', completedAtMs: NOW_MS }, 4],
    ['not applied', { outcome: 'not_applied', completedAtMs: NOW_MS }, 4],
    ['resolved', { outcome: 'resolved', completedAtMs: NOW_MS }, 4],
  ];
  for (const [title, more, asked] of tables) {
    const recalled = recalledWith({ recent: [judged(more)] });
    t.equal(recalled.askedFor('wordcount', 'split')?.parallelism ?? null, asked, title);
  }
  t.end();
});

await t.test('each operator of a plan has its own history', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  const operators = [
    operatorWith({ operator: 'split', desiredParallelism: 12 }),
    operatorWith({ operator: 'count', desiredParallelism: 24 }),
  ] as const;
  const judged = async (action: Action, outcome: Outcome, because?: Failed | Blame): Promise<void> => {
    await log.claimAction(action, actDecisions(action));
    await log.recordAttempt(action.id);
    await log.completeAction(action.id, NOW_MS, null);
    await log.judgeAction(action.id, outcome, NOW_MS, because);
  };
  await judged(sampleAction({ operators, claimedAtMs: NOW_MS }), 'ineffective', { blamed: ['split'] });
  const refusal = { webhookMark: 'mark', limits: { count: 20 } };
  await judged(sampleAction({ operators, claimedAtMs: NOW_MS + 1 }), 'failed', { failure: 'too much', refusal });
  const recalled = await new LogReader(log, logger).recall(HORIZON);
  t.strictSame(recalled.askedFor('wordcount', 'split')?.parallelism, 12);
  t.strictSame(recalled.askedFor('wordcount', 'count')?.parallelism, 24);
  t.equal(recalled.askedFor('wordcount', 'source'), null);
  t.ok(recalled.wasIneffective('wordcount', 'split', 'scale_up', 0));
  t.notOk(
    recalled.wasIneffective('wordcount', 'count', 'scale_up', 0),
    'it followed another operator, and is not blamed',
  );
  for (const operator of ['split', 'count']) {
    t.match(recalled.refusedSince('wordcount', operator, 'scale_up', 0), [{ refusal }], 'both were refused');
  }
  t.strictSame(recalled.refusedSince('wordcount', 'source', 'scale_up', 0), []);
});

await t.test(
  'a parallelism that was not granted limits the operator for blacklist_ttl, or until more is granted',
  async (t) => {
    const log = await createActionLog({ path: t.testdir() });
    t.teardown(() => log.close());
    const settings = settingsWith({});
    const askedAgo = async (hours: number, outcome: Outcome, settling: Partial<Settling> = {}): Promise<string> => {
      const atMs = NOW_MS - hours * HOUR_MS;
      const action = sampleAction({ currentParallelism: 5, desiredParallelism: 12, claimedAtMs: atMs });
      await log.claimAction(action, actDecisions(action));
      await log.completeAction(action.id, atMs, null);
      await log.recordSettling(action.id, { ...NOT_SETTLED, ...settling });
      await log.judgeAction(action.id, outcome, atMs + 60_000);
      return action.id;
    };
    /** The limit after everything that is not needed was pruned. */
    const limit = async (atMs = NOW_MS): Promise<number | undefined> => {
      const since = { actionsSinceMs: atMs - HOUR_MS, recentSinceMs: atMs - HOUR_MS, refusedSinceMs: atMs };
      const recall = (): Promise<RecalledLog> =>
        new LogReader(log, logger).recall({ nowMs: atMs, ...since, tellingSinceMs: atMs - settings.blacklistTtlMs });
      await log.prune(
        atMs - HOUR_MS,
        (await recall()).idsInForce(() => settings, atMs),
      );
      return grantedLimitsOf((await recall()).actionsOf('wordcount'), settings, atMs).get('split');
    };
    await askedAgo(20, 'not_applied');
    t.equal(await limit(), 5, 'nothing was granted');
    const seven = { granted: { split: 7 }, firstSeenAtMs: NOW_MS - 10 * HOUR_MS };
    const given = await askedAgo(10, 'unknown', seven);
    t.equal(await limit(), 7, 'a part was granted, with an unknown outcome');
    t.ok((await log.action(given)) !== null);
    t.equal((await log.actions({})).length, 1, 'its action is kept');
    t.equal(await limit(NOW_MS + 15 * HOUR_MS), undefined, 'blacklist_ttl is over');
    await askedAgo(3, 'superseded', { firstSeenAtMs: NOW_MS - 3 * HOUR_MS });
    t.equal(await limit(), undefined, 'all was granted');
  },
);

await t.test('a reversal with an unknown outcome extends the memory for blacklist_ttl', async (t) => {
  const log = await createActionLog({ path: t.testdir() });
  t.teardown(() => log.close());
  for (const [minutes, resolver] of [
    [400, 'scale_down'],
    [380, 'scale_up'],
  ] as const) {
    const atMs = NOW_MS - minutes * 60_000;
    const action = sampleAction({ resolver, claimedAtMs: atMs });
    await log.claimAction(action, actDecisions(action));
    await log.judgeAction(action.id, 'unknown', atMs + 60_000);
  }
  const recalled = await new LogReader(log, logger).recall({
    nowMs: NOW_MS,
    actionsSinceMs: NOW_MS - HOUR_MS,
    recentSinceMs: NOW_MS - HOUR_MS,
    tellingSinceMs: NOW_MS - 24 * HOUR_MS,
    refusedSinceMs: NOW_MS,
  });
  t.equal(scaleDownMemoryMs(recalled.actionsOf('wordcount'), settingsWith({}), NOW_MS), 2 * HOUR_MS);
});

await t.test('the entry of a harmful scale-down gives the lower limit of further scale-downs', (t) => {
  const candidate: BlacklistCandidate = {
    id: 'a',
    place: 0,
    topology: 'wordcount',
    operator: 'split',
    diagnosis: 'overprovisioning',
    resolver: 'scale_down',
    cause: 'harmful',
    sinceMs: 0,
    expiresAtMs: null,
    harmfulRatePerInstance: 300,
    failedOfferedRate: null,
  };
  /** The lower limit at this parallelism and rate, records/s. */
  const floor = (
    parallelism: number | null,
    total: number | null,
    more: Partial<BlacklistCandidate> = {},
  ): number | null => {
    const processingRate =
      total === null ? ({ kind: 'missing', because: 'x' } as const) : { ...measured, total, lowestTotal: total };
    const measurement = operatorMeasurement('split', { parallelism, processingRate });
    const evaluation = topologyEvaluation('wordcount', [operatorEvaluation('split', { measurement })]);
    return entryUnderLoad({ ...candidate, ...more }, evaluation, settingsWith({})).floor;
  };
  const measured = { kind: 'measured', mean: 1, max: 1, min: 1 } as const;
  t.equal(floor(3, 700), 3, '700 records/s, at 240 for an instance');
  t.equal(floor(3, 1700), 8, 'more than the present instances: none is removed');
  t.equal(floor(10, 700), 8, 'no step is larger than a fifth');
  t.equal(floor(10, 700, { harmfulRatePerInstance: null }), 10, 'the harmful rate is not known');
  t.equal(floor(10, null), null, 'the load is not known');
  t.equal(floor(null, 700), null);
  t.equal(floor(10, 700, { resolver: 'rebalance', diagnosis: 'data_skew' }), null, 'it is another diagnosis');
  t.equal(entryUnderLoad(candidate, undefined, settingsWith({})).floor, null, 'without a look');
  t.end();
});
