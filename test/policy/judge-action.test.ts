import t from 'tap';
import { NOT_SETTLED, type Action, type Settling } from '../../src/model/action.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import { RESOLVER_OF } from '../../src/model/resolver.js';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import { judgeAction } from '../../src/policy/judge-action.js';
import { actionWith } from '../support/actions.js';
import { flinkTopology, MINUTE_MS, MISSING, settingsWith, type OperatorSketch } from '../support/measurements.js';

const WINDOW_MS = 5 * MINUTE_MS;
const settings = settingsWith({ settlingTimeMs: 5.5 * MINUTE_MS });

interface Sighting {
  /** Minutes since the call succeeded. */
  minute: number;
  split?: OperatorSketch;
  source?: OperatorSketch;
}

/** Judges the action at each sighting in turn, as the control loop does; returns the last answer, with its minute. */
function judgeAll(action: Action, sightings: readonly Sighting[], settled = NOT_SETTLED): string {
  let settling: Settling = settled;
  for (const { minute, split, source } of sightings) {
    const measurement: TopologyMeasurement = flinkTopology({
      source: { source: true, ...source },
      split: { inputs: ['source'], parallelism: 4, ...split },
    });
    const evaluation = evaluateTopology(measurement, settings, (_, diagnosis) => RESOLVER_OF[diagnosis]);
    const nowMs = minute * MINUTE_MS;
    const judgement = judgeAction({
      action: { ...action, settling },
      evaluation,
      settings,
      windowMs: WINDOW_MS,
      nowMs,
    });
    if (judgement.kind === 'judged') return `${judgement.outcome} at ${minute}`;
    settling = judgement.settling;
  }
  return 'waiting';
}

const minutes = (from: number, to: number, sighting: Omit<Sighting, 'minute'> = {}): Sighting[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ minute: from + index, ...sighting }));

const scaleUp = actionWith({
  resolver: 'scale_up',
  diagnosis: 'underprovisioning',
  state: 'completed',
  completedAtMs: 0,
  currentParallelism: 2,
  desiredParallelism: 4,
  reason: {
    suspendedRatio: 0.5,
    pendingPackets: 90,
    processingRate: 100,
    sourceBacklog: null,
    offeredRate: 200,
    servedRate: 100,
    missingSensors: [],
  },
});
const scaleDown = { ...scaleUp, resolver: 'scale_down', diagnosis: 'overprovisioning', currentParallelism: 5 } as const;
const restart = {
  ...scaleUp,
  resolver: 'restart_instances',
  diagnosis: 'slow_instances',
  currentParallelism: 4,
} as const;

await t.test('an action is judged a full window and a minute after the new parallelism is seen', (t) => {
  t.equal(judgeAll(scaleUp, minutes(1, 9)), 'resolved at 7');
  t.equal(judgeAll(scaleUp, [...minutes(1, 2, { split: { parallelism: 2 } }), ...minutes(3, 9)]), 'resolved at 9');
  t.equal(judgeAll(scaleUp, minutes(1, 6)), 'waiting');
  t.end();
});

await t.test('a gap in the data delays the judgement until a full window is covered again', (t) => {
  const hole = (last: number) => minutes(3, last, { split: { pending: MISSING } });
  t.equal(judgeAll(scaleUp, [...minutes(1, 2), ...hole(4), ...minutes(5, 20)]), 'resolved at 11');
  t.equal(
    judgeAll(scaleUp, [...minutes(1, 2), ...hole(3), ...minutes(4, 20)]),
    'resolved at 7',
    'one missing look is not a gap',
  );
  t.equal(judgeAll(scaleUp, minutes(1, 40, { split: { pending: MISSING } })), 'unknown at 30', 'but not for ever');
  t.equal(
    judgeAll(scaleUp, [...minutes(1, 29, { split: { pending: MISSING } }), ...minutes(30, 40)]),
    'resolved at 35',
    'data that comes late fills its window first',
  );
  const unanswered = actionWith({ ...scaleUp, failure: 'answered 503' });
  t.equal(
    judgeAll(unanswered, minutes(1, 40, { split: { pending: MISSING } })),
    'failed at 30',
    'a call that never succeeded, without a visible effect, has failed',
  );
  const blind = actionWith({ ...scaleUp, reason: { ...scaleUp.reason, missingSensors: ['source/busy'] } });
  t.equal(
    judgeAll(blind, minutes(1, 9, { source: { busy: MISSING } })),
    'resolved at 7',
    'a sensor that was missing before is not waited for',
  );
  t.end();
});

