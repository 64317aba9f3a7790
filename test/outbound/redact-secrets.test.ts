import t from 'tap';
import { redactSecrets } from '../../src/outbound/redact-secrets.js';

const basic = Buffer.from('alice:s3cret:"x"').toString('base64');

await t.test('the credentials of a request are removed from its answer', (t) => {
  const cases: [headers: [string, string][], text: string, redacted: string][] = [
    [[['authorization', 'Bearer abc.def']], 'bad token abc.def', 'bad token <secret>'],
    [[['Authorization', 'abc']], 'got abc and abc', 'got <secret> and <secret>'],
    [[['authorization', `Basic ${basic}`]], `Basic ${basic} is no good`, 'Basic <secret> is no good'],
    [[['authorization', `Basic ${basic}`]], 'alice has no password s3cret:"x"', 'alice has no password <secret>'],
    [[['authorization', `Basic ${basic}`]], '{"error":"not s3cret:\\"x\\""}', '{"error":"not <secret>"}'],
    [
      [
        ['X-Api-Key', 'abc'],
        ['x-token', 'abcdef'],
      ],
      'abcdef abc',
      '<secret> <secret>',
    ],
    [[['cookie', 'session=abc']], 'session=abc', '<secret>'],
    [[['authorization', 'Bearer $&']], 'got $&, $1', 'got <secret>, $1'],
  ];
  for (const [headers, text, redacted] of cases) t.equal(redactSecrets(text, headers), redacted);
  t.end();
});

await t.test('what only names the request stays', (t) => {
  const headers: [string, string][] = [
    ['idempotency-key', '"0f9c5a3e"'],
    ['x-scope-orgid', 'tenant'],
    ['user-agent', 'dhalion'],
    ['x-token', ''],
  ];
  t.equal(redactSecrets('tenant: "0f9c5a3e" of dhalion', headers), 'tenant: "0f9c5a3e" of dhalion');
  t.end();
});
