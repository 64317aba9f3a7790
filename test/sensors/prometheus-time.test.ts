import t from 'tap';
import { ServerClock } from '../../src/outbound/server-clock.js';
import type { PrometheusClient } from '../../src/sensors/prometheus-client.js';
import { clientWithOffset, senseAtPrometheusTime } from '../../src/sensors/prometheus-time.js';
import { answerTo, NOW_MS } from '../support/server-clock-answers.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

await t.test(
  'a look at a time that was none of Prometheus is taken again, and the next one is right at once',
  async (t) => {
    const clock = new ServerClock('Prometheus');
    const askedForMs: number[] = [];
    const client: PrometheusClient = {
      query: (_promql, atMs) => {
        askedForMs.push(atMs);
        clock.note(answerTo(NOW_MS, 60_000));
        return Promise.resolve();
      },
    };
    const request = { client, atMs: NOW_MS, signal: NEVER } as Parameters<typeof senseAtPrometheusTime>[0];
    const take: NonNullable<Parameters<typeof senseAtPrometheusTime>[2]> = async ({ client: given, atMs, signal }) => {
      await given.query('one', atMs, signal, () => undefined);
      await given.query('another', atMs, signal, () => undefined);
      return { topologies: [], failures: [], requests: 2 };
    };
    await senseAtPrometheusTime(request, clock, take);
    const askedAgainMs = askedForMs.splice(0);
    t.strictSame(askedAgainMs.slice(0, 2), [NOW_MS, NOW_MS], 'one time for all of a look');
    t.ok(Math.abs((askedAgainMs[2] ?? 0) - NOW_MS - 60_000) <= 1000);
    t.equal(askedAgainMs[2], askedAgainMs[3]);
    await senseAtPrometheusTime(request, clock, take);
    t.strictSame(askedForMs, askedAgainMs.slice(2));
  },
);

await t.test('a client with an offset asks for whole milliseconds', async (t) => {
  const asked: number[] = [];
  const client = clientWithOffset(
    { query: (_promql, atMs) => Promise.resolve(asked.push(atMs)).then(() => undefined) },
    () => 0.4,
  );
  await client.query('up', NOW_MS, NEVER, () => undefined);
  t.strictSame(asked, [NOW_MS]);
});
