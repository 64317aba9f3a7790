import fc from 'fast-check';
import t from 'tap';
import { parseAuthorization } from '../../src/http/authorization-header.js';
import { anyString } from '../support/any-string.js';

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

await t.test('what other clients send is understood', (t) => {
  t.strictSame(parseAuthorization(undefined), { kind: 'none' });
  t.strictSame(parseAuthorization(''), { kind: 'none' });
  t.strictSame(parseAuthorization('Digest username="alice"'), { kind: 'none' });
  // RFC 7617, section 2.
  const aladdin = { kind: 'basic', user: 'Aladdin', password: 'open sesame' };
  t.strictSame(parseAuthorization('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='), aladdin);
  t.strictSame(parseAuthorization('bAsIC  QWxhZGRpbjpvcGVuIHNlc2FtZQ=='), aladdin);
  t.strictSame(parseAuthorization('Basic dGVzdDoxMjPCow=='), { kind: 'basic', user: 'test', password: '123£' });
  t.strictSame(parseAuthorization(`Basic ${base64('a:b:c')}`), { kind: 'basic', user: 'a', password: 'b:c' });
  t.strictSame(parseAuthorization(`Basic ${base64(':')}`), { kind: 'basic', user: '', password: '' });
  // RFC 6750, section 2.1.
  t.strictSame(parseAuthorization('Bearer mF_9.B5f-4.1JqM'), { kind: 'bearer', token: 'mF_9.B5f-4.1JqM' });
  t.strictSame(parseAuthorization('bearer a!b'), { kind: 'bearer', token: 'a!b' });
  t.end();
});

await t.test('a malformed header is reported without a quote', (t) => {
  const headers = [
    'Basic',
    'Basic ',
    'Basic s3cret',
    'Basic s3cret-',
    `Basic ${base64('s3cret')}`,
    `Basic ${base64('alice:s3cret\r\nX-Injected: 1')}`,
    `Basic ${base64('alice:s3cret\0')}`,
    `Basic ${base64(Uint8Array.of(0x61, 0x3a, 0xff))}`,
    `Basic ${base64('alice:s3cret')} more`,
    'Bearer',
    'Bearer s3cret s3cret',
    'Bearer s3cret\u00e4',
  ];
  for (const header of headers) {
    const parsed = parseAuthorization(header);
    t.match(parsed, {
      kind: 'malformed',
      because: /^(basic credentials|the bearer token) must (not )?(be|have|hold|contain)/,
    });
    t.notMatch(JSON.stringify(parsed), 's3cret', header);
  }
  t.end();
});

await t.test('any user and password that may be sent come back as they were', (t) => {
  const part = anyString().filter((text) => !/\p{Cc}/u.test(text));
  fc.assert(
    fc.property(part, part, (before, password) => {
      const user = before.replaceAll(':', '');
      const parsed = parseAuthorization(`Basic ${base64(`${user}:${password}`)}`);
      return parsed.kind === 'basic' && parsed.user === user && parsed.password === password;
    }),
  );
  t.end();
});

await t.test('no header whatever makes it throw', (t) => {
  fc.assert(
    fc.property(fc.constantFrom('', 'Basic ', 'Bearer '), anyString(), (scheme, text) => {
      parseAuthorization(scheme + text);
    }),
  );
  t.end();
});
