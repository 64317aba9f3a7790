import t from 'tap';
import { SharedReading } from '../../src/control-loop/shared-reading.js';
import { createFakeClock } from '../support/fake-clock.js';

await t.test('one reading serves all callers while it runs, and while it is recent', async (t) => {
  const clock = createFakeClock();
  let begun = 0;
  let end: () => void = () => undefined;
  const read = () =>
    new Promise<void>((resolve) => {
      begun += 1;
      end = resolve;
    });
  const reading = new SharedReading(read, clock, 1000);
  const slow = [reading.recent(), reading.recent()];
  clock.advance(5000);
  slow.push(reading.recent());
  t.equal(begun, 1, 'independent of its duration');
  end();
  await Promise.all(slow);
  const again = reading.recent();
  t.equal(begun, 2, 'a reading from five seconds ago is not recent');
  end();
  await again;
  clock.advance(999);
  await reading.recent();
  t.equal(begun, 2);
  clock.advance(1);
  void reading.recent();
  t.equal(begun, 3);
});

await t.test('a forgotten reading is read again, even while it runs', async (t) => {
  let begun = 0;
  const read = () => {
    begun += 1;
    return Promise.resolve();
  };
  const reading = new SharedReading(read, createFakeClock(), 1000);
  const first = reading.recent();
  reading.forget();
  await Promise.all([first, reading.recent()]);
  await reading.recent();
  t.equal(begun, 2);
});

await t.test('a failed reading only affects its callers', async (t) => {
  const clock = createFakeClock();
  const reading = new SharedReading(() => Promise.reject(new Error('no')), clock, 1000);
  await t.rejects(reading.recent(), /no/);
});

await t.test('the age of a reading is independent of changes of the wall clock', async (t) => {
  const clock = createFakeClock();
  let begun = 0;
  const read = (): Promise<void> => {
    begun += 1;
    return Promise.resolve();
  };
  const reading = new SharedReading(read, clock, 1000);
  await reading.recent();
  clock.setWall(-7_200_000);
  clock.advance(1000);
  await reading.recent();
  t.equal(begun, 2);
  clock.setWall(7_200_000);
  await reading.recent();
  t.equal(begun, 2);
});
