import fc from 'fast-check';
import t from 'tap';
import { NOT_SETTLED, type Action, type Settling } from '../../src/model/action.js';
import { RESOLVER_OF } from '../../src/model/resolver.js';
import {
  engineWaitsUntilMs,
  LONGEST_ENGINE_WAIT_MS,
  mayWait,
  settledByMs,
  waitOverMs,
} from '../../src/policy/engine-wait.js';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import { judgeAction } from '../../src/policy/judge-action.js';
import { actionWith } from '../support/actions.js';
import { flinkTopology, MINUTE_MS, MISSING, settingsWith, type OperatorSketch } from '../support/measurements.js';

const WINDOW_MS = 5 * MINUTE_MS;
const SETTINGS = settingsWith({ settlingTimeMs: 5.5 * MINUTE_MS });
const CALLED = actionWith({
  resolver: 'scale_up',
  diagnosis: 'underprovisioning',
  state: 'completed',
  claimedAtMs: -5000,
  completedAtMs: 0,
  currentParallelism: 2,
  desiredParallelism: 4,
});
const settledAs = (settling: Partial<Settling>): Action => ({ ...CALLED, settling: { ...NOT_SETTLED, ...settling } });

const TABLE: readonly [fact: string, settling: Partial<Settling>, untilMs: number | null, overMs: number][] = [
  ['an unknown wait ends with the call', {}, null, 0],
  ['a known wait counts from the call', { engineWaitMs: 180_000 }, 180_000, 180_000],
  ['a change ends the wait', { engineWaitMs: 180_000, changeSeenAtMs: 70_000 }, null, 70_000],
  ['a later change does not extend it', { engineWaitMs: 180_000, changeSeenAtMs: 200_000 }, null, 180_000],
  ['a visible effect ends the wait', { engineWaitMs: 180_000, firstSeenAtMs: 90_000 }, null, 90_000],
  ['a change without a known wait ends with the call', { changeSeenAtMs: 70_000 }, null, 0],
  ['an excessive wait counts as a day', { engineWaitMs: 1e15 }, LONGEST_ENGINE_WAIT_MS, LONGEST_ENGINE_WAIT_MS],
  ['a negative wait is no wait', { engineWaitMs: -180_000 }, null, 0],
];

for (const [fact, settling, untilMs, overMs] of TABLE) {
  void t.test(fact, (t) => {
    const action = settledAs(settling);
    t.equal(engineWaitsUntilMs(action), untilMs);
    t.equal(mayWait(action, (untilMs ?? 1) - 1), untilMs !== null);
    t.notOk(mayWait(action, untilMs ?? 0));
    t.equal(waitOverMs(action), overMs);
    t.equal(settledByMs(action, SETTINGS), overMs + 5.5 * MINUTE_MS);
    t.end();
  });
}

void t.test('there is no wait before the answer to the call', (t) => {
  const action: Action = { ...settledAs({ engineWaitMs: 180_000 }), state: 'claimed', completedAtMs: null };
  t.equal(engineWaitsUntilMs(action), null);
  t.end();
});

/** A look at split, which is scaled from 2 to 4; null: the look fails. */
const LOOKS: Readonly<Record<string, OperatorSketch | null>> = {
  asBefore: { parallelism: 2 },
  applied: { parallelism: 4 },
  inPart: { parallelism: 3 },
  more: { parallelism: 7 },
  gone: { parallelism: null, pending: MISSING },
  incomplete: { parallelism: 3, incompleteBecause: 'one is missing' },
  failed: null,
};
const lookNames = fc.constantFrom(...Object.keys(LOOKS));
const waits = fc.option(fc.oneof(fc.integer({ min: 0, max: 90 * MINUTE_MS }), fc.constantFrom(-1, 0.5, 1e300)));

/** Judges at each minute; after the last look, by that look. */
function judgeAt(names: readonly string[], waitOf: (minute: number) => number | null) {
  let settling: Settling = NOT_SETTLED;
  for (let minute = 1; ; minute += 1) {
    const engineWaitMs = waitOf(minute) ?? settling.engineWaitMs;
    const look = LOOKS[names[Math.min(minute, names.length) - 1] ?? ''] ?? null;
    const evaluation =
      look &&
      evaluateTopology(
        flinkTopology({ source: { source: true }, split: { inputs: ['source'], ...look } }),
        SETTINGS,
        (_, diagnosis) => RESOLVER_OF[diagnosis],
      );
    const nowMs = minute * MINUTE_MS;
    const action = { ...CALLED, settling: { ...settling, engineWaitMs } };
    const judgement = judgeAction({ action, evaluation, settings: SETTINGS, windowMs: WINDOW_MS, nowMs });
    if (judgement.kind === 'judged') return { outcome: judgement.outcome, atMs: nowMs, engineWaitMs };
    settling = judgement.settling;
  }
}

void t.test(
  'for all looks, an action is not `not_applied` before the wait of its engine, and is judged after it',
  (t) => {
    const looks = fc.array(lookNames, { minLength: 1, maxLength: 120 });
    const boundMs = (wait: number): number =>
      wait + Math.max(3 * SETTINGS.settlingTimeMs, SETTINGS.catchUpMs) + 2 * WINDOW_MS + 2 * MINUTE_MS;
    fc.assert(
      fc.property(looks, waits, fc.integer({ min: 1, max: 5 }), (names, wait, toldAt) => {
        const { outcome, atMs } = judgeAt(names, (minute) => (minute >= toldAt ? wait : null));
        const waited = wait === null ? 0 : Math.min(Math.max(0, wait), LONGEST_ENGINE_WAIT_MS);
        if (outcome === 'not_applied' && atMs < waited + SETTINGS.settlingTimeMs) return false;
        return atMs <= boundMs(waited) + names.length * MINUTE_MS;
      }),
      { numRuns: 300 },
    );
    t.end();
  },
);

void t.test('without a known wait an action is judged by its settling time alone', (t) => {
  fc.assert(
    fc.property(fc.array(lookNames, { minLength: 1, maxLength: 60 }), (names) => {
      const [unknown, none] = [judgeAt(names, () => null), judgeAt(names, () => 0)];
      return unknown.outcome === none.outcome && unknown.atMs === none.atMs;
    }),
    { numRuns: 100 },
  );
  t.end();
});
