import t from 'tap';
import fc from 'fast-check';
import type { Demand } from '../../src/model/evaluation.js';
import { chooseResolver } from '../../src/resolvers/resolve.js';
import { scaleDownParallelism } from '../../src/resolvers/scale-down-resolver.js';
import { scaleUpParallelism } from '../../src/resolvers/scale-up-resolver.js';
import { MISSING, NOT_APPLICABLE, operatorOf, settingsWith, type OperatorSketch } from '../support/measurements.js';

const UNBOUNDED: Demand = { kind: 'unbounded' };

function scaleUp(sketch: OperatorSketch, suspendedRatio: number | null, demand: Demand = UNBOUNDED): number | null {
  const operator = operatorOf('split', sketch);
  return scaleUpParallelism({ operator, suspendedRatio, demand, isGrowingSource: false, settings: settingsWith({}) });
}

await t.test('scale_up asks for as much more as the operator held up its input', (t) => {
  const fully = (parallelism: number): OperatorSketch => ({ parallelism, busy: [1], max: 1000 });
  const tables: [string, number | null, number | null][] = [
    ['20 % suspended against 80 % flowing is a quarter more', scaleUp(fully(8), 0.2), 10],
    ["Heron's own resolver: 500 and 0 ms/s ask for 4 of 2", scaleUp(fully(2), 0.5), 4],
    ['750 and 0 ms/s ask for 8', scaleUp(fully(2), 0.75), 8],
    ['400, 100 and 0 ms/s ask for 6', scaleUp(fully(3), 0.5), 6],
    ['never more than max_scale_up_factor times more at once', scaleUp(fully(2), 0.99), 10],
    ['floating point noise asks for nothing: 7 / 0.35 is 20', scaleUp(fully(7), 0.65), 20],
    ['a part of an instance is a whole one', scaleUp(fully(4), 0.1), 5],
    ['the operator has its bounds', scaleUp({ parallelism: 2, max: 3 }, 0.5), 3],
    ['at its bound there is nothing to ask', scaleUp({ parallelism: 3, max: 3 }, 0.5), null],
    ['above its bound neither: down is not its direction', scaleUp({ parallelism: 5, max: 3 }, 0.5), null],
    ['an unknown share asks for nothing', scaleUp(fully(2), null), null],
    ['an unknown parallelism asks for nothing', scaleUp({ parallelism: null }, 0.5), null],
    ['an unknown demand asks for nothing', scaleUp(fully(2), 0.5, { kind: 'unknown' }), null],
    ['no more than the demand needs', scaleUp(fully(10), 0.9, { kind: 'bounded', ratio: 1.5 }), 15],
    [
      'of what the busiest instance does',
      scaleUp({ parallelism: 10, busy: [0.8] }, 0.9, { kind: 'bounded', ratio: 1.5 }),
      12,
    ],
    [
      'nothing if the source merely could read faster',
      scaleUp({ parallelism: 10, busy: [0.7] }, 0.9, { kind: 'bounded', ratio: 1.5 }),
      null,
    ],
    [
      'without busy an operator counts as fully busy',
      scaleUp({ parallelism: 10, busy: NOT_APPLICABLE }, 0.9, { kind: 'bounded', ratio: 1.5 }),
      15,
    ],
  ];
  for (const [title, found, expected] of tables) t.equal(found, expected, title);
  t.end();
});

await t.test('a source that falls behind is scaled by the demand', (t) => {
  const operator = operatorOf('kafka', { source: true, parallelism: 4, backlog: 1e6 });
  const input = { operator, suspendedRatio: 0, isGrowingSource: true, settings: settingsWith({}) };
  t.equal(scaleUpParallelism({ ...input, demand: { kind: 'bounded', ratio: 1.6 } }), 7);
  t.equal(
    scaleUpParallelism({ ...input, demand: { kind: 'bounded', ratio: 100 } }),
    20,
    'at most max_scale_up_factor more',
  );
  t.equal(scaleUpParallelism({ ...input, demand: UNBOUNDED }), null, 'unbounded demand gives no number');
  t.end();
});

