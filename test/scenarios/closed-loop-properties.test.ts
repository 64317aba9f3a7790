// The first runs of the properties of the closed loop; `npm run test:long` has more.
import t from 'tap';
import {
  checkThatItSettles,
  checkThatNothingSwings,
  checkThatTheFaultlessSettle,
  checkWhateverBefalls,
} from './closed-loop-properties.js';

// Hours of simulated time, however busy the machine is.
t.setTimeout(600_000);

await t.test('whatever befalls it, bounds hold, one action is open, harm is undone, all is judged', async (t) => {
  const seen = await checkWhateverBefalls(2);
  t.ok(seen.has('scale_up'), [...seen].join(', '));
});

await t.test('under a constant load it settles within three actions, on every engine', async (t) => {
  t.ok((await checkThatItSettles(2)) > 0);
});

await t.test('without slow instances and hot keys it settles within three actions', async (t) => {
  t.ok((await checkThatTheFaultlessSettle(9)) > 0);
});

await t.test('what its load nearly fills is not scaled up and down again and again', async (t) => {
  t.ok((await checkThatNothingSwings(3)) > 0);
});
