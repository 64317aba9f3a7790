import t from 'tap';
import { benchIntake } from './intake-bench.js';

await t.test('alerts are accepted, and decided meanwhile', async (t) => {
  const bench = await benchIntake({ alerts: 2, connections: 4, durationS: 1 });
  t.ok(bench.notificationsPerSecond > 0);
  t.ok(bench.decisionsPerSecond > 0);
  t.ok(bench.flushesPerSecond > 0);
});
