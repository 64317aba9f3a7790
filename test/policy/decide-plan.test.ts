import t from 'tap';
import fc from 'fast-check';
import type { DiagnosisName } from '../../src/model/diagnosis.js';
import type { Experience } from '../../src/model/experience.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';
import { RESOLVER_OF, type PlannedAction, type ResolverName } from '../../src/model/resolver.js';
import { decidePlan, type AskingAlert } from '../../src/policy/decide-plan.js';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import { unknownBecause } from '../../src/policy/unknown-because.js';
import { flinkTopology, MISSING, settingsWith, type OperatorSketch } from '../support/measurements.js';
import { experienceWith, linesOf, neededOf } from '../support/plans.js';

interface Options {
  readonly settings?: Partial<PolicySettings>;
  readonly experience?: Partial<Experience>;
  readonly blacklisted?: readonly string[];
  readonly isRefused?: (plan: PlannedAction) => boolean;
  /** Default: each diagnosis' own. */
  readonly resolver?: ResolverName;
}

/** `operator diagnosis` of each alert. */
function decide(topology: TopologyMeasurement | null, alerts: readonly string[], options: Options = {}) {
  const settings = settingsWith(options.settings ?? {});
  const resolverOf = (diagnosis: DiagnosisName): ResolverName => options.resolver ?? RESOLVER_OF[diagnosis];
  const evaluation =
    topology === null
      ? null
      : evaluateTopology(topology, settings, (_, name) => resolverOf(name), experienceWith(options.experience));
  const asking = alerts.map((alert): AskingAlert => {
    const [operator = '', name = ''] = alert.split(' ');
    const diagnosis = name as DiagnosisName;
    return { operator, diagnosis, resolver: resolverOf(diagnosis) };
  });
  const { plan, answers } = decidePlan({
    alerts: asking,
    evaluation,
    settings,
    isCallRefused: options.isRefused ?? (() => false),
    isBlacklisted: ({ operator }) => options.blacklisted?.includes(operator) ?? false,
  });
  return {
    plan: linesOf(plan),
    answers: answers.map(({ alert, reason }) => `${alert.operator}: ${reason ?? 'acts'}`),
  };
}

const UP = 'underprovisioning';
const DOWN = 'overprovisioning';

/** The split is half as large as needed, the count a twentieth. */
const PRESSED: Record<string, OperatorSketch> = {
  sentences: { source: true, rate: [50], busy: [0.025], backpressure: [0.975], backlog: 0, backlogSlope: 950 },
  split: { inputs: ['sentences'], rate: [50], busy: [0.5], backpressure: [0.5] },
  count: { inputs: ['split'], rate: [500], busy: [1], pending: [90] },
};

const IDLE: Record<string, OperatorSketch> = {
  sentences: { source: true, rate: [1000], busy: [0.5], backlog: 0 },
  split: {
    inputs: ['sentences'],
    parallelism: 20,
    rate: Array<number>(20).fill(50),
    busy: Array<number>(20).fill(0.4),
  },
  count: { inputs: ['split'], parallelism: 40, rate: Array<number>(40).fill(250), busy: Array<number>(40).fill(0.4) },
};
const NEEDED = { neededPeaks: neededOf({ sentences: 0.5, split: 8, count: 16 }) };

await t.test('one plan answers all alerts of a notification that still apply', (t) => {
  t.same(decide(flinkTopology(PRESSED), [`split ${UP}`, `count ${UP}`]), {
    plan: 'count 1 → 24, split 1 → 12',
    answers: ['count: acts', 'split: acts'],
  });
  t.same(decide(flinkTopology(IDLE), [`split ${DOWN}`, `count ${DOWN}`], { experience: NEEDED }), {
    plan: 'count 40 → 19, split 20 → 10',
    answers: ['count: acts', 'split: acts'],
  });
  t.end();
});

await t.test(
  'an operator without an alert is unchanged, and no other is sized for the load that it does not let through',
  (t) => {
    t.same(decide(flinkTopology(PRESSED), [`count ${UP}`]), { plan: 'count 1 → 3', answers: ['count: acts'] });
    t.same(decide(flinkTopology(PRESSED), [`split ${UP}`]), { plan: 'nothing', answers: ['split: at_limit'] });
    t.same(
      decide(flinkTopology(PRESSED), [`split ${UP}`, `count ${UP}`], { blacklisted: ['split'] }),
      { plan: 'count 1 → 3', answers: ['count: acts', 'split: blacklisted'] },
      'nor one that is held',
    );
    t.same(
      decide(flinkTopology({ ...PRESSED, split: { ...PRESSED['split'], max: 1 } }), [`split ${UP}`, `count ${UP}`]),
      { plan: 'count 1 → 3', answers: ['count: acts', 'split: at_limit'] },
      'nor one at its limit',
    );
    t.same(
      decide(flinkTopology(IDLE), [`split ${DOWN}`], { experience: NEEDED }),
      { plan: 'split 20 → 10', answers: ['split: acts'] },
      'a release may be partial',
    );
    t.end();
  },
);

