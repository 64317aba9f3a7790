import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { DhalionError } from '../../../src/errors.js';
import { readSigningSecret, signatureOf } from '../../../src/webhooks/generic/signature.js';

await t.test('the example of the specification has the specified signature', async (t) => {
  const file = join(t.testdir({ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n' }), 'secret');
  const signature = signatureOf(
    await readSigningSecret(file),
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  t.equal(signature, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

await t.test('a body outside of ASCII is signed by its bytes', (t) => {
  const key = Buffer.from('0123456789abcdef01234567');
  const digest = execFileSync(
    'openssl',
    ['dgst', '-sha256', '-binary', '-mac', 'HMAC', '-macopt', `key:${key.toString()}`],
    {
      input: Buffer.from('id.1700000000.{"topology":"Wörter"}', 'utf8'),
    },
  );
  t.equal(signatureOf(key, 'id', 1_700_000_000, '{"topology":"Wörter"}'), `v1,${digest.toString('base64')}`);
  t.end();
});

await t.test(
  'every key of at least one byte is read from its file, with or without padding and line break',
  async (t) => {
    const file = join(t.testdir({}), 'secret');
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.constantFrom('', '\n', '\r\n', ' \n'),
        fc.boolean(),
        async (key, ending, isPadded) => {
          const base64 = Buffer.from(key).toString('base64');
          writeFileSync(file, `whsec_${isPadded ? base64 : base64.replace(/=+$/, '')}${ending}`);
          return Buffer.from(await readSigningSecret(file)).equals(key);
        },
      ),
      { numRuns: 50 },
    );
  },
);

await t.test('a secret is read for each call', async (t) => {
  const file = join(t.testdir({ secret: 'whsec_Zmlyc3Q=' }), 'secret');
  t.equal(Buffer.from(await readSigningSecret(file)).toString(), 'first');
  writeFileSync(file, 'whsec_c2Vjb25k');
  t.equal(Buffer.from(await readSigningSecret(file)).toString(), 'second');
});

await t.test("a malformed secret is refused with its file's name, and never shown", async (t) => {
  for (const content of [
    'hunter2',
    'whsec_',
    'whsec_hunter2!',
    'whsec_hunter2-_',
    'whsec_hunte',
    'hunter2whsec_aGk=',
    '',
  ]) {
    const file = join(t.testdir({ 'signing-key': content }), 'signing-key');
    const error: unknown = await readSigningSecret(file).catch((reason: unknown) => reason);
    t.ok(error instanceof DhalionError && error.code === 'secret_unreadable', content);
    t.match(inspect(error), 'signing-key');
    t.notMatch(inspect(error), 'hunte');
  }
  await t.rejects(readSigningSecret('/nowhere/signing-key'), {
    code: 'secret_unreadable',
    message: /nowhere.signing-key/,
  });
});
