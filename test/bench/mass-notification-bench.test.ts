import t from 'tap';
import { benchMassNotifications } from './mass-notification-bench.js';

await t.test('notifications of 256 KiB are taken, eight at once, too', async (t) => {
  const benches = await benchMassNotifications(256 * 1024);
  t.equal(benches.length, 4);
  for (const { what, statuses, longestBlockMs } of benches) {
    t.ok(
      statuses.every((status) => status === 202),
      `${what}: ${statuses.join()}`,
    );
    t.ok(longestBlockMs > 0);
  }
});
