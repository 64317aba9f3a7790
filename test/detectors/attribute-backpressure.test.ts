import t from 'tap';
import fc from 'fast-check';
import { attributeBackpressure, topologyBackpressure } from '../../src/detectors/attribute-backpressure.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import { flinkTopology, heronTopology, MISSING, NOT_APPLICABLE } from '../support/measurements.js';

const THRESHOLD = 0.05;
/** Heron does not report backpressure of spouts. */
const SPOUT = { source: true, backpressure: NOT_APPLICABLE };

/** `name: yes 0.5` for every operator that is not innocent with ratio 0. */
function culprits(topology: TopologyMeasurement): string[] {
  return [...attributeBackpressure(topology, THRESHOLD)]
    .filter(([, { isCulprit, suspendedRatio }]) => isCulprit !== 'no' || (suspendedRatio ?? 0) > 0)
    .map(([name, { isCulprit, suspendedRatio }]) => `${name}: ${isCulprit} ${suspendedRatio?.toFixed(3) ?? '-'}`);
}

await t.test('Flink marks the victim, and the culprit is inferred', (t) => {
  const tables: [string, TopologyMeasurement, string[]][] = [
    [
      'the operator below the last victim of a line is the culprit',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        split: { inputs: ['source'], busy: [1, 1] },
        count: { inputs: ['split'] },
      }),
      ['split: yes 0.500'],
    ],
    [
      'an operator that only passes on backpressure is innocent',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        split: { inputs: ['source'], backpressure: [0.5] },
        count: { inputs: ['split'], busy: [1] },
      }),
      ['count: yes 0.500'],
    ],
    [
      'an operator that adds backpressure is a culprit in addition to the one further down',
      flinkTopology({
        source: { source: true, backpressure: [0.6] },
        split: { inputs: ['source'], backpressure: [0.2], busy: [0.8] },
        count: { inputs: ['split'], busy: [1] },
      }),
      ['split: yes 0.500', 'count: yes 0.200'],
    ],
    [
      'a ratio is the mean over the instances',
      flinkTopology({ source: { source: true, backpressure: [0.9, 0.1] }, split: { inputs: ['source'] } }),
      ['split: yes 0.500'],
    ],
    [
      'the busy one of two branches is the culprit',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: [0.95] },
        right: { inputs: ['source'], busy: [0.4] },
      }),
      ['left: yes 0.500'],
    ],
    [
      'both branches are culprits if both are busy',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: [0.95] },
        right: { inputs: ['source'], busy: [0.85] },
      }),
      ['left: yes 0.500', 'right: yes 0.500'],
    ],
    [
      'the busiest instance counts, not the mean',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: [1, 0.1, 0.1] },
        right: { inputs: ['source'], busy: [0.7] },
      }),
      ['left: yes 0.500'],
    ],
    [
      'without a busy branch the busiest is it, if it is half busy',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: [0.6] },
        right: { inputs: ['source'], busy: [0.4] },
      }),
      ['left: yes 0.500'],
    ],
    [
      'without even that it is unknown',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: [0.3] },
        right: { inputs: ['source'], busy: [0.4] },
      }),
      ['left: unknown -', 'right: unknown -'],
    ],
    [
      'a branch next to the one that passes on backpressure is innocent',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        aside: { inputs: ['source'], busy: [0.6] },
        through: { inputs: ['source'], backpressure: [0.5] },
        sink: { inputs: ['through'], busy: [1] },
      }),
      ['sink: yes 0.500'],
    ],
    [
      'without the sensor busy, the branch with the most pending packets is the culprit',
      flinkTopology({
        source: { source: true, backpressure: [0.5], busy: NOT_APPLICABLE },
        left: { inputs: ['source'], pending: [10], busy: NOT_APPLICABLE },
        right: { inputs: ['source'], pending: [900], busy: NOT_APPLICABLE },
      }),
      ['right: yes 0.500'],
    ],
    [
      'a branch whose busy time is missing may be the culprit',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: MISSING },
        right: { inputs: ['source'], busy: [0.5] },
      }),
      ['left: unknown -', 'right: unknown -'],
    ],
    [
      'a join has no backpressure and holds up the slower input',
      flinkTopology({
        orders: { source: true, backpressure: [0.4] },
        users: { source: true, backpressure: [0.1] },
        join: { inputs: ['orders', 'users'], busy: [1] },
      }),
      ['join: yes 0.400'],
    ],
    [
      'a diamond has one culprit on the branch that is short',
      flinkTopology({
        source: { source: true, backpressure: [0.3] },
        left: { inputs: ['source'], busy: [1] },
        right: { inputs: ['source'], busy: [0.7] },
        join: { inputs: ['left', 'right'], busy: [0.6] },
      }),
      ['left: yes 0.300'],
    ],
    [
      'two separate bottlenecks are two culprits',
      flinkTopology({
        a: { source: true, backpressure: [0.5] },
        b: { source: true, backpressure: [0.25] },
        x: { inputs: ['a'] },
        y: { inputs: ['b'] },
      }),
      ['x: yes 0.500', 'y: yes 0.250'],
    ],
    [
      'without a graph, the busiest operator with less backpressure than a victim is the culprit',
      flinkTopology({
        source: { source: true, inputs: null, backpressure: [0.5] },
        split: { inputs: null, busy: [1] },
        count: { inputs: null, busy: [0.3] },
      }),
      ['split: yes 0.500'],
    ],
    [
      'a victim whose measurements are missing leaves its consumers unknown',
      flinkTopology({ source: { source: true, backpressure: MISSING }, split: { inputs: ['source'] } }),
      ['source: unknown -', 'split: unknown -'],
    ],
    [
      'noise of 10 ms/s does not count as backpressure',
      flinkTopology({
        source: { source: true, backpressure: [0.01] },
        split: { inputs: ['source'], backpressure: [0.01] },
      }),
      [],
    ],
    [
      'a completely blocked operator is not divided by zero',
      flinkTopology({
        source: { source: true, backpressure: [1] },
        split: { inputs: ['source'], backpressure: [1] },
        count: { inputs: ['split'] },
      }),
      ['count: yes 0.999'],
    ],
  ];
  for (const [title, topology, expected] of tables) t.strictSame(culprits(topology), expected, title);
  t.end();
});

