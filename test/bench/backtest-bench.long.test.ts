import t from 'tap';
import { benchBacktest } from './backtest-bench.js';

t.setTimeout(300_000);

// All steps of these 8 h would be some 30 MB, their JSON 5 MB.
await t.test('a backtest of 8 h, both reports written, makes do with the heap that one of 1 h has', async (t) => {
  const benches = await benchBacktest({ topologies: 2, hours: [1, 8], maxHeapMb: 32 });
  t.same(
    benches.map(({ hours }) => hours),
    [1, 8],
  );
});
