import t from 'tap';
import { benchBacktest } from './backtest-bench.js';

t.setTimeout(300_000);

// All steps of these 16 h would be some 60 MB, their JSON 10 MB.
await t.test('a backtest of 16 h, both reports written, makes do with the heap that one of 2 h has', async (t) => {
  const benches = await benchBacktest({ topologies: 2, hours: [2, 16], maxHeapMb: 32 });
  t.same(
    benches.map(({ hours }) => hours),
    [2, 16],
  );
});
