import t from 'tap';
import { NOT_SETTLED, type Action } from '../../src/model/action.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';
import { expectJudgement } from '../../src/policy/expect-judgement.js';
import { scaleUpAction } from '../support/evaluations.js';

const WINDOW_MS = 120_000;
const SETTINGS = { settlingTimeMs: 150_000, catchUpMs: 1_800_000 } as PolicySettings;
const COMPLETED: Partial<Action> = { state: 'completed', claimedAtMs: -5000, completedAtMs: 0 };
const settled = (seenAtMs: number | null, backlogNormalAtMs: number | null, gapSeenAtMs: number | null = null) => ({
  settling: { ...NOT_SETTLED, gapSeenAtMs, seenAtMs, firstSeenAtMs: seenAtMs, backlogNormalAtMs },
});

const TABLE: readonly [
  fact: string,
  action: Partial<Action>,
  nowMs: number,
  expected: ReturnType<typeof expectJudgement>,
][] = [
  ['a judged action has no expectation', { state: 'judged' }, 0, null],
  [
    'a dry run is over after the settling time',
    { ...COMPLETED, dryRun: true },
    10_000,
    { phase: 'observing', earliestAtMs: 145_000, waitsUntilMs: 145_000 },
  ],
  [
    'a call is repeated until it expires',
    { state: 'claimed', expiresAtMs: 300_000 },
    0,
    { phase: 'calling', earliestAtMs: null, waitsUntilMs: 300_000 },
  ],
  [
    'an effect that is not visible yet takes at least a minute and a window from now',
    { ...COMPLETED, ...settled(null, null) },
    10_000,
    { phase: 'awaiting_effect', earliestAtMs: 190_000, waitsUntilMs: 1_800_000 },
  ],
  [
    'an action without a change of parallelism gets the settling time',
    { ...COMPLETED, resolver: 'restart_instances', ...settled(null, null) },
    10_000,
    { phase: 'awaiting_effect', earliestAtMs: 330_000, waitsUntilMs: 1_800_000 },
  ],
  [
    'unless its restart was seen',
    { ...COMPLETED, resolver: 'restart_instances', ...settled(null, null, 5000) },
    10_000,
    { phase: 'awaiting_effect', earliestAtMs: 190_000, waitsUntilMs: 1_800_000 },
  ],
  [
    'a scale-down waits for a minute of catching up after a backlog, then a window',
    { ...COMPLETED, resolver: 'scale_down', ...settled(20_000, null) },
    30_000,
    { phase: 'awaiting_backlog', earliestAtMs: 210_000, waitsUntilMs: 1_800_000 },
  ],
  [
    'a scale-up waits for a minute and a window from the time its effect was seen',
    { ...COMPLETED, ...settled(20_000, null) },
    30_000,
    { phase: 'observing', earliestAtMs: 200_000, waitsUntilMs: 1_800_000 },
  ],
  [
    'with one that is gone, a minute more',
    { ...COMPLETED, resolver: 'scale_down', ...settled(20_000, 50_000) },
    60_000,
    { phase: 'observing', earliestAtMs: 230_000, waitsUntilMs: 1_800_000 },
  ],
];

for (const [fact, action, nowMs, expected] of TABLE) {
  await t.test(fact, (t) => {
    t.strictSame(expectJudgement(scaleUpAction(action), SETTINGS, WINDOW_MS, nowMs), expected);
    t.end();
  });
}

await t.test('what the engine waits for first comes on top, until it has done something', (t) => {
  const awaited = scaleUpAction({ ...COMPLETED, settling: { ...NOT_SETTLED, engineWaitMs: 600_000 } });
  t.strictSame(expectJudgement(awaited, SETTINGS, WINDOW_MS, 10_000), {
    phase: 'awaiting_effect',
    earliestAtMs: 190_000,
    waitsUntilMs: 2_400_000,
  });
  const changed = scaleUpAction({
    ...COMPLETED,
    settling: { ...NOT_SETTLED, engineWaitMs: 600_000, changeSeenAtMs: 20_000 },
  });
  t.equal(expectJudgement(changed, SETTINGS, WINDOW_MS, 30_000)?.waitsUntilMs, 1_820_000);
  t.end();
});

await t.test('three settling times are waited where that is longer than catching up', (t) => {
  const action = scaleUpAction({ ...COMPLETED, ...settled(null, null) });
  t.equal(expectJudgement(action, { ...SETTINGS, catchUpMs: 60_000 }, WINDOW_MS, 0)?.waitsUntilMs, 450_000);
  t.end();
});
