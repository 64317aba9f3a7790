import t from 'tap';
import { NOT_SETTLED, type Action, type OperatorReason } from '../../src/model/action.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';
import {
  countReversals,
  grantedLimitsOf,
  recallExperience,
  scaleDownMemoryMs,
  wasIneffective,
} from '../../src/policy/recall-experience.js';
import { actionWith, type ActionChanges } from '../support/actions.js';
import { MINUTE_MS, settingsWith } from '../support/measurements.js';

const NOW_MS = 100 * 60 * MINUTE_MS;
const NOBODY = {
  blacklist: [],
  neededPeaks: new Map<string, never>(),
  busyBefore: new Map<string, never>(),
  rescaledAtMs: null,
};

let actions = 0;

/** A judged action, claimed `minutes` minutes ago. */
function ago(minutes: number, changes: ActionChanges = {}, outcome: Outcome = 'resolved'): Action {
  const claimedAtMs = NOW_MS - minutes * MINUTE_MS;
  actions += 1;
  return actionWith({
    id: String(actions),
    state: 'judged',
    outcome,
    claimedAtMs,
    completedAtMs: claimedAtMs,
    judgedAtMs: claimedAtMs + 5 * MINUTE_MS,
    ...changes,
  });
}

const down: ActionChanges = {
  resolver: 'scale_down',
  diagnosis: 'overprovisioning',
  currentParallelism: 8,
  desiredParallelism: 4,
};

function recall(past: readonly Action[], more: Partial<typeof NOBODY> & { rescaledAtMs?: number | null } = {}) {
  return recallExperience({ ...NOBODY, ...more, actions: past }, settingsWith({}), NOW_MS);
}

await t.test('what an operator could do when it was last a culprit is remembered for blacklist_ttl', (t) => {
  const culprit = { reason: { processingRate: 300, effectiveBusy: 0.75, suspendedRatio: 0.4 } };
  const of = (...past: readonly Action[]): number | undefined => recall(past).capacityPerInstance.get('split');
  t.equal(of(ago(90, culprit)), 200, '300 records/s on 2 instances that were 0.75 busy');
  t.equal(of(ago(90, culprit), ago(20, { reason: { ...culprit.reason, processingRate: 330 } })), 220, 'the last time');
  t.equal(of(ago(25 * 60, culprit)), undefined, 'too long ago');
  t.equal(of(ago(90, { reason: { ...culprit.reason, suspendedRatio: 0 } })), undefined, 'a follower is not a culprit');
  t.equal(of(ago(90, { reason: { ...culprit.reason, effectiveBusy: null } })), undefined, 'it was not known');
  t.equal(of(ago(90, { ...culprit, resolver: 'scale_down' })), undefined);
  const skewed = (reason: Partial<OperatorReason>): Action =>
    ago(90, { resolver: 'rebalance', reason: { ...culprit.reason, ...reason } });
  t.equal(of(skewed({ busiestRate: 250 })), 250, 'a hot key filled one instance');
  t.equal(of(skewed({ busiestRate: null })), undefined, 'an earlier version did not note it');
  t.end();
});

await t.test('a capacity is proven once the operator was scaled down and was too small again', (t) => {
  const up = (minutes: number, processingRate: number, more: ActionChanges = {}): Action =>
    ago(minutes, { reason: { processingRate, effectiveBusy: 1, suspendedRatio: 0.4 }, ...more });
  const isProven = (...past: readonly Action[]): boolean => recall(past).provenCapacity.has('split');
  const between = ago(200, down);
  t.ok(isProven(up(300, 375), between, up(61, 300)), '187.5 and 150 records/s on each instance');
  t.ok(isProven(ago(121, down), up(61, 300)), 'within an hour after the scale-down');
  t.notOk(isProven(ago(122, down), up(61, 300)), 'later, and once: it may be that of a slow instance');
  t.notOk(isProven(up(300, 375), up(61, 300)), 'it was not scaled down: that may be one slow instance');
  t.notOk(isProven(up(300, 376), between, up(61, 300)), 'not the same');
  t.ok(isProven(up(600, 300), between, up(150, 900), up(61, 310)), 'with another one in between');
  t.notOk(isProven(up(300, 300), ago(200, down, 'failed'), up(61, 300)), 'a scale-down that came to nothing');
  t.notOk(isProven(up(300, 300), between, { ...up(61, 300), outcome: 'cancelled' }), 'such a scale-up');
  t.notOk(isProven(up(300, 300), between, up(61, 300, { diagnosis: 'slow_instances' })), 'an instance was slow');
  t.notOk(isProven(up(25 * 60, 300), between, up(61, 300)), 'before blacklist_ttl');
  t.notOk(isProven(up(300, 300, { operator: 'count' }), between, up(61, 300)), 'of another operator');
  t.end();
});

await t.test('the busy ratio of a full operator is remembered', (t) => {
  t.equal(recall([ago(90, { reason: { fullBusy: 0.5 } })]).fullBusy.get('split'), 0.5);
  t.equal(recall([ago(90, { reason: { fullBusy: 1 } })]).fullBusy.get('split'), undefined);
  t.equal(recall([ago(90)]).fullBusy.get('split'), undefined);
  t.end();
});

await t.test('the parallelism before a scale-down of the last hour is remembered, unless it was reverted', (t) => {
  const of = (...past: readonly Action[]): number | undefined => recall(past).scaledDownFrom.get('split');
  t.equal(of(ago(59, down)), 8);
  t.equal(of(ago(61, down)), undefined);
  t.equal(of(ago(30, { ...down, revertedBy: 'another' }, 'harmful')), undefined);
  t.equal(of(ago(30, down, 'not_applied')), undefined);
  t.equal(of(ago(30, { ...down, dryRun: true })), undefined);
  t.end();
});

