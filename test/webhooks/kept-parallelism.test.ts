import fc from 'fast-check';
import t from 'tap';
import { isKept, settingAfter } from '../../src/webhooks/kept-parallelism.js';

await t.test('a setting becomes what is wanted, unless it is beyond that already', (t) => {
  const table: readonly [before: number | null, from: number, to: number, after: number, isKept: boolean][] = [
    [null, 2, 4, 4, false],
    [2, 2, 4, 4, false],
    [4, 2, 4, 4, false],
    [6, 2, 4, 6, true],
    [3, 3, 2, 2, false],
    [1, 3, 2, 1, true],
  ];
  for (const [before, from, to, after, kept] of table) {
    const change = { from, to };
    const title = `${before ?? 'none'}, from ${from} to ${to}`;
    t.equal(settingAfter(before, change), after, title);
    t.equal(isKept(before, change), kept, title);
  }
  t.end();
});

await t.test('a repetition changes nothing', (t) => {
  const number = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(fc.option(number), number, number, (before, from, to) => {
      const after = settingAfter(before, { from, to });
      return settingAfter(after, { from, to }) === after;
    }),
  );
  t.end();
});
