import t from 'tap';
import bcrypt from 'bcryptjs';
import { systemClock } from '../../src/clock.js';
import { createPasswordCheck, type PasswordCheckParts, type PasswordVerdict } from '../../src/http/password-check.js';
import { createFakeClock } from '../support/fake-clock.js';
import { createPausedClock } from '../support/paused-clock.js';

const ALICE = bcrypt.hashSync('sesame', 4);
const BOB = bcrypt.hashSync('rosebud', 5);
const USERS = new Map([
  ['alice', ALICE],
  ['bob', BOB],
]);

/** Real bcrypt, and a list of the hashes that were compared with. */
function counted(more: Partial<PasswordCheckParts> = {}) {
  const compared: string[] = [];
  const compare = (password: string, hash: string): Promise<boolean> => {
    compared.push(hash);
    return bcrypt.compare(password, hash);
  };
  const passwords = createPasswordCheck({ clock: systemClock, compare, ...more });
  const check = (user: string, password: string, users: ReadonlyMap<string, string>): Promise<PasswordVerdict> =>
    passwords.check(user, password, users);
  return { compared, check };
}

/** Comparisons that end when the test says so; a password is right if it is its hash. */
function held(more: Partial<PasswordCheckParts> = {}) {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const compare = (password: string, hash: string): Promise<boolean> =>
    new Promise((resolve) => {
      begun.push(password);
      ends.push(() => {
        resolve(password === hash);
      });
    });
  const users = new Map([['alice', 'right']]);
  const check = createPasswordCheck({ clock: createFakeClock(), compare, ...more });
  return { begun, endOne: () => ends.shift()?.(), check: (password: string) => check.check('alice', password, users) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

await t.test('a password is right for its own user only', async (t) => {
  const { check } = counted();
  t.equal(await check('alice', 'sesame', USERS), 'right');
  t.equal(await check('bob', 'rosebud', USERS), 'right');
  t.equal(await check('alice', 'rosebud', USERS), 'wrong');
  t.equal(await check('alice', '', USERS), 'wrong');
  t.equal(await check('Alice', 'sesame', USERS), 'wrong');
  t.equal(await check('__proto__', 'sesame', USERS), 'wrong');
});

await t.test('a hash made by htpasswd, with 2y, is understood', async (t) => {
  const { check } = counted();
  t.equal(await check('alice', 'sesame', new Map([['alice', ALICE.replace('$2b$', '$2y$')]])), 'right');
});

await t.test(
  'an unknown user costs one comparison too, and is refused even with the password of the hash',
  async (t) => {
    const { check, compared } = counted();
    const one = new Map([['alice', ALICE]]);
    t.equal(await check('mallory', 'wrong', one), 'wrong');
    t.strictSame(compared, [ALICE]);
    t.equal(await check('mallory', 'sesame', one), 'wrong');
    t.equal(await check('mallory', 'sesame', one), 'wrong');
    t.equal(compared.length, 3, 'and nothing is remembered of it');
  },
);

await t.test('an unknown name always meets the same cost, as a known one does', async (t) => {
  const { check, compared } = counted();
  const names = Array.from({ length: 40 }, (_, index) => `mallory${index}`);
  for (const name of names) await check(name, 'x', USERS);
  const first = compared.splice(0);
  for (const name of names) await check(name, 'y', USERS);
  t.strictSame(compared, first);
  t.strictSame(new Set(first), new Set([ALICE, BOB]), 'every cost occurs');
});

await t.test('what was right is not compared again; what was wrong is', async (t) => {
  const { check, compared } = counted();
  for (const password of ['sesame', 'sesame', 'sesame', 'wrong', 'wrong']) await check('alice', password, USERS);
  t.equal(compared.length, 3);
});

await t.test('a new hash makes the old password wrong at once', async (t) => {
  const { check } = counted();
  t.equal(await check('alice', 'sesame', USERS), 'right');
  t.equal(await check('alice', 'sesame', new Map([['alice', BOB]])), 'wrong');
  t.equal(await check('alice', 'sesame', new Map([['bob', BOB]])), 'wrong');
});

await t.test('only so many are remembered: those that were used last', async (t) => {
  const { check, compared } = counted({ maxRemembered: 2 });
  const users = new Map(['a', 'b', 'c'].map((name) => [name, ALICE]));
  for (const name of ['a', 'b', 'a', 'c']) await check(name, 'sesame', users);
  t.equal(compared.length, 3);
  await check('a', 'sesame', users);
  t.equal(compared.length, 3, 'a was used after b');
  await check('b', 'sesame', users);
  t.equal(compared.length, 4, 'b is forgotten');
});

await t.test('one is compared at a time, and the same claim only once', async (t) => {
  const { check, begun, endOne } = held();
  const verdicts = Promise.all(['wrong', 'right', 'right'].map(check));
  await settle();
  t.strictSame(begun, ['wrong']);
  endOne();
  await settle();
  t.strictSame(begun, ['wrong', 'right']);
  endOne();
  t.strictSame(await verdicts, ['wrong', 'right', 'right']);
});

await t.test('a flood of wrong passwords makes a short line, past which those who were right walk in', async (t) => {
  const { check, endOne } = held({ maxWaiting: 3 });
  const known = check('right');
  await settle();
  endOne();
  t.equal(await known, 'right');
  const flood = ['1', '2', '3', '4', '5'].map(check);
  t.strictSame(await Promise.all(flood.slice(3)), ['busy', 'busy']);
  t.equal(await check('right'), 'right');
  await settle();
  for (let left = 3; left > 0; left -= 1) {
    endOne();
    await settle();
  }
  t.strictSame(await Promise.all(flood.slice(0, 3)), ['wrong', 'wrong', 'wrong']);
  const late = check('6');
  await settle();
  endOne();
  t.equal(await late, 'wrong', 'there is room again');
});

await t.test('after each comparison as much time is left to others as it took', async (t) => {
  const clock = createPausedClock();
  const { check, begun, endOne } = held({ clock });
  const first = check('1');
  void check('2');
  await settle();
  await clock.advance(70);
  endOne();
  t.equal(await first, 'wrong', 'nobody waits for the rest');
  await clock.advance(69);
  t.strictSame(begun, ['1']);
  await clock.advance(1);
  t.strictSame(begun, ['1', '2']);
  endOne();
});

await t.test('a comparison that fails is a fault of this request and no other', async (t) => {
  let fails = true;
  const compare = (password: string, hash: string): Promise<boolean> =>
    fails ? Promise.reject(new Error('out of memory')) : bcrypt.compare(password, hash);
  const passwords = createPasswordCheck({ clock: createFakeClock(), compare });
  await t.rejects(passwords.check('alice', 'sesame', USERS), /out of memory/);
  fails = false;
  t.equal(await passwords.check('alice', 'sesame', USERS), 'right');
});
