import t from 'tap';
import bcrypt from 'bcryptjs';
import { createPasswordThread } from '../../src/http/password-thread.js';

/** A real hash with its cost changed: no password has it, and to find that out takes as long as the cost says. */
const hashOfCost = (cost: string): string => bcrypt.hashSync('sesame', 4).replace('$04$', `$${cost}$`);

await t.test('a password is compared, one after the other', async (t) => {
  const thread = createPasswordThread();
  t.teardown(() => thread.close());
  const hash = bcrypt.hashSync('sesame', 4);
  t.equal(await thread.compare('sesame', hash), true);
  t.equal(await thread.compare('sesam', hash), false);
  await t.rejects(thread.compare('sesame', `$9${hash.slice(2)}`), /a password cannot be compared: /);
  t.equal(await thread.compare('sesame', hash), true, 'and the next one is');
});

await t.test('the event loop turns while a password of cost 14 is compared', async (t) => {
  const thread = createPasswordThread();
  t.teardown(() => thread.close());
  let turns = 0;
  const over = new AbortController();
  const comparing = thread.compare('wrong', hashOfCost('14')).finally(() => {
    over.abort();
  });
  while (!over.signal.aborted) {
    turns += 1;
    await new Promise(setImmediate);
  }
  t.equal(await comparing, false);
  t.ok(turns > 100, `${turns} turns`);
});

await t.test('closing ends the current comparison, and a later one starts a new thread', async (t) => {
  const thread = createPasswordThread();
  // Of cost 17 it would take a quarter of a minute and more.
  const comparing = thread.compare('wrong', hashOfCost('17'));
  const ended = t.rejects(comparing, /has ended/);
  await thread.close();
  await ended;
  t.equal(await thread.compare('sesame', bcrypt.hashSync('sesame', 4)), true);
  await thread.close();
});