await t.test('Heron marks the culprit itself', (t) => {
  const tables: [string, TopologyMeasurement, string[]][] = [
    [
      'the ratios of the instances add up',
      heronTopology({ bolt: { backpressure: [0.4, 0.1, 0] } }),
      ['bolt: yes 0.500'],
    ],
    ['instances below the threshold are noise', heronTopology({ bolt: { backpressure: [0.04, 0.04, 0.04] } }), []],
    ['the sum is capped below 1', heronTopology({ bolt: { backpressure: [0.9, 0.9] } }), ['bolt: yes 0.999']],
    [
      'instances that fill together count once: the sum is at most the time the spouts were suspended',
      heronTopology({ bolt: { backpressure: [0.3, 0.3, 0.3] } }, 0.35),
      ['bolt: yes 0.350'],
    ],
    [
      'several culprits at once are normal',
      heronTopology({ one: { backpressure: [0.5] }, two: { backpressure: [0.2] } }),
      ['one: yes 0.500', 'two: yes 0.200'],
    ],
    [
      'how long the spouts were suspended is missing, so the share is unknown',
      heronTopology({ bolt: { backpressure: [0.3, 0.3] }, idle: {} }, MISSING),
      ['bolt: unknown -'],
    ],
    [
      'spouts are suspended without a known cause, so any operator except a spout may be it',
      heronTopology({ spout: SPOUT, parse: {}, count: { backpressure: [0.03, 0.04] } }, 0.5),
      ['parse: unknown -', 'count: unknown -'],
    ],
    ['no spout is suspended, and there is no cause', heronTopology({ spout: SPOUT, parse: {} }, 0.05), []],
    [
      'whether the spouts were suspended is missing, and so is whether somebody does it',
      heronTopology({ spout: SPOUT, parse: {} }, MISSING),
      ['parse: unknown -'],
    ],
    [
      'one that is charged is enough, though some of its instances are missing',
      heronTopology({ parse: {}, count: { backpressure: [0.5], incompleteBecause: 'a gap' } }, 0.5),
      ['count: unknown -'],
    ],
    [
      'one that is missing may be it, and so may the others',
      heronTopology({ parse: {}, count: { backpressure: MISSING } }, 0.5),
      ['parse: unknown -', 'count: unknown -'],
    ],
  ];
  for (const [title, topology, expected] of tables) t.strictSame(culprits(topology), expected, title);
  t.end();
});

await t.test('a topology has backpressure if any operator reports some', (t) => {
  const tables: [string, TopologyMeasurement, string][] = [
    [
      'a victim does',
      flinkTopology({ source: { source: true, backpressure: [0.06] }, sink: { inputs: ['source'] } }),
      'yes',
    ],
    ['nobody does', flinkTopology({ source: { source: true, backpressure: [0.05] } }), 'no'],
    [
      'one does, though another is missing',
      flinkTopology({ a: { backpressure: [0.5] }, b: { backpressure: MISSING } }),
      'yes',
    ],
    ['one is missing', flinkTopology({ a: {}, b: { backpressure: MISSING } }), 'unknown'],
    ['instances are missing', flinkTopology({ a: { incompleteBecause: 'a gap' } }), 'unknown'],
    ['there are no operators', flinkTopology({}), 'unknown'],
    ['a culprit does', heronTopology({ bolt: { backpressure: [0.06, 0] } }), 'yes'],
    ['its spouts are suspended, whatever the cause', heronTopology({ bolt: {} }, 0.06), 'yes'],
    ['its spouts are suspended for no longer than noise', heronTopology({ bolt: {} }, 0.05), 'no'],
    ['whether its spouts are suspended is missing', heronTopology({ bolt: {} }, MISSING), 'unknown'],
    ['a culprit does, though that is missing', heronTopology({ bolt: { backpressure: [0.06] } }, MISSING), 'yes'],
  ];
  for (const [title, topology, expected] of tables) t.equal(topologyBackpressure(topology, THRESHOLD), expected, title);
  t.end();
});

await t.test('suspended times in a line with falling ratios add up to the source’s backpressure', (t) => {
  const ratios = fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 6 });
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(ratios, (values) => {
        const falling = [...values].sort((left, right) => right - left);
        const names = falling.map((_, index) => `o${index}`);
        const topology = flinkTopology(
          Object.fromEntries([
            ...falling.map((ratio, index) => [
              `o${index}`,
              { source: index === 0, inputs: index === 0 ? [] : [`o${index - 1}`], backpressure: [ratio] },
            ]),
            ['sink', { inputs: [names.at(-1)] }],
          ]) as Record<string, { inputs: string[] }>,
        );
        const found = attributeBackpressure(topology, 0);
        const flowing = [...found.values()].reduce(
          (share, { suspendedRatio }) => share * (1 - (suspendedRatio ?? 0)),
          1,
        );
        return Math.abs(flowing - (1 - (falling[0] ?? 0))) < 1e-9;
      }),
    );
  });
  t.end();
});
