import fc from 'fast-check';
import t from 'tap';
import { keyShares, type KeySkew } from '../../src/simulator/key-skew.js';

const EVEN: KeySkew = { kind: 'even' };

await t.test('shares follow the skew', (t) => {
  t.same(keyShares(4, EVEN, null), [0.25, 0.25, 0.25, 0.25]);
  t.same(keyShares(1, { kind: 'spread', share: 0.5 }, null), [1]);
  t.same(
    keyShares(3, { kind: 'spread', share: 0.3 }, null).map((share) => Math.round(share * 1000)),
    [233, 333, 433],
  );
  t.same(keyShares(2, { kind: 'weights', byParallelism: { 2: [3, 1] } }, null), [0.75, 0.25]);
  t.end();
});

await t.test('weights hold only at the parallelism they were given for', (t) => {
  t.same(keyShares(4, { kind: 'weights', byParallelism: { 2: [3, 1] } }, null), [0.25, 0.25, 0.25, 0.25]);
  t.end();
});

await t.test('a hot key is on one instance whatever the parallelism', (t) => {
  t.same(keyShares(2, EVEN, { share: 0.5, instance: 1 }), [0.25, 0.75]);
  t.same(keyShares(1, EVEN, { share: 0.5, instance: 1 }), [1]);
  t.equal(Math.max(...keyShares(50, EVEN, { share: 0.5, instance: 77 })), 0.51);
  t.end();
});

await t.test('shares sum to 1', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(99),
      (p, share, instance) => {
        const shares = keyShares(p, { kind: 'spread', share }, { share, instance });
        const sum = shares.reduce((total, part) => total + part, 0);
        return shares.length === p && Math.abs(sum - 1) < 1e-9 && shares.every((part) => part >= 0);
      },
    ),
  );
  t.end();
});
