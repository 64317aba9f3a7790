import t from 'tap';
import fc from 'fast-check';
import { enoughInstances, hasIncurableHotKey, ratioAtBound } from '../../src/detectors/enough-instances.js';
import { boundRatioOf, flowLimitOf } from '../../src/detectors/flow-limit.js';
import { hiddenImbalanceOf, hotKeyOf } from '../../src/detectors/hot-key.js';
import { isCleanWindow, neededInstancesOf } from '../../src/detectors/needed-instances.js';
import type { OperatorMeasurement } from '../../src/model/measurement.js';
import { MINUTE_MS, MISSING, NOT_APPLICABLE, operatorOf, type OperatorSketch } from '../support/measurements.js';

const U = 0.85;

function loadOf(operator: OperatorMeasurement, busy: number | null) {
  const hiddenImbalance = hiddenImbalanceOf(operator);
  return { effectiveBusy: busy, hotKey: hotKeyOf(operator, busy), hiddenImbalance };
}

/** P, with its hot key found from the rates as in a look. */
function enough(sketch: OperatorSketch, ratio: number, busy: number, targetBusy = U): number | null {
  const operator = operatorOf('it', sketch);
  const found = enoughInstances(operator, loadOf(operator, busy), ratio, targetBusy);
  return found === null ? null : Math.round(found * 100) / 100;
}

await t.test('enough are as many as leave the busiest instance as busy as it should be', (t) => {
  t.equal(enough({ parallelism: 1 }, 10, 1), 11.76, 'word count 1/1: split is full, ten times as much is offered');
  t.equal(enough({ parallelism: 1 }, 10, 1, 1), 10, 'to catch up it may be full');
  t.equal(enough({ parallelism: 10 }, 1, 0.425), 5, 'or fewer than there are');
  t.equal(enough({ parallelism: null }, 2, 1), null);
  t.end();
});

await t.test("DS2's word count, 1/1 to 10/20, is sized in one step", (t) => {
  // A split does 100,000 sentences of 20 words a minute, a count 1,000,000 words; 1,000,000 sentences a minute are offered.
  // The one count is full at 50,000 sentences a minute, which keep the one split half busy.
  t.equal(enough({ parallelism: 1 }, 1_000_000 / 50_000, 0.5, 1), 10);
  t.equal(enough({ parallelism: 1 }, 1_000_000 / 50_000, 1, 1), 20);
  t.end();
});

await t.test('a hot key remains on one instance, and the rates show its share and capacity', (t) => {
  const four = { rate: [400, 200, 200, 200], busy: [1, 0.5, 0.5, 0.5] };
  const found = hotKeyOf(operatorOf('it', four), 1);
  t.equal(found?.share.toFixed(3), '0.200');
  t.equal(found?.capacity, 400);
  t.match(hotKeyOf(operatorOf('it', four), 0.5), { capacity: 800 }, 'half busy it could do twice as much');
  t.equal(hotKeyOf(operatorOf('it', { rate: [290, 200, 200, 200] }), 1), null, 'below 1.5 times the mean none is hot');
  const slow = { ...four, busy: [1, 0.9, 0.9, 0.9] };
  t.equal(hotKeyOf(operatorOf('it', slow), 1), null, 'where the others are as busy, they are slow');
  t.ok(hotKeyOf(operatorOf('it', { ...four, busy: NOT_APPLICABLE }), 1));
  t.equal(hotKeyOf(operatorOf('it', { rate: [400] }), 1), null, 'nor where there is but one instance');
  t.equal(hotKeyOf(operatorOf('it', four), null), null);
  t.equal(hotKeyOf(operatorOf('it', { ...four, incompleteBecause: 'a gap' }), 1), null);
  t.equal(hotKeyOf(operatorOf('it', { ...four, rate: MISSING }), 1), null);
  t.end();
});

await t.test('of a source with a backlog, what each instance is offered shows its hot key', (t) => {
  // 528 records/s are offered, 158 of them with one key: 281 to the second instance, which does 177. Its queue grows by 104.
  const source: OperatorSketch = { source: true, rate: [123, 177, 123], busy: [0.7, 1, 0.7], backlog: 9000 };
  const found = hotKeyOf(operatorOf('it', { ...source, backlogSlope: 104, largestOffered: 281 }), 1);
  t.equal(found?.share.toFixed(2), '0.30');
  t.equal(found?.capacity, 177);
  t.equal(
    hotKeyOf(operatorOf('it', { ...source, backlogSlope: 0, largestOffered: 177 }), 1),
    null,
    'its work hides it',
  );
  const unknown = hotKeyOf(operatorOf('it', { ...source, backlogSlope: 104, largestOffered: null }), 1);
  t.equal(unknown, null, 'where that is not known, only its work counts');
  const slow: OperatorSketch = { source: true, rate: [50, 150, 150], busy: [1, 0.9, 0.9], backlog: 9000 };
  const evenly = hotKeyOf(operatorOf('it', { ...slow, backlogSlope: 100, largestOffered: 150 }), 1);
  t.equal(evenly, null, 'an instance that is slow is offered no more than others');
  const drained = hotKeyOf(operatorOf('it', { ...source, backlogSlope: -423, largestOffered: 0 }), 1);
  t.equal(drained, null, 'nothing is offered');
  t.end();
});

