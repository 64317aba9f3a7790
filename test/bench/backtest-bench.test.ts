import t from 'tap';
import { benchBacktest } from './backtest-bench.js';

t.setTimeout(300_000);

/** Of the heap's own liking to grow while there is room. */
const SLACK = 1.6;

void t.test('memory does not grow with the length of the range', async (t) => {
  const [short, long] = await benchBacktest({ topologies: 2, hours: [1, 6] });
  t.ok(short !== undefined && long !== undefined && short.peakMb > 10);
  if (short === undefined || long === undefined) return;
  t.ok(long.peakMb < SLACK * short.peakMb, `${long.peakMb} MB after six times the steps, ${short.peakMb} MB before`);
});
