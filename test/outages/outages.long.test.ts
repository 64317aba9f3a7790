// A short run of the outages of parts that no other test takes away (integration/lost-sight, integration/replicas).
// `npm run outages` takes each of them away for a minute; its table is in README.md next to this file.
import t from 'tap';
import { outages } from './outages.js';

t.setTimeout(400_000);

void t.test('without Alertmanager or webhook it stays up, reports what it can, and continues afterwards', async (t) => {
  const { violations, figures } = await outages(t, { parts: ['alertmanager', 'webhook'], durationMs: 7000 });
  t.strictSame(violations, []);
  t.equal(figures.length, 4);
});
