// The short chaos run; `npm run chaos` is the large one, with its figures in README.md next to this file.
import t from 'tap';
import { chaos } from './chaos.js';

t.setTimeout(400_000);

await t.test('killed five times at random moments, nothing is lost, doubled or forgotten', async (t) => {
  const { violations, figures } = await chaos({ cycles: 5, topologies: 3, seed: 1 });
  t.strictSame(violations, []);
  const figure = (name: string): number => Number(new Map(figures).get(name));
  t.ok(figure('alerts acknowledged') > 0);
  t.equal(figure('decisions') > 0, true);
});