await t.test('scale_down asks for the next smaller parallelism that is not too busy', (t) => {
  const down = (sketch: OperatorSketch): number | null =>
    scaleDownParallelism(operatorOf('split', sketch), settingsWith({}));
  const tables: [string, number | null, number | null][] = [
    ['a fifth less', down({ parallelism: 10, busy: [0.1] }), 8],
    ['at least one less', down({ parallelism: 2, busy: [0.1] }), 1],
    ['rounding goes down: 4 × 0.8 is 3', down({ parallelism: 4, busy: [0.1] }), 3],
    ['never below one', down({ parallelism: 1, busy: [0] }), null],
    ['not below what keeps the instances at most 80 % busy', down({ parallelism: 10, busy: [0.72] }), 9],
    ['exactly 80 % is allowed: 10 × 0.64 / 8', down({ parallelism: 10, busy: [0.64] }), 8],
    ['the guard is the mean of the instances …', down({ parallelism: 4, busy: [1, 0.3, 0.3, 0.3] }), 3],
    ['… of a source the busiest', down({ source: true, parallelism: 4, busy: [1, 0.3, 0.3, 0.3] }), null],
    ['busy instances cannot be fewer', down({ parallelism: 10, busy: [0.8] }), null],
    ['without the sensor busy there is no such guard', down({ parallelism: 10, busy: NOT_APPLICABLE }), 8],
    ['where busy is missing nothing is given away', down({ parallelism: 10, busy: MISSING }), null],
    ['the operator has its bounds', down({ parallelism: 10, min: 9, busy: [0.1] }), 9],
    ['below its bound there is nothing to ask', down({ parallelism: 3, min: 5, busy: [0.1] }), null],
    ['an unknown parallelism asks for nothing', down({ parallelism: null }), null],
  ];
  for (const [title, found, expected] of tables) t.equal(found, expected, title);
  t.end();
});

await t.test('whatever the measurements, a resolver asks for its own direction and keeps to the bounds', (t) => {
  const arbitrary = fc.record({
    parallelism: fc.integer({ min: 1, max: 500 }),
    min: fc.integer({ min: 1, max: 500 }),
    span: fc.integer({ min: 0, max: 500 }),
    busy: fc.double({ min: 0, max: 1, noNaN: true }),
    ratio: fc.double({ min: 0, max: 0.999, noNaN: true }),
    demand: fc.double({ min: 0, max: 50, noNaN: true }),
  });
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(arbitrary, ({ parallelism, min, span, busy, ratio, demand }) => {
        const sketch = { parallelism, min, max: min + span, busy: [busy] };
        const up = scaleUp(sketch, ratio, { kind: 'bounded', ratio: demand });
        const down = scaleDownParallelism(operatorOf('split', sketch), settingsWith({}));
        const isUp = up === null || (up > parallelism && up >= min && up <= min + span && Number.isInteger(up));
        const isDown =
          down === null || (down < parallelism && down >= min && down <= min + span && Number.isInteger(down));
        return isUp && isDown;
      }),
    );
  });
  t.end();
});

await t.test('a restart or a rebalance that cannot be had, or was of no use, is answered with scale_up', (t) => {
  const standing = (isSupported: boolean, wasIneffective: boolean) => () => ({ isSupported, wasIneffective });
  t.equal(chooseResolver('slow_instances', standing(true, false)), 'restart_instances');
  t.equal(chooseResolver('slow_instances', standing(false, false)), 'scale_up');
  t.equal(chooseResolver('data_skew', standing(true, false)), 'rebalance');
  t.equal(chooseResolver('data_skew', standing(true, true)), 'scale_up');
  t.equal(chooseResolver('overprovisioning', standing(false, true)), 'scale_down');
  t.end();
});
