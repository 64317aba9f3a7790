import fc from 'fast-check';
import t from 'tap';
import { alignParallelism } from '../../src/resolvers/align-parallelism.js';

const TABLE: readonly [fact: string, sized: number, shares: number | null, atMost: number, expected: number][] = [
  ['two more than 30 give 4 of 128 key groups to each', 30, 128, Infinity, 32],
  ['a divisor stays', 32, 128, Infinity, 32],
  ['64 would cost 28 % more than 50', 50, 128, Infinity, 50],
  ['a tenth more is worth it', 60, 66, Infinity, 66],
  ['a tenth of 10 is one', 10, 11, Infinity, 11],
  ['one more than 9 is more than a tenth', 9, 10, Infinity, 9],
  ['the number of partitions itself divides them', 23, 24, Infinity, 24],
  ['a bound is not exceeded', 30, 128, 31, 30],
  ['a bound may be met', 30, 128, 32, 32],
  ['nor a bound that equals the size', 30, 128, 30, 30],
  ['unknown shares change nothing', 30, null, Infinity, 30],
  ['more instances than shares stay as they are', 200, 128, Infinity, 200],
  ['a prime number of shares has no divisor on the way', 60, 127, Infinity, 60],
  ['thousands of key groups', 1000, 32_768, Infinity, 1024],
];

for (const [fact, sized, shares, atMost, expected] of TABLE) {
  void t.test(fact, (t) => {
    t.equal(alignParallelism(sized, shares, atMost), expected);
    t.end();
  });
}

void t.test('an aligned size is the same or larger, by a tenth at most, and its fullest instance has less', (t) => {
  const counts = fc.integer({ min: 1, max: 5000 });
  const fullest = (shares: number, parallelism: number): number => Math.ceil(shares / parallelism);
  fc.assert(
    fc.property(counts, counts, fc.oneof(fc.constant(Infinity), counts), (sized, shares, bound) => {
      const atMost = Math.max(sized, bound);
      const aligned = alignParallelism(sized, shares, atMost);
      if (aligned === sized) return true;
      const isBounded = aligned > sized && aligned <= atMost && aligned <= 1.1 * sized + 1e-6;
      return isBounded && shares % aligned === 0 && fullest(shares, aligned) < fullest(shares, sized);
    }),
    { numRuns: 2000 },
  );
  t.end();
});
