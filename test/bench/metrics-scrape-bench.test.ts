import t from 'tap';
import { benchMetricsScrape } from './metrics-scrape-bench.js';

await t.test('the scrape that is timed holds every series of the fleet', async (t) => {
  const { series, ratio } = await benchMetricsScrape({ topologies: 30, operators: 10, rounds: 1 });
  t.ok(series > 4_500, `${series} series`);
  t.ok(Number.isFinite(ratio) && ratio > 0, `ratio ${ratio}`);
});
