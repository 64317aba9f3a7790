import t from 'tap';
import fc from 'fast-check';
import { operatorOf, truthOfDiagnosis } from '../../src/model/evaluation.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';
import { RESOLVER_OF } from '../../src/model/resolver.js';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import {
  flinkTopology,
  heronTopology,
  MISSING,
  NOT_APPLICABLE,
  settingsWith,
  type Absent,
  type OperatorSketch,
} from '../support/measurements.js';
import { experienceWith, neededOf } from '../support/plans.js';

/** The need of each operator over the whole memory equals its present need. */
const NEEDED = experienceWith({ neededPeaks: neededOf({ source: 0, split: 0, count: 0, kafka: 0, other: 0 }) });

/** `operator: diagnosis current→recommended [instances]`, one line for each diagnosis. */
function diagnosesOf(topology: TopologyMeasurement, changes: Partial<PolicySettings> = {}): string[] {
  const evaluation = evaluateTopology(
    topology,
    settingsWith(changes),
    (_, diagnosis) => RESOLVER_OF[diagnosis],
    NEEDED,
  );
  return evaluation.operators.flatMap(({ measurement, diagnoses, recommendedParallelism }) =>
    diagnoses.map(({ diagnosis, operatorInstances }) =>
      [
        `${measurement.spec.name}: ${diagnosis}`,
        `${measurement.parallelism ?? '?'}→${recommendedParallelism ?? '?'}`,
        ...(operatorInstances.length > 0 ? [`[${operatorInstances.join(' ')}]`] : []),
      ].join(' '),
    ),
  );
}

const source = (backpressure: number, more: OperatorSketch = {}): OperatorSketch => ({
  source: true,
  backpressure: [backpressure],
  busy: [0.1],
  ...more,
});

await t.test('backpressure that neither skew nor slow instances explain is underprovisioning', (t) => {
  const underprovisioned = {
    source: source(0.5),
    split: { inputs: ['source'], pending: [90, 95], rate: [50, 52], busy: [1, 1] },
  };
  t.strictSame(diagnosesOf(flinkTopology(underprovisioned)), ['split: underprovisioning 2→5']);
  t.strictSame(
    diagnosesOf(
      flinkTopology({
        source: source(0.5),
        split: { inputs: ['source'], pending: [400, 60, 60], rate: [55, 50, 45], busy: [1, 0.9, 0.85] },
      }),
    ),
    ['split: underprovisioning 3→8'],
    'uneven keys fill one queue first; its instance does as much per busy second as the others',
  );
  t.strictSame(
    diagnosesOf(
      flinkTopology({ ...underprovisioned, source: source(0.5, { rate: [100], backlog: 9e4, backlogSlope: -60 }) }),
    ),
    [],
    'while a backlog drains, nothing is too small',
  );
  t.strictSame(
    diagnosesOf(
      flinkTopology({ ...underprovisioned, source: source(0.5, { rate: [100], backlog: 9e6, backlogSlope: -60 }) }),
    ),
    ['source: underprovisioning 1→5', 'split: underprovisioning 2→100'],
    'unless it would take longer than catch_up: then it is sized to be done by then',
  );
  t.end();
});

await t.test('a window with a shrinking backlog shows catching up, not a property of an operator', (t) => {
  const caughtUp = (backlog: number, backlogSlope: number): string[] =>
    diagnosesOf(
      flinkTopology({
        source: source(0.5, { rate: [100], backlog, backlogSlope }),
        count: { inputs: ['source'], pending: [400, 0, 0], rate: [60, 20, 20], busy: [1, 0.4, 0.4] },
      }),
    );
  t.strictSame(caughtUp(400, -1), [], '400 records now, 700 when the window began: more than 5 s of load');
  t.strictSame(caughtUp(0, -2), [], 'nothing now, and 600 then');
  t.strictSame(caughtUp(400, -0.3), ['count: data_skew 3→3 [0]'], '490 then: as much as always waits');
  t.strictSame(caughtUp(0, 0), ['count: data_skew 3→3 [0]']);
  t.strictSame(caughtUp(90_000, -1), ['count: data_skew 3→3 [0]'], 'not in time');
  t.end();
});

