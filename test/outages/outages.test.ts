// The outages in little, of the parts that lost-sight.test.ts leaves out; `npm run outages` takes all of them away for a minute
// each, and its table is in the README.
import t from 'tap';
import { outages } from './outages.js';

t.setTimeout(400_000);

void t.test(
  'what is killed or hung for seconds is missed where that can be known, and used again when it is back',
  async (t) => {
    const { violations, figures } = await outages(t, {
      parts: ['alertmanager', 'webhook', 'database'],
      durationMs: 8000,
    });
    t.strictSame(violations, []);
    t.equal(figures.length, 6);
  },
);
