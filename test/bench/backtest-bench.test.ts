import t from 'tap';
import { benchBacktest } from './backtest-bench.js';

t.setTimeout(300_000);

// All steps of these 4 h would be some 15 MB; 17 are in use without them.
await t.test('a backtest of 4 h, both reports written, does not keep its steps', async (t) => {
  const [bench] = await benchBacktest({ topologies: 2, hours: [4], maxHeapMb: 28 });
  t.equal(bench?.hours, 4);
});