await t.test('a repeated alert leads to one action', (t) => {
  t.same(decide(flinkTopology(PRESSED), [`split ${UP}`, `count ${UP}`, `split ${UP}`]), {
    plan: 'count 1 → 24, split 1 → 12',
    answers: ['count: acts', 'split: acts', 'split: action_in_flight'],
  });
  t.end();
});

await t.test('with one operator at a time, the next one finds an action in flight', (t) => {
  t.same(decide(flinkTopology(PRESSED), [`split ${UP}`, `count ${UP}`], { settings: { plan: 'operator' } }), {
    plan: 'count 1 → 24',
    answers: ['count: acts', 'split: action_in_flight'],
  });
  t.end();
});

await t.test('restart comes before rebalance; a later alert finds an action in flight', (t) => {
  const bad = flinkTopology({
    source: { source: true, backpressure: [0.8] },
    split: {
      inputs: ['source'],
      pending: [900, 0, 0],
      rate: [40, 40, 40],
      busy: [1, 0.4, 0.4],
      backpressure: [0.3, 0.3, 0.3],
    },
    count: { inputs: ['split'], pending: [900, 0, 0], rate: [100, 20, 20], busy: [1, 0.2, 0.2] },
  });
  const alerts = ['count data_skew', 'split slow_instances'];
  t.same(decide(bad, alerts), { plan: 'split 3 → 3', answers: ['split: acts', 'count: action_in_flight'] });
  t.same(
    decide(bad, alerts, { blacklisted: ['split'] }),
    { plan: 'count 3 → 3', answers: ['count: acts', 'split: blacklisted'] },
    'the next one if the first is held',
  );
  t.end();
});

await t.test('a call that was refused for good is held, and a different one is not', (t) => {
  const refusing = (lines: string) => (plan: PlannedAction) => linesOf(plan) === lines;
  const both = [`split ${UP}`, `count ${UP}`];
  t.same(decide(flinkTopology(PRESSED), both, { isRefused: refusing('count 1 → 24, split 1 → 12') }), {
    plan: 'nothing',
    answers: ['split: call_refused', 'count: call_refused'],
  });
  t.equal(
    decide(flinkTopology(PRESSED), both, { isRefused: refusing('count 1 → 9') }).plan,
    'count 1 → 24, split 1 → 12',
  );
  const dry = { isRefused: () => true, settings: { mode: 'dry_run' } } as const;
  t.same(decide(flinkTopology(PRESSED), [`count ${UP}`], dry).answers, ['count: call_refused']);
  t.end();
});

await t.test('a dry run records the request', (t) => {
  t.same(decide(flinkTopology(PRESSED), [`split ${UP}`, `count ${UP}`], { settings: { mode: 'dry_run' } }), {
    plan: 'count 1 → 24, split 1 → 12',
    answers: ['count: dry_run', 'split: dry_run'],
  });
  t.end();
});

await t.test('after a look, an alert is held for exactly one reason', (t) => {
  const reasonOf = (topology: TopologyMeasurement | null, alert: string, options: Options = {}): string | undefined =>
    decide(topology, [alert], options).answers[0]?.split(': ')[1];
  const calm = flinkTopology({ ...IDLE, split: { ...IDLE['split'], pending: Array<number>(20).fill(9) } });
  const blind = (name: string, changes: OperatorSketch): TopologyMeasurement =>
    flinkTopology({ ...PRESSED, [name]: { ...PRESSED[name], ...changes } });
  const full = flinkTopology({ ...PRESSED, count: { ...PRESSED['count'], max: 1 } });
  const tables: [string, string | undefined, string][] = [
    ['the pressure is gone', reasonOf(calm, `split ${UP}`), 'not_current'],
    ['it is another diagnosis now', reasonOf(flinkTopology(PRESSED), 'count slow_instances'), 'not_current'],
    [
      'the backlog outside is not known',
      reasonOf(blind('sentences', { backlog: MISSING }), `count ${UP}`),
      'unknown_measurements',
    ],
    ['the operator is not there', reasonOf(flinkTopology(PRESSED), `gone ${UP}`), 'unknown_measurements'],
    [
      'its measurements are missing',
      reasonOf(blind('split', { backpressure: MISSING }), `count ${UP}`),
      'unknown_measurements',
    ],
    [
      'its window holds a restart',
      reasonOf(blind('count', { lowestRate: null }), `count ${UP}`),
      'unknown_measurements',
    ],
    [
      'those of another operator are, before a scale_down',
      reasonOf(flinkTopology({ ...IDLE, count: { ...IDLE['count'], pending: MISSING } }), `split ${DOWN}`, {
        experience: NEEDED,
      }),
      'unknown_measurements',
    ],
    [
      'not all of the memory of scale-downs was seen',
      reasonOf(flinkTopology(IDLE), `split ${DOWN}`),
      'unknown_measurements',
    ],
    [
      'it was ineffective before',
      reasonOf(flinkTopology(PRESSED), `count ${UP}`, { blacklisted: ['count'] }),
      'blacklisted',
    ],
    [
      'the limit after harm does not allow a smaller one',
      reasonOf(flinkTopology(IDLE), `count ${DOWN}`, {
        experience: { ...NEEDED, floors: new Map([['count', { harmfulRatePerInstance: 100 }]]) },
      }),
      'blacklisted',
    ],
    ['no more instances are allowed', reasonOf(full, `count ${UP}`), 'at_limit'],
    ['Prometheus does not answer', reasonOf(null, `count ${UP}`), 'unknown_measurements'],
  ];
  for (const [title, found, expected] of tables) t.equal(found, expected, title);
  t.end();
});