await t.test('a scale-up within the hour after a scale-down that shares an operator is a reversal', (t) => {
  const up = (minutes: number, operator = 'split'): Action => ago(minutes, { operator });
  t.equal(countReversals([ago(90, down), up(40)]), 1);
  t.equal(countReversals([ago(90, down), up(20)]), 0, 'more than an hour later');
  t.equal(countReversals([up(90), ago(40, down)]), 0, 'the other way round');
  t.equal(countReversals([ago(90, down), up(40, 'count')]), 0, 'of other operators');
  t.equal(countReversals([ago(90, down), ago(40, {}, 'failed')]), 0, 'one that came to nothing');
  t.equal(countReversals([ago(300, down), up(250), ago(90, down), up(40)]), 2);
  t.equal(recall([ago(90, down), up(40)]).hasReversed, true);
  t.equal(recall([ago(90, down)]).hasReversed, false);
  t.end();
});

await t.test('the memory doubles with each reversal, up to its maximum', (t) => {
  const memory = (past: readonly Action[], changes: Partial<PolicySettings> = {}): number =>
    scaleDownMemoryMs(past, settingsWith(changes), NOW_MS) / MINUTE_MS;
  const once = [ago(90, down), ago(40)];
  const twice = [ago(300, down), ago(250), ...once];
  const thrice = [ago(600, down), ago(550), ...twice];
  t.equal(memory([]), 60);
  t.equal(memory(once), 120);
  t.equal(memory(twice), 240);
  t.equal(memory(thrice), 240);
  t.equal(memory(thrice, { blacklistTtlMs: 200 * MINUTE_MS }), 120, 'only actions within blacklist_ttl');
  t.end();
});

await t.test('a part that was granted limits the operator, until more is granted', (t) => {
  const asking = { currentParallelism: 1, desiredParallelism: 12 };
  const granted = (minutes: number, most: number | null): Action =>
    ago(minutes, {
      ...asking,
      settling: { ...NOT_SETTLED, firstSeenAtMs: 0, granted: most === null ? null : { split: most } },
    });
  const limit = (...past: readonly Action[]): number | undefined =>
    grantedLimitsOf(past, settingsWith({}), NOW_MS).get('split');
  t.equal(limit(granted(90, 5)), 5);
  t.equal(limit(granted(90, 5), granted(30, 7)), 7, 'the last one counts');
  t.equal(limit(granted(90, 5), granted(30, null)), undefined, 'all of it was granted since');
  t.equal(limit(ago(90, asking, 'not_applied')), 1, 'nothing was granted');
  t.equal(limit(ago(90, { ...asking, ...down }, 'not_applied')), undefined, 'a scale-down asks for no more');
  t.equal(limit(granted(25 * 60, 5)), undefined);
  t.equal(grantedLimitsOf([granted(90, 5)], settingsWith({}), NOW_MS).get('constructor'), undefined);
  t.end();
});

await t.test('harm is a lower limit for the blamed operators', (t) => {
  const entry = {
    id: '1',
    place: 0,
    topology: 'wordcount',
    operator: 'split',
    diagnosis: 'overprovisioning',
    cause: 'harmful',
    sinceMs: 0,
    expiresAtMs: null,
    harmfulRatePerInstance: 300,
    failedOfferedRate: null,
  } as const;
  const blacklist = [
    { ...entry, resolver: 'scale_down' },
    { ...entry, operator: 'count', resolver: 'rebalance' },
  ] as const;
  const { floors } = recallExperience({ ...NOBODY, blacklist, actions: [] }, settingsWith({}), NOW_MS);
  t.strictSame([...floors], [['split', { harmfulRatePerInstance: 300 }]]);
  t.end();
});

await t.test('the last change is the effect of an action, an open action, or a change by others', (t) => {
  const seen = (seenAtMs: number): ActionChanges => ({ settling: { ...NOT_SETTLED, seenAtMs } });
  t.equal(recall([]).changedAtMs, null);
  t.equal(recall([ago(90, seen(7)), ago(30, seen(9))]).changedAtMs, 9);
  t.equal(recall([ago(30, { state: 'completed', outcome: null })]).changedAtMs, NOW_MS, 'it is not visible yet');
  t.equal(recallExperience({ ...NOBODY, rescaledAtMs: 5, actions: [] }, settingsWith({}), NOW_MS).changedAtMs, 5);
  t.end();
});

await t.test('a restart is of no use where it was ineffective, or twice not enough', (t) => {
  const restart = (minutes: number, outcome: Outcome, changes: ActionChanges = {}): Action =>
    ago(minutes, { resolver: 'restart_instances', ...changes }, outcome);
  const useless = (...past: readonly Action[]): boolean =>
    wasIneffective(past, 'split', 'restart_instances', NOW_MS - 120 * MINUTE_MS);
  t.equal(useless(restart(60, 'ineffective')), true);
  t.equal(useless(restart(60, 'resolved')), false);
  t.equal(useless(restart(90, 'resolved'), restart(60, 'improved')), true, 'whatever came of them');
  t.equal(useless(restart(90, 'resolved'), restart(60, 'unknown')), false, 'one outcome is unknown');
  t.equal(useless(restart(130, 'resolved'), restart(60, 'resolved')), false, 'one is too long ago');
  t.equal(useless(restart(60, 'ineffective', { operator: 'count' })), false, 'of another operator');
  t.equal(useless(restart(60, 'ineffective', { blamed: ['count'] })), false, 'it counts against another one');
  t.equal(useless(ago(60, {}, 'ineffective')), false, 'of another resolver');
  t.end();
});
