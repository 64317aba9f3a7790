import t from 'tap';
import { isLoopback, parseListenAddress } from '../../src/http/listen-address.js';

await t.test('host and port are separated', (t) => {
  const cases: [string, string | null, number][] = [
    ['127.0.0.1:10017', '127.0.0.1', 10017],
    [':10017', null, 10017],
    ['[::1]:10017', '::1', 10017],
    ['localhost:0', 'localhost', 0],
    ['0.0.0.0:65535', '0.0.0.0', 65535],
  ];
  for (const [text, host, port] of cases) t.strictSame(parseListenAddress(text), { host, port }, text);
  t.end();
});

await t.test('an invalid address is a fault that quotes it', (t) => {
  const bad = [
    '',
    '10017',
    'localhost',
    '::1:10017',
    '[::1]',
    'a:b',
    'x:65536',
    'x:-1',
    '[x]:1',
    'http://x:1',
    'a b:1',
    '[]:1',
  ];
  for (const text of bad) {
    const because = { code: 'listen_failed', message: new RegExp(`'${text.replace(/[[\]]/g, '\\$&')}' must be`) };
    t.throws(() => parseListenAddress(text), because, text);
  }
  t.end();
});

await t.test('loopback is 127.0.0.0/8 and ::1, however they are written', (t) => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1']) {
    t.ok(isLoopback(address), address);
  }
  for (const address of ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', '::ffff:10.0.0.1', 'localhost', '']) {
    t.notOk(isLoopback(address), address);
  }
  t.end();
});