/** 105 of 225 records/s are offered to one of three instances, which do 50 each: what waits grows by 75/s. */
const UNEVEN: OperatorSketch = {
  ...{ source: true, rate: [50, 50, 50], busy: [1, 1, 1], backlog: 9000 },
  ...{ backlogSlope: 75, largestOffered: 105 },
};

const round = (ratio: number): number => Math.round(ratio * 1000) / 1000;

await t.test(
  'what each instance of a source is offered shows how uneven its input is, where its work hides it',
  (t) => {
    const uneven = (changes: OperatorSketch = {}) =>
      round(hiddenImbalanceOf(operatorOf('it', { ...UNEVEN, ...changes })));
    t.equal(uneven(), 1.4, '105 is 1.4 times the mean of 75, while all of them do the same');
    t.equal(enough({ ...UNEVEN }, 1.5, 1, 1), 6.3, '3 × 105 / 50');
    t.equal(uneven({ rate: [50, 50, 60] }), 1.191, 'what their work shows already is not counted again');
    t.equal(uneven({ rate: [40, 40, 70], backlogSlope: 75 }), 1, 'all of it');
    t.equal(uneven({ largestOffered: 89 }), 1, 'less than 1.2 times the mean may be how the backlog was sampled');
    t.equal(uneven({ largestOffered: null }), 1);
    t.equal(uneven({ backlog: NOT_APPLICABLE }), 1);
    t.equal(uneven({ backlogSlope: -150, largestOffered: 0 }), 1, 'nothing is offered');
    t.equal(uneven({ incompleteBecause: 'a gap' }), 1);
    t.end();
  },
);

/** 20 instances with a key of this share; the busiest does 500 records/s and is full. */
function withHotKey(share: number): OperatorSketch {
  const total = 500 / (share + (1 - share) / 20);
  const other = ((1 - share) * total) / 20;
  return { rate: [500, ...Array<number>(19).fill(other)], busy: NOT_APPLICABLE };
}

await t.test('with a hot key, others take what that instance has no time for', (t) => {
  const sketch = withHotKey(0.04);
  const served = 500 / (0.04 + 0.96 / 20);
  t.equal(enough(sketch, 8000 / served, 1), 54.86, '4 % of 8,000 records/s, where an instance can do 500');
  t.equal(enough(sketch, 11_800 / served, 1), 871.38, 'where 0.92 of an instance is not enough, 0.97 is tried');
  t.equal(enough(sketch, 12_300 / served, 1), Infinity, '492 of 500 records/s are more than one instance should do');
  const load = (ratio: number) => {
    const operator = operatorOf('it', sketch);
    return hasIncurableHotKey(operator, { ...loadOf(operator, 1), offeredRatio: ratio });
  };
  t.equal(load(8000 / served), false);
  t.equal(load(12_300 / served), true);
  t.end();
});

await t.test('a bound lets through what its instances can do when full', (t) => {
  const at = (sketch: OperatorSketch, busy: number | null, bound: number): number | null => {
    const operator = operatorOf('it', sketch);
    const ratio = ratioAtBound(operator, loadOf(operator, busy), bound);
    return ratio === null ? null : Math.round(ratio * 1000) / 1000;
  };
  t.equal(at({ parallelism: 10 }, 1, 14), 1.4);
  t.equal(at({ parallelism: 10 }, 0.5, 14), 2.8);
  t.equal(at({ parallelism: 10 }, 0.5, 4), 2, 'an operator above its bound keeps its size');
  t.equal(at({ parallelism: 10 }, 0, 14), Infinity, 'an idle operator limits nothing');
  t.equal(at({ parallelism: 10 }, null, 14), null);
  t.equal(at(withHotKey(0.04), 1, 100), 1.774, 'a hot key: 500 of its 0.0496 of the records');
  t.equal(at(withHotKey(0.04), 1, 20), 1);
  t.equal(at(UNEVEN, 1, 6), 1.429, 'unevenly, twice the instances let through less than twice as much');
  t.equal(at(UNEVEN, 1, 4), 1, 'and never less than flows already');
  t.end();
});

