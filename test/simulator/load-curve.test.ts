import t from 'tap';
import { offeredAt, stepLoad, waveLoad } from '../../src/simulator/load-curve.js';

await t.test('a constant load is the same at all times', (t) => {
  t.equal(offeredAt(7, 0), 7);
  t.equal(offeredAt(7, 1e6), 7);
  t.end();
});

await t.test('a wave rises first, and never goes below nothing', (t) => {
  const load = waveLoad(100, 150, 60);
  t.same(
    [0, 15, 30, 45].map((seconds) => Math.round(offeredAt(load, seconds))),
    [100, 250, 100, 0],
  );
  t.end();
});

await t.test('steps hold from their time on', (t) => {
  const load = stepLoad([
    { fromSeconds: 10, recordsPerSecond: 5 },
    { fromSeconds: 20, recordsPerSecond: 3 },
  ]);
  t.same(
    [0, 10, 19.9, 20, 99].map((seconds) => offeredAt(load, seconds)),
    [0, 5, 5, 3, 3],
  );
  t.end();
});