await t.test('unknown measurements are named, those of the operator itself first', (t) => {
  const whyOf = (topology: TopologyMeasurement, alert: string): string | null => {
    const [operator = '', diagnosis = ''] = alert.split(' ');
    const asked = { operator, diagnosis: diagnosis as DiagnosisName };
    const settings = settingsWith({});
    return unknownBecause(
      evaluateTopology(topology, settings, (_, name) => RESOLVER_OF[name], experienceWith({})),
      asked,
    );
  };
  const blind = (name: string, changes: OperatorSketch, all = PRESSED): TopologyMeasurement =>
    flinkTopology({ ...all, [name]: { ...all[name], ...changes } });
  const restarted = 'a window of 5 min is not full of count yet, or has a gap';
  const tables: [string, string | null, string | null][] = [
    ['its window is not full', whyOf(blind('count', { lowestRate: null }), `count ${UP}`), restarted],
    ['nor that of another one', whyOf(blind('count', { lowestRate: null }, IDLE), `split ${DOWN}`), restarted],
    ['which does not affect a scale_up', whyOf(blind('count', { lowestRate: null }), `split ${UP}`), null],
    [
      'a sensor is missing',
      whyOf(blind('count', { pending: MISSING }), `count ${UP}`),
      'count has no data of pending_packets',
    ],
    [
      'the backlog outside is not known',
      whyOf(blind('sentences', { backlog: MISSING }), `count ${UP}`),
      'sentences has no data of source_backlog',
    ],
    ['it is not there', whyOf(flinkTopology(PRESSED), `gone ${UP}`), 'the topology has no operator gone'],
    ['all is known', whyOf(flinkTopology(PRESSED), `count ${UP}`), null],
  ];
  for (const [title, found, expected] of tables) t.equal(found, expected, title);
  t.match(whyOf(flinkTopology(IDLE), `split ${DOWN}`), 'scale_down_memory', 'a scale_down waits for its memory');
  t.end();
});

await t.test('a scale_down that did harm is not held, but takes smaller steps', (t) => {
  const floors: Experience['floors'] = new Map([['count', { harmfulRatePerInstance: 500 }]]);
  t.same(decide(flinkTopology(IDLE), [`split ${DOWN}`, `count ${DOWN}`], { experience: { ...NEEDED, floors } }), {
    plan: 'count 40 → 32, split 20 → 10',
    answers: ['count: acts', 'split: acts'],
  });
  t.end();
});

await t.test('a plan names only operators with an alert, and each alert has one answer', (t) => {
  const perOperator = fc.integer({ min: 1, max: 4 }).chain((parallelism) => {
    const many = (most: number): fc.Arbitrary<number[]> =>
      fc.array(fc.double({ min: 0, max: most, noNaN: true }), { minLength: parallelism, maxLength: parallelism });
    return fc.record({ backpressure: many(0.9), pending: many(100), rate: many(1000), busy: many(1) });
  });
  const arbitrary = fc.record({
    operators: fc.record({ sentences: perOperator, split: perOperator, count: perOperator }),
    slope: fc.double({ min: -100, max: 1000, noNaN: true }),
    alerts: fc.subarray(
      ['sentences', 'split', 'count'].flatMap((name) =>
        [UP, DOWN, 'slow_instances', 'data_skew'].map((one) => `${name} ${one}`),
      ),
    ),
  });
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(arbitrary, ({ operators, slope, alerts }) => {
        const topology = flinkTopology({
          sentences: { ...operators.sentences, source: true, backlog: 100, backlogSlope: slope },
          split: { ...operators.split, inputs: ['sentences'] },
          count: { ...operators.count, inputs: ['split'] },
        });
        const peaks = { neededPeaks: neededOf({ sentences: 1, split: 1, count: 1 }) };
        const { plan, answers } = decide(topology, alerts, { experience: peaks });
        const acting = answers.filter((answer) => answer.endsWith(': acts')).map((answer) => answer.split(':')[0]);
        const planned = plan === 'nothing' ? [] : plan.split(', ').map((line) => line.split(' ')[0]);
        const asked = alerts.map((alert) => alert.split(' ')[0]);
        return (
          answers.length === alerts.length &&
          planned.every((name) => asked.includes(name)) &&
          planned.every((name) => acting.includes(name)) &&
          acting.every((name) => planned.includes(name))
        );
      }),
      { numRuns: 500 },
    );
  });
  t.end();
});