await t.test('what processes nothing is neither too small nor slow, whatever it holds up', (t) => {
  const restoring = { inputs: ['source'], pending: [90, 95], rate: [0, 0], busy: [1, 1] };
  const stalledBy = (split: OperatorSketch) => flinkTopology({ source: source(0.9), split });
  t.strictSame(diagnosesOf(stalledBy({ ...restoring, rate: [0, 0.1] })), ['split: underprovisioning 2→12']);
  t.strictSame(diagnosesOf(stalledBy(restoring)), []);
  t.strictSame(diagnosesOf(stalledBy({ ...restoring, lowestRate: null })), [], 'nothing since it began');
  t.strictSame(diagnosesOf(stalledBy({ ...restoring, rate: MISSING })), [], 'its processing rate is missing');
  const backlog = { backlog: 40_000, backlogSlope: 100, busy: [1] };
  t.strictSame(diagnosesOf(flinkTopology({ source: source(0, { ...backlog, rate: [100] }) })), [
    'source: underprovisioning 1→3',
  ]);
  t.strictSame(diagnosesOf(flinkTopology({ source: source(0, { ...backlog, rate: [0] }) })), []);
  const oneFull = { ...restoring, busy: NOT_APPLICABLE, pending: [400, 0], rate: [0, 50] };
  const [first] = diagnosesOf(stalledBy(oneFull));
  t.match(first, /^split: slow_instances/);
  t.strictSame(diagnosesOf(stalledBy({ ...oneFull, rate: [0, 0] })), []);
  t.end();
});

await t.test('several culprits are diagnosed at once', (t) => {
  const topology = heronTopology({
    one: { backpressure: [0.5, 0], pending: [90, 80], busy: NOT_APPLICABLE },
    two: { backpressure: [0.75, 0], pending: [90, 80], busy: NOT_APPLICABLE },
  });
  t.strictSame(diagnosesOf(topology), ['one: underprovisioning 2→4', 'two: underprovisioning 2→8']);
  t.end();
});

await t.test("Heron's resolver test values give Heron's answers", (t) => {
  const ask = (ratios: number[]): string[] =>
    diagnosesOf(heronTopology({ bolt: { backpressure: ratios, pending: ratios.map(() => 90), busy: NOT_APPLICABLE } }));
  t.strictSame(ask([0.5, 0]), ['bolt: underprovisioning 2→4']);
  t.strictSame(ask([0.75, 0]), ['bolt: underprovisioning 2→8']);
  t.strictSame(ask([0.4, 0.1, 0]), ['bolt: underprovisioning 3→6']);
  t.end();
});

await t.test('an instance with a long queue that does less per busy second is slow', (t) => {
  const split = (sketch: OperatorSketch): TopologyMeasurement =>
    flinkTopology({ source: source(0.5), split: { inputs: ['source'], pending: [900, 0, 0], ...sketch } });
  t.strictSame(diagnosesOf(split({ rate: [40, 40, 40], busy: [1, 0.4, 0.4] })), ['split: slow_instances 3→3 [0]']);
  t.strictSame(
    diagnosesOf(split({ rate: [40, 40, 40], busy: [1, 0.7, 0.7] })),
    ['split: underprovisioning 3→8'],
    'its peers are hardly faster',
  );
  t.strictSame(
    diagnosesOf(split({ rate: [40, 40, 40], busy: NOT_APPLICABLE })),
    ['split: slow_instances 3→3 [0]'],
    'without busy, it is slow if the others have room',
  );
  t.strictSame(
    diagnosesOf(split({ pending: [900, 20, 20], rate: [40, 40, 40], busy: NOT_APPLICABLE })),
    ['split: underprovisioning 3→8'],
    'and not if they have none',
  );
  t.strictSame(
    diagnosesOf(split({ rate: [40, 40, 40], busy: [1, 0.4, 0.4], outliers: [] })),
    [],
    'which instance it is could not be found out: nothing is concluded',
  );
  t.end();
});

