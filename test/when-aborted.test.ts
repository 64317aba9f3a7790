import { getEventListeners } from 'node:events';
import t from 'tap';
import { systemClock } from '../src/clock.js';
import { whenAborted } from '../src/when-aborted.js';
import { nodeWarnings } from './support/node-warnings.js';

const MANY = 40;

await t.test('as many as like wait for one signal, each is called once, and none is left', async (t) => {
  const warnings = nodeWarnings(t);
  const stop = new AbortController();
  let calls = 0;
  const ends = Array.from({ length: MANY }, () =>
    whenAborted(stop.signal, () => {
      calls += 1;
    }),
  );
  ends[0]?.();
  t.equal(getEventListeners(stop.signal, 'abort').length, MANY - 1);
  stop.abort();
  t.equal(calls, MANY - 1);
  t.equal(getEventListeners(stop.signal, 'abort').length, 0);
  whenAborted(stop.signal, () => {
    calls += 1;
  })();
  t.equal(calls, MANY, 'a later listener is called at once');
  t.strictSame(await warnings(), []);
});

await t.test(
  'many sleep on one signal: it wakes them all, and who has slept enough waits for it no more',
  async (t) => {
    const warnings = nodeWarnings(t);
    const stop = new AbortController();
    await Promise.all(Array.from({ length: MANY }, () => systemClock.sleep(1, stop.signal)));
    t.equal(getEventListeners(stop.signal, 'abort').length, 0);
    const sleeping = Promise.all(Array.from({ length: MANY }, () => systemClock.sleep(1e8, stop.signal)));
    t.equal(getEventListeners(stop.signal, 'abort').length, MANY);
    stop.abort();
    await sleeping;
    await systemClock.sleep(1e8, stop.signal);
    t.strictSame(await warnings(), []);
  },
);