await t.test('scale_up is resolved, improved or ineffective', (t) => {
  const pressed = (backpressure: number, rate: number): Omit<Sighting, 'minute'> => ({
    source: { backpressure: [backpressure], rate: [rate] },
    split: { rate: [rate / 4, rate / 4, rate / 4, rate / 4], busy: [1, 1, 1, 1], pending: [90, 90, 90, 90] },
  });
  t.equal(judgeAll(scaleUp, minutes(1, 9, pressed(0, 200))), 'resolved at 7');
  t.equal(judgeAll(scaleUp, minutes(1, 9, pressed(0.4, 100))), 'improved at 7', 'b / (1 − b) fell from 1 to 0.67');
  t.equal(judgeAll(scaleUp, minutes(1, 9, pressed(0.49, 100))), 'ineffective at 7');
  t.equal(judgeAll(scaleUp, minutes(1, 9, pressed(0.5, 111))), 'improved at 7', 'the rate rose by more than a tenth');
  const saturated = actionWith({ ...scaleUp, reason: { ...scaleUp.reason, suspendedRatio: 0.9 } });
  t.equal(
    judgeAll(saturated, minutes(1, 9, pressed(0.88, 100))),
    'improved at 7',
    'from 0.9 to 0.88 is a fall of b / (1 − b) by 19 %',
  );
  t.end();
});

await t.test('scale_down is resolved, or harmful if pressure or a growing backlog follows', (t) => {
  t.equal(judgeAll(scaleDown, minutes(1, 9)), 'resolved at 7');
  const behind = { rate: [100], busy: [1], backlog: 9000, backlogSlope: 20 };
  t.equal(judgeAll(scaleDown, minutes(1, 40, { source: behind })), 'harmful at 7');
  const held = (busy: number, backpressure = 0.2): Omit<Sighting, 'minute'> => {
    return {
      source: { backpressure: [backpressure] },
      split: { busy: Array<number>(4).fill(busy), pending: [9, 9, 9, 9] },
    };
  };
  t.equal(judgeAll(scaleDown, minutes(1, 9, held(1))), 'harmful at 7', 'a full instance has 1.25 times its load');
  t.equal(
    judgeAll(scaleDown, minutes(1, 40, held(0.85, 0.1))),
    'resolved at 30',
    'an operator with time left only seems to hold up',
  );
  t.equal(
    judgeAll(scaleDown, [...minutes(1, 8, held(0.85, 0.1)), ...minutes(9, 40)]),
    'resolved at 9',
    'that is waited for',
  );
  const rush = { source: { backpressure: [0.5], rate: [130] }, split: { busy: [1, 1, 1, 1], pending: [9, 9, 9, 9] } };
  t.equal(judgeAll(scaleDown, minutes(1, 9, rush)), 'unknown at 7', '260 records/s are offered instead of 200');
  t.end();
});

await t.test('catching up after the restart is not harm', (t) => {
  const catchingUp = { source: { rate: [100], backpressure: [0.5], backlog: 6000, backlogSlope: -100 } };
  const caughtUp = { source: { rate: [100], backlog: 400, backlogSlope: 0 } };
  t.equal(
    judgeAll(scaleDown, [...minutes(1, 9, catchingUp), ...minutes(10, 30, caughtUp)]),
    'resolved at 16',
    'the window starts a minute after the backlog is back to five seconds of load',
  );
  t.equal(judgeAll(scaleDown, minutes(1, 40, catchingUp)), 'resolved at 30', 'delayed by at most catch_up');
  t.equal(
    judgeAll(scaleDown, [...minutes(1, 3, caughtUp), ...minutes(4, 8, catchingUp), ...minutes(9, 30, caughtUp)]),
    'resolved at 15',
    'a second restart delays it again, although the backlog was normal before',
  );
  t.end();
});

