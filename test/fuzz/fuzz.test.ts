// The short fuzz run; `npm run fuzz` is the large one, with its figures in README.md next to this file.
import t from 'tap';
import { fuzz } from './fuzz.js';

t.setTimeout(400_000);

const OPERATIONS = [
  'delete /api/v1/actions/{id}',
  'delete /api/v1/blacklist/{id}',
  'delete /api/v1/pauses/{id}',
  'post /-/reload',
  'post /api/v1/alerts',
  'post /api/v1/pauses',
  'put /-/reload',
];

await t.test(
  '2,000 mutated bodies for every operation with a body are answered without a fault, and cause no unexpected call',
  async (t) => {
    const { violations, figures } = await fuzz({ bodies: 2000, seed: 9, maxDurationMs: 120_000 });
    t.strictSame(violations, []);
    const figure = (name: string): number => Number(new Map(figures).get(name));
    // Or nothing was tried at all.
    for (const name of [
      'answered 202',
      'answered 400',
      'answered 415',
      'answered 404',
      'alerts accepted',
      'decisions',
      ...OPERATIONS,
    ]) {
      t.ok(figure(name) > 0, name);
    }
  },
);
