import t from 'tap';
import { beginRequests } from '../../src/webhooks/attempt-requests.js';
import { createFakeClock } from '../support/fake-clock.js';

await t.test('the requests of an attempt share its time, and carry its key', (t) => {
  const clock = createFakeClock();
  const { signal } = new AbortController();
  const parts = { webhook: { timeoutMs: 10_000 }, clock, userAgent: 'dhalion/1' };
  const { headers, inTime } = beginRequests(parts, { id: 'a1' }, signal);
  t.strictSame(headers, { 'user-agent': 'dhalion/1', 'idempotency-key': '"a1"' });
  t.strictSame(inTime(), { timeoutMs: 10_000, signal });
  clock.advance(7500);
  t.equal(inTime().timeoutMs, 2500);
  clock.advance(5000);
  t.equal(inTime().timeoutMs, 1, 'a request without time left fails at once');
  t.end();
});