await t.test('a parallelism other than the desired one means that the action did not happen or was overtaken', (t) => {
  t.equal(judgeAll(scaleUp, minutes(1, 9, { split: { parallelism: 2 } })), 'not_applied at 6');
  t.equal(judgeAll(scaleUp, minutes(1, 12, { split: { parallelism: 3 } })), 'resolved at 12', 'fewer slots than asked');
  t.equal(judgeAll(scaleUp, minutes(1, 9, { split: { parallelism: 1 } })), 'superseded at 6', 'fewer than there were');
  t.equal(
    judgeAll(scaleUp, [...minutes(1, 2), ...minutes(3, 9, { split: { parallelism: 7 } })]),
    'superseded at 3',
    'another hand',
  );
  t.equal(
    judgeAll(scaleUp, [...minutes(1, 2), ...minutes(3, 9, { split: { parallelism: 2 } })]),
    'superseded at 3',
    'somebody put it back',
  );
  t.equal(
    judgeAll(scaleUp, [
      ...minutes(1, 2),
      ...minutes(3, 4, { split: { parallelism: null, pending: MISSING } }),
      ...minutes(5, 9, { split: { parallelism: 2 } }),
    ]),
    'superseded at 6',
    'somebody put it back, and the restart left a gap',
  );
  t.equal(
    judgeAll(scaleUp, [
      ...minutes(1, 2, { split: { parallelism: null, pending: MISSING } }),
      ...minutes(3, 9, { split: { parallelism: 2 } }),
    ]),
    'not_applied at 6',
    'a restart without the new parallelism applies nothing',
  );
  t.equal(
    judgeAll(scaleUp, [
      ...minutes(1, 2),
      ...minutes(3, 4, { split: { parallelism: 2, incompleteBecause: 'two are missing' } }),
      ...minutes(5, 12),
    ]),
    'resolved at 11',
    'instances that are missing are not fewer instances',
  );
  t.end();
});

await t.test('while the engine may wait, nothing is said of what is as before', (t) => {
  const waits = (waitMinutes: number | null): Settling => {
    return { ...NOT_SETTLED, engineWaitMs: waitMinutes === null ? null : waitMinutes * MINUTE_MS };
  };
  const before = { split: { parallelism: 2 } };
  const judge = (settling: Settling, sightings: readonly Sighting[]): string => judgeAll(scaleUp, sightings, settling);
  t.equal(judge(waits(null), minutes(1, 9, before)), 'not_applied at 6', 'not known: settling_time, as ever');
  t.equal(judge(waits(10), minutes(1, 40, before)), 'not_applied at 16', 'settling_time after the wait is over');
  t.equal(judge(waits(45), minutes(1, 90, before)), 'not_applied at 51', 'though that is longer than catch_up');
  t.equal(
    judge(waits(45), [...minutes(1, 39, before), ...minutes(40, 60)]),
    'resolved at 46',
    'what comes late counts',
  );
  t.equal(
    judge(waits(45), [...minutes(1, 39, before), ...minutes(40, 60, { split: { parallelism: 3 } })]),
    'resolved at 52',
    'fewer slots than asked: granted a settling_time after they are seen',
  );
  t.equal(
    judge(waits(45), minutes(1, 60, { split: { parallelism: 1 } })),
    'superseded at 7',
    'what has changed waits no more',
  );
  t.equal(
    judge(waits(10), [...minutes(1, 2, { split: { parallelism: 3 } }), ...minutes(3, 40, before)]),
    'not_applied at 16',
    'a glimpse of another parallelism does not end the wait',
  );
  const gone = { split: { parallelism: null, pending: MISSING } };
  t.equal(judge(waits(45), minutes(1, 90, gone)), 'unknown at 75', 'nor does what is not seen, for catch_up after it');
  t.equal(judge(waits(10_000), minutes(1, 2000, before)), 'not_applied at 1446', 'an absurd wait is a day');
  for (const absurd of [-1, NaN, Infinity, 1e300]) {
    const outcome = judge({ ...NOT_SETTLED, engineWaitMs: absurd }, minutes(1, 2000, before));
    t.match(outcome, absurd > 0 ? 'not_applied at 1446' : 'not_applied at 6', `${absurd}`);
  }
  t.end();
});

await t.test('a restart counts from the gap it leaves, or from the settling time if none was seen', (t) => {
  const gap = minutes(1, 1, { split: { parallelism: null, pending: MISSING } });
  t.equal(judgeAll(restart, [...gap, ...minutes(2, 20)]), 'resolved at 8');
  t.equal(judgeAll(restart, minutes(1, 20)), 'resolved at 12');
  t.end();
});

await t.test('a topology without looks delays the judgement, and is then unknown', (t) => {
  const input = { action: scaleUp, evaluation: null, settings, windowMs: WINDOW_MS };
  t.match(judgeAction({ ...input, nowMs: MINUTE_MS }), { kind: 'waiting', settling: { gapSeenAtMs: MINUTE_MS } });
  t.strictSame(judgeAction({ ...input, nowMs: 30 * MINUTE_MS }), { kind: 'judged', outcome: 'unknown', blamed: null });
  t.end();
});

