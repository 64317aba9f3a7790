import t from 'tap';
import { presentRescalings } from '../../src/control-loop/remembered-rescalings.js';

await t.test('the age of a rescaling is independent of changes of the wall clock', (t) => {
  const before = new Map([
    [
      'wordcount',
      new Map([
        ['split', { parallelism: 4, seenAtMs: 12_000, changedAtMs: 11_000 }],
        ['count', { parallelism: 2, seenAtMs: 12_000, changedAtMs: null }],
      ]),
    ],
  ]);
  const back = presentRescalings(before, -7000);
  t.strictSame(back.get('wordcount')?.get('split'), { parallelism: 4, seenAtMs: 5000, changedAtMs: 4000 });
  t.strictSame(back.get('wordcount')?.get('count'), { parallelism: 2, seenAtMs: 5000, changedAtMs: null });
  t.strictSame(presentRescalings(back, 7000), before);
  t.end();
});