await t.test('an instance that has both the longest queue and the most work has the hot keys', (t) => {
  const split = (sketch: OperatorSketch): TopologyMeasurement =>
    flinkTopology({
      source: source(0.5),
      split: { inputs: ['source'], pending: [900, 0, 0], busy: [1, 0.2, 0.2], ...sketch },
    });
  t.strictSame(diagnosesOf(split({ rate: [100, 20, 20] })), ['split: data_skew 3→3 [0]']);
  t.strictSame(
    diagnosesOf(split({ rate: [100, 60, 60], busy: [1, 0.6, 0.6], pending: [900, 5, 5] })),
    ['split: underprovisioning 3→8'],
    'if the others have no room, more instances are what helps',
  );
  t.strictSame(
    diagnosesOf(split({ rate: [100, 20, 20], pending: [900, 5, 5] })),
    ['split: data_skew 3→3 [0]'],
    'unless they cannot help: 57 % of 280 records/s stay with an instance that can do 100',
  );
  t.strictSame(
    diagnosesOf(split({ rate: [20, 100, 20], busy: [1, 0.2, 0.2] })),
    ['split: slow_instances 3→3 [0]'],
    'the longest queue is not at the instance with the most work',
  );
  t.end();
});

await t.test('a source that falls behind while nothing holds it up is underprovisioned', (t) => {
  const kafka = { source: true, rate: [500, 500], busy: [1, 1], backlog: 60_000, backlogSlope: 500 };
  t.strictSame(diagnosesOf(flinkTopology({ kafka, sink: { inputs: ['kafka'] } })), ['kafka: underprovisioning 2→4']);
  t.strictSame(
    diagnosesOf(flinkTopology({ kafka, sink: { inputs: ['kafka'], busy: [0.7] } })),
    ['kafka: underprovisioning 2→4', 'sink: underprovisioning 1→2'],
    'and operators that would then be too small follow it',
  );
  t.strictSame(
    diagnosesOf(
      flinkTopology({
        kafka: { ...kafka, backpressure: [0.5, 0.5] },
        sink: { inputs: ['kafka'], busy: [1], pending: [90] },
      }),
    ),
    ['kafka: underprovisioning 2→4', 'sink: underprovisioning 1→2'],
    'held up, it is the one who holds it up, and the source follows where it has no time left',
  );
  t.end();
});

await t.test('an operator with nothing pending, in a topology without backpressure, is overprovisioned', (t) => {
  const idle = { inputs: ['source'], parallelism: 10, pending: Array<number>(10).fill(0.5), busy: [0.2] };
  const around = (
    sketch: OperatorSketch,
    more: Record<string, OperatorSketch> = {},
    changes: Partial<PolicySettings> = {},
  ): string[] => diagnosesOf(flinkTopology({ source: source(0), split: { ...idle, ...sketch }, ...more }, 0), changes);
  const tables: [string, string[], string[]][] = [
    ['it is', around({}), ['split: overprovisioning 10→4']],
    ['not if one instance has two packets waiting', around({ pending: [2, ...Array<number>(9).fill(0)] }), []],
    ['not with backpressure anywhere', around({}, { other: source(0.2) }), []],
    ['not while a source has a backlog', around({}, { kafka: { source: true, rate: [100], backlog: 3001 } }), []],
    ['not while a sensor of any operator is missing', around({}, { other: { pending: MISSING } }), []],
    ['not while busy is missing: it might be all there is', around({ busy: MISSING }), []],
    ['not while instances of any operator are missing', around({}, { other: { incompleteBecause: 'a gap' } }), []],
    ['not if it processed nothing at some time in the window', around({ lowestRate: 0 }), []],
    ['not if the window is not covered', around({ lowestRate: null }), []],
    [
      'idle operators can be had, if asked for',
      around({ lowestRate: 0 }, {}, { idleScaleDown: true }),
      ['split: overprovisioning 10→4'],
    ],
    ['not if fewer would be too busy', around({ busy: [0.8] }), []],
    ['not at its minimum', around({ min: 10 }), []],
    [
      'a source needs busy and backlog for that',
      around({ pending: [9] }, { kafka: { source: true, parallelism: 6, busy: [0.2], backlog: 0 } }),
      ['kafka: overprovisioning 6→3'],
    ],
    [
      'a source without a backlog to look at is left alone',
      around({ pending: [9] }, { push: { source: true, parallelism: 4, busy: [0.2] } }),
      [],
    ],
    [
      'a source without busy is left alone',
      around({ pending: [9] }, { kafka: { source: true, parallelism: 4, busy: NOT_APPLICABLE, backlog: 0 } }),
      [],
    ],
  ];
  for (const [title, found, expected] of tables) t.strictSame(found, expected, title);
  t.end();
});