/** A plan of two operators, with measurements of both at every minute. */
function judgePlan(
  action: Action,
  seen: Record<string, OperatorSketch>,
  [from, to]: readonly [number, number] = [1, 12],
): { readonly outcome: string; readonly blamed: Action['blamed']; readonly settling: Settling } {
  let settling: Settling = NOT_SETTLED;
  for (let minute = from; minute <= to; minute += 1) {
    const measurement = flinkTopology({ source: { source: true }, ...seen });
    const evaluation = evaluateTopology(measurement, settings, (_, diagnosis) => RESOLVER_OF[diagnosis]);
    const nowMs = minute * MINUTE_MS;
    const input = { action: { ...action, settling }, evaluation, settings, windowMs: WINDOW_MS, nowMs };
    const judgement = judgeAction(input);
    if (judgement.kind === 'judged') {
      return { outcome: `${judgement.outcome} at ${minute}`, blamed: judgement.blamed, settling };
    }
    settling = judgement.settling;
  }
  return { outcome: 'waiting', blamed: null, settling };
}

/** split 2 → 4 and count 3 → 9. */
const planUp: Action = {
  ...scaleUp,
  operators: [
    scaleUp.operators[0],
    {
      ...scaleUp.operators[0],
      operator: 'count',
      currentParallelism: 3,
      desiredParallelism: 9,
      reason: { ...scaleUp.operators[0].reason, suspendedRatio: 0 },
    },
  ],
};
const planDown: Action = {
  ...planUp,
  resolver: 'scale_down',
  operators: [
    { ...planUp.operators[0], diagnosis: 'overprovisioning', currentParallelism: 8 },
    {
      ...scaleUp.operators[0],
      operator: 'count',
      diagnosis: 'overprovisioning',
      currentParallelism: 12,
      desiredParallelism: 9,
    },
  ],
};
const split = (parallelism: number, more: OperatorSketch = {}): OperatorSketch => ({
  inputs: ['source'],
  parallelism,
  ...more,
});
const count = (parallelism: number, more: OperatorSketch = {}): OperatorSketch => ({
  inputs: ['split'],
  parallelism,
  ...more,
});

await t.test('a plan takes effect when all its operators have the desired parallelism', (t) => {
  t.equal(judgePlan(planUp, { split: split(4), count: count(9) }).outcome, 'resolved at 7');
  t.equal(judgePlan(planUp, { split: split(4), count: count(3) }, [1, 5]).settling.seenAtMs, null);
  t.equal(judgePlan(planUp, { split: split(2), count: count(3) }).outcome, 'not_applied at 6');
  t.equal(judgePlan(planUp, { split: split(4), count: count(11) }).outcome, 'superseded at 6', 'another hand');
  t.end();
});

await t.test('a plan that is granted a part is judged by what there is, and the part is remembered', (t) => {
  const found = judgePlan(planUp, { split: split(4), count: count(5) });
  t.equal(found.outcome, 'resolved at 12', 'seen when the settling time is over, at 6');
  t.strictSame(found.settling.granted, { count: 5 });
  t.end();
});

await t.test('an ineffective plan counts against the diagnosed operator, not against those that followed it', (t) => {
  const full: OperatorSketch = { busy: [1, 1, 1, 1], rate: [25, 25, 25, 25], pending: [90, 90, 90, 90] };
  const found = judgePlan(planUp, {
    source: { source: true, backpressure: [0.5] },
    split: split(4, full),
    count: count(9),
  });
  t.equal(found.outcome, 'ineffective at 7');
  t.strictSame(found.blamed, ['split']);
  t.end();
});

await t.test('a harmful plan counts against who has a part in the harm', (t) => {
  const harm = (busyOfSplit: number, busyOfCount: number) =>
    judgePlan(planDown, {
      source: { source: true, backpressure: [0.1] },
      split: split(4, { busy: Array<number>(4).fill(busyOfSplit), backpressure: Array<number>(4).fill(0.1) }),
      count: count(9, { busy: Array<number>(9).fill(busyOfCount), pending: Array<number>(9).fill(90) }),
    });
  t.strictSame(harm(0.5, 1).blamed, ['count'], 'the culprit');
  t.strictSame(harm(0.9, 1).blamed, ['split', 'count'], 'and the next bottleneck: 0.9 × 1.11');
  t.equal(harm(0.5, 1).outcome, 'harmful at 7');
  t.end();
});
