import t from 'tap';
import { benchMetricsScrape } from './metrics-scrape-bench.js';

await t.test('a scrape takes less than six times as long as concatenating its text', async (t) => {
  const { series, ratio } = await benchMetricsScrape({ topologies: 300, operators: 10, rounds: 9 });
  t.ok(series > 45_000, `${series} series`);
  t.ok(ratio < 6, `ratio ${ratio}`);
});