await t.test(
  'whether fewer instances would do is unknown while anything of the topology is, unless it is known not to',
  (t) => {
    const idle = { inputs: ['source'], parallelism: 10, pending: Array<number>(10).fill(0.5), busy: [0.2] };
    const truthIn = (sketch: OperatorSketch, other: OperatorSketch): string => {
      const topology = flinkTopology({ source: source(0), split: { ...idle, ...sketch }, other });
      const { operators } = evaluateTopology(topology, settingsWith({}), (_, name) => RESOLVER_OF[name], NEEDED);
      const split = operatorOf({ operators }, 'split');
      return split === undefined ? 'gone' : truthOfDiagnosis(split, 'overprovisioning');
    };
    const known = { inputs: ['source'] };
    t.equal(truthIn({}, known), 'yes');
    t.equal(truthIn({}, { ...known, pending: MISSING }), 'unknown', 'a sensor of another operator is missing');
    t.equal(
      truthIn({}, { ...known, incompleteBecause: 'a gap' }),
      'unknown',
      'instances of another operator are missing',
    );
    t.equal(truthIn({ lowestRate: null }, known), 'unknown', 'the window is not covered');
    t.equal(
      truthIn({ pending: [2, ...Array<number>(9).fill(0)] }, { ...known, pending: MISSING }),
      'no',
      'packets wait',
    );
    t.equal(truthIn({ busy: [0.8] }, { ...known, pending: MISSING }), 'no', 'fewer would be too busy');
    t.end();
  },
);

await t.test(
  'whether a scale-down is worth an action is unknown while that depends on an operator that may be too large',
  (t) => {
    const idle = (lowestRate: number | null = 10): OperatorSketch => {
      return { inputs: ['source'], parallelism: 10, pending: Array<number>(10).fill(0.5), busy: [0.2], lowestRate };
    };
    const large = { inputs: ['source'], parallelism: 40, pending: Array<number>(40).fill(9), busy: [0.8] };
    const found = (split: OperatorSketch, count: OperatorSketch) => {
      const topology = flinkTopology({ source: source(0), split, count, other: large }, 0);
      const { operators } = evaluateTopology(topology, settingsWith({}), (_, name) => RESOLVER_OF[name], NEEDED);
      return operators.slice(1, 3).map((operator) => truthOfDiagnosis(operator, 'overprovisioning'));
    };
    t.strictSame(found(idle(), idle()), ['yes', 'yes'], '12 of 61 instances');
    t.strictSame(found(idle(), idle(null)), ['unknown', 'unknown'], 'the window of one is not covered');
    t.strictSame(found(idle(), { ...idle(), busy: [0.8] }), ['no', 'no'], '6 of 61');
    t.end();
  },
);