await t.test('nothing is sized for more than the tightest bound lets through', (t) => {
  const limited = (name: string, sketch: OperatorSketch, busy: number | null, offered: number | null = 2) => {
    const load = {
      effectiveBusy: busy,
      hotKey: null,
      hiddenImbalance: 1,
      offeredRatio: offered,
      catchUpRatio: offered,
    };
    return { measurement: operatorOf(name, sketch), load };
  };
  const split = limited('split', { parallelism: 10, max: 14 }, 1);
  const count = limited('count', { parallelism: 20, max: 200 }, 1);
  const limitOf = (...operators: ReturnType<typeof limited>[]) => flowLimitOf(operators, new Set());
  t.same(limitOf(split, count), { operator: 'split', ratio: 1.4 });
  t.same(flowLimitOf([count], new Set(['count'])), { operator: 'count', ratio: 1 }, 'a held operator keeps its size');
  t.equal(limitOf(limited('it', { max: null }, 1)), null, 'without a bound nothing is limited');
  t.equal(limitOf(limited('it', { max: 14 }, null)), null, 'nor by an unknown limit');
  const enough = limited('enough', { parallelism: 10, max: 14 }, 1, 1.4);
  t.equal(limitOf(enough), null, 'nor by an operator that lets through all that it is offered');
  const source = (name: string, max: number, offered: number | null = 2) =>
    limited(name, { source: true, parallelism: 10, max }, 1, offered);
  t.equal(limitOf(source('push', 14, null)), null, 'nor by a source that may be offered anything');
  t.equal(limitOf(source('a', 14), source('b', 20)), null, 'nor by one of several sources: others are offered more');
  t.same(limitOf(source('a', 14), source('b', 16)), { operator: 'b', ratio: 1.6 }, 'all of them limit it');
  t.same(flowLimitOf([source('a', 14), source('b', 20)], new Set(['a'])), { operator: 'a', ratio: 1 }, 'or a held one');
  const { measurement, load } = source('a', 14);
  t.equal(boundRatioOf(measurement, load), 1.4, 'a source at its bound limits what it feeds');
  t.equal(boundRatioOf(split.measurement, split.load), null);
  const unknown = limited('join', { parallelism: 10, max: 14 }, 1, null);
  t.same(limitOf(unknown), { operator: 'join', ratio: 1.4 }, 'an inner operator may hold up other sources too');
  t.end();
});

await t.test('need is the offered load in instances', (t) => {
  const need = (sketch: OperatorSketch, ratio: number | null = 1, full = 1, isClean = true): string | undefined =>
    neededInstancesOf(operatorOf('it', sketch), ratio, full, isClean)?.toFixed(6);
  t.equal(need({ parallelism: 20, busy: Array<number>(20).fill(0.4) }), '8.000000');
  t.equal(need({ parallelism: 20, busy: Array<number>(20).fill(0.4) }, 1.5), '12.000000');
  t.equal(need({ parallelism: 20, busy: Array<number>(20).fill(0.4) }, 1, 0.8), '10.000000', 'where 0.8 is full');
  t.equal(need({ parallelism: 20 }, null), undefined);
  t.equal(need({ parallelism: 20, busy: NOT_APPLICABLE }), undefined);
  t.equal(need({ parallelism: 20, busy: MISSING }), undefined);
  t.equal(need({ parallelism: 20, incompleteBecause: 'a gap' }), undefined);
  t.equal(need({ parallelism: 20 }, 1, 1, false), undefined, 'and only in a clean window');
  t.end();
});

await t.test('a window is clean when it begins a minute after the last change was seen', (t) => {
  const window = { atMs: 10 * MINUTE_MS, windowMs: 2 * MINUTE_MS };
  const operator = operatorOf('it', {});
  t.equal(isCleanWindow(operator, window, 7 * MINUTE_MS), true);
  t.equal(isCleanWindow(operator, window, 7 * MINUTE_MS + 1), false);
  t.equal(isCleanWindow(operator, window, null), true);
  t.equal(isCleanWindow(operatorOf('it', { lowestRate: null }), window, null), false, 'the series do not cover it');
  t.equal(isCleanWindow(operatorOf('it', { rate: MISSING }), window, null), false);
  t.end();
});

await t.test(
  'more load, or a lower target, never needs fewer; enough instances keep the hot one below its capacity',
  (t) => {
    const arbitrary = fc.record({
      rates: fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 8 }),
      busy: fc.double({ min: 0.05, max: 1, noNaN: true }),
      ratio: fc.double({ min: 0, max: 20, noNaN: true }),
      more: fc.double({ min: 0, max: 5, noNaN: true }),
    });
    t.doesNotThrow(() => {
      fc.assert(
        fc.property(arbitrary, ({ rates, busy, ratio, more }) => {
          const operator = operatorOf('it', { rate: rates, busy: NOT_APPLICABLE });
          const load = loadOf(operator, busy);
          const one = enoughInstances(operator, load, ratio, U) ?? NaN;
          const other = enoughInstances(operator, load, ratio + more, U) ?? NaN;
          const isMonotone = other >= one - 1e-9;
          if (load.hotKey === null || one === Infinity || ratio === 0) return isMonotone;
          const total = rates.reduce((sum, rate) => sum + rate, 0) * ratio;
          const { share, capacity } = load.hotKey;
          const hottest = total * (share + (1 - share) / Math.max(1, one));
          return isMonotone && (one < 1 || hottest <= 0.98 * capacity + 1e-6);
        }),
      );
    });
    t.end();
  },
);
