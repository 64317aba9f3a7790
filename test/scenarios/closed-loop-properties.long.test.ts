import t from 'tap';
import type { Outcome } from '../../src/model/outcome.js';
import {
  checkThatItSettles,
  checkThatNothingSwings,
  checkThatTheFaultlessSettle,
  checkWhateverBefalls,
} from './closed-loop-properties.js';

// Hours of simulated time, however busy the machine is.
t.setTimeout(900_000);

await t.test('whatever befalls it, bounds hold, one action is open, harm is undone, all is judged', async (t) => {
  const seen = await checkWhateverBefalls(12);
  const rare: readonly (Outcome | null)[] = ['harmful', 'superseded', 'not_applied', 'failed'];
  for (const outcome of rare) t.ok(seen.has(outcome), `some were ${String(outcome)}`);
  t.ok(seen.has('revert') && seen.has('scale_down'));
});

await t.test('under a constant load it settles within three actions, on every engine', async (t) => {
  t.ok((await checkThatItSettles(12)) > 0);
});

await t.test('without slow instances and hot keys it settles within three actions', async (t) => {
  t.ok((await checkThatTheFaultlessSettle(45)) > 0);
});

await t.test('what its load nearly fills is not scaled up and down again and again', async (t) => {
  t.ok((await checkThatNothingSwings(24)) > 0);
});