await t.test('an operator that would be too small after a scale-up is scaled with it, and no other', (t) => {
  const chain = (split: OperatorSketch, more: Record<string, OperatorSketch> = {}) =>
    flinkTopology({
      source: source(0.9, { rate: [100], backlog: 0, backlogSlope: 900 }),
      split: { inputs: ['source'], rate: [100], ...split },
      count: { inputs: ['split'], rate: [1000], busy: [1], pending: [90] },
      ...more,
    });
  const full = { busy: [0.5], backpressure: [0.5] };
  t.strictSame(diagnosesOf(chain(full)), [
    'source: underprovisioning 1→2',
    'split: underprovisioning 1→6',
    'count: underprovisioning 1→12',
  ]);
  t.strictSame(
    diagnosesOf(chain({ busy: [0.09], backpressure: [0.8] })),
    ['source: underprovisioning 1→2', 'count: underprovisioning 1→12'],
    'an operator with time for ten times as much is not',
  );
  t.strictSame(
    diagnosesOf(chain({ busy: MISSING, backpressure: [0.5] })),
    ['source: underprovisioning 1→2', 'count: underprovisioning 1→12'],
    'nor what may have',
  );
  t.strictSame(
    diagnosesOf(chain(full, { count: { inputs: ['split'], rate: [1000], busy: [1], pending: [90], max: 1 } })),
    ['count: underprovisioning 1→1'],
    'nor what gets no more as long as the other may not grow',
  );
  t.strictSame(diagnosesOf(chain({ ...full, rate: [0], lowestRate: 0 })).slice(0, 1), [
    'source: underprovisioning 1→2',
  ]);
  t.end();
});

await t.test('an operator without a size has the reason, and others have the expected result', (t) => {
  const look = (topology: TopologyMeasurement, changedAtMs: number | null = null) => {
    const { operators } = evaluateTopology(topology, settingsWith({}), (_, diagnosis) => RESOLVER_OF[diagnosis], {
      ...NEEDED,
      changedAtMs,
    });
    return operators.map(({ recommendedParallelism, expectedBusy, leftAloneBecause, load }) => {
      const busy = expectedBusy === null ? '?' : expectedBusy.toFixed(2);
      const needed = load.neededInstances === null ? '?' : load.neededInstances.toFixed(1);
      return `${recommendedParallelism ?? '?'} at ${busy}, needs ${needed}${leftAloneBecause === null ? '' : `, ${leftAloneBecause}`}`;
    });
  };
  const wordCount = (kafka: OperatorSketch = {}): TopologyMeasurement =>
    flinkTopology({
      source: source(0.9, { rate: [100], backlog: 0, backlogSlope: 900, ...kafka }),
      split: { inputs: ['source'], rate: [100], busy: [1], pending: [90] },
    });
  t.strictSame(look(wordCount()), ['2 at 0.50, needs 1.0', '12 at 0.83, needs 10.0']);
  t.strictSame(look(wordCount({ backlog: MISSING })), [
    '1 at ?, needs ?, the backlog of source is unknown',
    '1 at ?, needs ?, the backlog of source is unknown',
  ]);
  const refusing = 'source is as busy as it can be and reports no backlog, so the load offered to it is unknown';
  t.strictSame(
    look(flinkTopology({ source: source(0, { busy: [1] }), split: { inputs: ['source'], busy: [0.1, 0.1] } })),
    [`1 at ?, needs ?, ${refusing}`, `2 at ?, needs ?, ${refusing}`],
  );
  const quiet = flinkTopology({
    other: source(0, { backlog: 0, rate: [100] }),
    idle: { inputs: ['other'], busy: [0.1] },
  });
  t.match(look(quiet)[1], /the need of idle is not known over all of scale_down_memory/);
  const young = quiet.operators.map((operator) => {
    const { processingRate: rate } = operator;
    return rate.kind === 'measured' ? { ...operator, processingRate: { ...rate, lowestTotal: null } } : operator;
  });
  t.match(look({ ...quiet, operators: young })[1], /, a window of 5 min is not full of idle yet, or has a gap$/);
  t.match(look(quiet, quiet.atMs - 1000)[1], /, a window of 5 min has not passed since idle was restarted or changed$/);
  t.end();
});

