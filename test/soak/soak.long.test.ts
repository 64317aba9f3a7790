// The short soak; `npm run soak` is the large one, with its figures in README.md next to this file.
import t from 'tap';
import { soak } from './soak.js';

t.setTimeout(400_000);

await t.test('under scrapes, notifications and many pages nothing is lost', async (t) => {
  const { violations, figures } = await soak({ durationMs: 15_000, pages: 100, scrapers: 2, seed: 1 });
  t.strictSame(violations, []);
  const figure = (name: string): number => Number(new Map(figures).get(name));
  // Or nothing was tried at all.
  for (const name of ['changes told to them', 'lists sent to them', 'scrapes', 'notifications acknowledged']) {
    t.ok(figure(name) > 0, name);
  }
});
