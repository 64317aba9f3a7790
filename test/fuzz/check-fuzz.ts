// What `npm test` and `npm run test:long` send; `npm run fuzz` is the large run, with its figures in README.md next to this file.
import type { Test } from 'tap';
import { fuzz } from './fuzz.js';

const OPERATIONS = [
  'delete /api/v1/actions/{id}',
  'delete /api/v1/blacklist/{id}',
  'delete /api/v1/pauses/{id}',
  'post /-/reload',
  'post /api/v1/alerts',
  'post /api/v1/pauses',
  'put /-/reload',
];

const TRIED = [
  'answered 202',
  'answered 400',
  'answered 415',
  'answered 404',
  'alerts accepted',
  'decisions',
  ...OPERATIONS,
];

export async function checkFuzz(t: Test, bodies: number): Promise<void> {
  const { violations, figures } = await fuzz({ bodies, seed: 9, maxDurationMs: 120_000 });
  t.strictSame(violations, []);
  const figure = (name: string): number => Number(new Map(figures).get(name));
  // Or nothing was tried at all.
  for (const name of TRIED) t.ok(figure(name) > 0, name);
}