await t.test('what is missing is named by its sensor', (t) => {
  const missing = (sketch: OperatorSketch, suspended: Absent = NOT_APPLICABLE) =>
    evaluateTopology(heronTopology({ it: sketch }, suspended), settingsWith({}), () => 'scale_up').operators[0]
      ?.missingSensors;
  t.strictSame(missing({}), []);
  t.strictSame(missing({ backpressure: MISSING }), ['backpressure']);
  t.strictSame(missing({ pending: MISSING }), ['pending_packets']);
  t.strictSame(missing({ rate: MISSING }), ['processing_rate']);
  t.strictSame(missing({ busy: MISSING }), ['busy']);
  t.strictSame(missing({ backlog: MISSING }), ['source_backlog']);
  t.strictSame(missing({}, MISSING), ['topology_suspended']);
  t.strictSame(missing({ parallelism: null }), ['parallelism']);
  t.strictSame(missing({ incompleteBecause: 'a gap' }), ['parallelism']);
  t.end();
});

await t.test(
  'the recommendation is the present parallelism if nothing is asked for, and unknown if that is unknown',
  (t) => {
    const recommended = (sketch: OperatorSketch): number | null | undefined =>
      evaluateTopology(flinkTopology({ it: sketch }), settingsWith({}), () => 'scale_up').operators[0]
        ?.recommendedParallelism;
    t.equal(recommended({ parallelism: 3, pending: [9] }), 3);
    t.equal(recommended({ parallelism: null }), null);
    t.equal(recommended({ parallelism: 3, incompleteBecause: 'a gap' }), null);
    t.end();
  },
);

await t.test(
  'measurements that are missing never lead to a diagnosis that was not there, and never shrink anything',
  (t) => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true });
    const perInstance = fc.integer({ min: 1, max: 4 }).chain((parallelism) => {
      const many = (values: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
        fc.array(values, { minLength: parallelism, maxLength: parallelism });
      const count = fc.double({ min: 0, max: 1000, noNaN: true });
      return fc.record({ backpressure: many(ratio), pending: many(count), rate: many(count), busy: many(ratio) });
    });
    const operators = fc.record({ source: perInstance, split: perInstance, count: perInstance });
    const hidden = fc.record({
      operator: fc.constantFrom('source', 'split', 'count'),
      sensor: fc.constantFrom('backpressure', 'pending', 'rate', 'busy'),
    });
    t.doesNotThrow(() => {
      fc.assert(
        fc.property(operators, hidden, (sketches, { operator, sensor }) => {
          const full: Record<string, OperatorSketch> = {
            source: { ...sketches.source, source: true, pending: NOT_APPLICABLE },
            split: { ...sketches.split, inputs: ['source'] },
            count: { ...sketches.count, inputs: ['split'] },
          };
          const hiding = {
            ...full,
            [operator]: {
              parallelism: sketches[operator as 'split'].rate.length,
              ...full[operator],
              [sensor]: MISSING,
            },
          };
          const names = (topology: TopologyMeasurement): string[] =>
            diagnosesOf(topology).map((line) => line.replace(/ \d.*/, ''));
          const known = names(flinkTopology(full));
          const found = names(flinkTopology(hiding));
          // Another of two explanations may hold, but no further operator is diagnosed, and nothing is given away.
          const isSubset = found.every((line) => known.some((other) => other.split(':')[0] === line.split(':')[0]));
          return (
            (operator === 'source' && sensor === 'pending') ||
            (isSubset && !found.some((line) => line.includes('overprovisioning')))
          );
        }),
        { numRuns: 300 },
      );
    });
    t.end();
  },
);
