import t from 'tap';
import bcrypt from 'bcryptjs';
import { systemClock } from '../../src/clock.js';
import { createPasswordCheck, type PasswordCheckParts, type PasswordVerdict } from '../../src/http/password-check.js';
import { createFakeClock } from '../support/fake-clock.js';
import { nodeWarnings } from '../support/node-warnings.js';

const ALICE = bcrypt.hashSync('sesame', 4);
const BOB = bcrypt.hashSync('rosebud', 5);
const USERS = new Map([
  ['alice', ALICE],
  ['bob', BOB],
]);

const HERE = '192.0.2.1';
const THERE = '192.0.2.2';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Real bcrypt, and a list of the hashes that were compared with. */
function counted(more: Partial<PasswordCheckParts> = {}) {
  const compared: string[] = [];
  const compare = (password: string, hash: string): Promise<boolean> => {
    compared.push(hash);
    return bcrypt.compare(password, hash);
  };
  const passwords = createPasswordCheck({ clock: systemClock, compare, ...more });
  const check = (user: string, password: string, users: ReadonlyMap<string, string>): Promise<PasswordVerdict> =>
    passwords.check({ address: HERE, user, password }, users);
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
  const users = new Map([
    ['alice', 'right'],
    ['bob', 'right'],
  ]);
  const passwords = createPasswordCheck({ clock: createFakeClock(), compare, ...more });
  const check = (password: string, address = HERE, user = 'alice'): Promise<PasswordVerdict> =>
    passwords.check({ address, user, password }, users);
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await settle();
  };
  return {
    begun,
    endOne,
    check,
    close: () => {
      passwords.close();
    },
  };
}

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

await t.test('a right password is not compared again; a wrong one is', async (t) => {
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

await t.test('comparisons leave nothing behind that Node would take for a leak', async (t) => {
  const warnings = nodeWarnings(t);
  const { check } = counted();
  for (let one = 0; one < 15; one += 1) await check('alice', `wrong ${one}`, USERS);
  t.strictSame(await warnings(), []);
});

await t.test('one is compared at a time, and the same claim of an address only once', async (t) => {
  const { check, begun, endOne } = held();
  const verdicts = Promise.all(['wrong', 'right', 'right'].map((password) => check(password)));
  await settle();
  t.strictSame(begun, ['wrong']);
  await endOne();
  t.strictSame(begun, ['wrong', 'right']);
  await endOne();
  t.strictSame(await verdicts, ['wrong', 'right', 'right']);
});

await t.test('a remembered right password bypasses a flood of wrong ones', async (t) => {
  const { check, endOne } = held({ maxOfAddress: 3 });
  const known = check('right');
  await endOne();
  t.equal(await known, 'right');
  const flood = ['1', '2', '3', '4', '5', '6'].map((password) => check(password));
  t.equal(await check('right'), 'right');
  t.strictSame(
    await Promise.all([flood[3], flood[4]]),
    ['busy', 'busy'],
    'the latest takes the place of the one before',
  );
  for (let left = 4; left > 0; left -= 1) await endOne();
  t.strictSame(await Promise.all(flood), ['wrong', 'wrong', 'wrong', 'busy', 'busy', 'wrong']);
});

await t.test('any number of wrong passwords from one address costs another one a comparison', async (t) => {
  const { check, begun, endOne } = held();
  const flood = Array.from({ length: 200 }, (_, index) => check(`wrong ${index}`));
  await settle();
  const right = check('right', THERE);
  const more = Array.from({ length: 200 }, (_, index) => check(`wrong again ${index}`));
  await endOne();
  t.equal(begun.at(-1), 'right');
  await endOne();
  t.equal(await right, 'right');
  for (let left = 20; left > 0; left -= 1) await endOne();
  const verdicts = await Promise.all([...flood, ...more]);
  t.equal(verdicts.filter((verdict) => verdict === 'wrong').length, 17);
  t.equal(verdicts.filter((verdict) => verdict === 'busy').length, 400 - 17);
});

await t.test('any number of addresses are served in turn, and a sender of wrong passwords goes last', async (t) => {
  const { check, begun, endOne } = held({ maxWaiting: 8 });
  const flood = Array.from({ length: 40 }, (_, index) => check(`wrong ${index}`, `198.51.100.${index % 4}`));
  for (let left = 4; left > 0; left -= 1) await endOne();
  const right = check('right', THERE);
  await endOne();
  t.equal(begun.at(-1), 'right', 'the next one after the one under way');
  for (let left = 12; left > 0; left -= 1) await endOne();
  t.equal(await right, 'right');
  t.equal((await Promise.all(flood)).includes('right'), false);
});

await t.test('a user with wrong passwords waits for another user of the same address', async (t) => {
  const { check, begun, endOne } = held();
  const wrong = ['1', '2', '3', '4'].map((password) => check(password, HERE, 'alice'));
  await endOne();
  const right = check('right', HERE, 'bob');
  const later = ['5', '6'].map((password) => check(password, HERE, 'alice'));
  await endOne();
  t.equal(begun.at(-1), 'right');
  for (let left = 8; left > 0; left -= 1) await endOne();
  t.equal(await right, 'right');
  t.ok((await Promise.all([...wrong, ...later])).every((verdict) => verdict === 'wrong'));
});

await t.test('a right password after a flood from the same address and user is not the last', async (t) => {
  const { check, begun, endOne } = held();
  const flood = Array.from({ length: 200 }, (_, index) => check(`wrong ${index}`));
  await settle();
  const right = check('right');
  await endOne();
  await endOne();
  t.ok(begun.includes('right'), begun.join());
  await endOne();
  t.equal(await right, 'right');
  for (let left = 20; left > 0; left -= 1) await endOne();
  await Promise.all(flood);
});

await t.test('the addresses of one IPv6 network are one', async (t) => {
  const { check, begun, endOne } = held();
  const network = Array.from({ length: 40 }, (_, index) => check(`wrong ${index}`, `2001:db8:1:2:${index}::1`));
  await endOne();
  const right = check('right', '2001:db8:1:3::1');
  const mapped = check('right', '::ffff:192.0.2.9', 'bob');
  await endOne();
  await endOne();
  t.strictSame(begun.slice(-2).filter((password) => password === 'right').length, 2);
  for (let left = 20; left > 0; left -= 1) await endOne();
  t.strictSame(await Promise.all([right, mapped]), ['right', 'right']);
  t.equal((await Promise.all(network)).filter((verdict) => verdict === 'busy').length, 40 - 17);
});

await t.test('waiting requests are refused at once when the service ends', async (t) => {
  const { check, begun, close, endOne } = held();
  const waiting = ['1', '2', 'right'].map((password) => check(password));
  await settle();
  close();
  t.strictSame(await Promise.all(waiting), ['busy', 'busy', 'busy']);
  t.equal(await check('right'), 'busy');
  t.strictSame(begun, ['1']);
  await endOne();
  t.strictSame(begun, ['1'], 'nor is one compared without a waiting request, after the current comparison');
});

await t.test('a comparison that fails is a fault of this request and no other', async (t) => {
  let fails = true;
  const compare = (password: string, hash: string): Promise<boolean> =>
    fails ? Promise.reject(new Error('out of memory')) : bcrypt.compare(password, hash);
  const passwords = createPasswordCheck({ clock: createFakeClock(), compare });
  await t.rejects(passwords.check({ address: HERE, user: 'alice', password: 'sesame' }, USERS), /out of memory/);
  fails = false;
  t.equal(await passwords.check({ address: HERE, user: 'alice', password: 'sesame' }, USERS), 'right');
});
