import t from 'tap';
import { redactUrl } from '../../src/outbound/redact-url.js';

await t.test('a URL is shown by scheme, host and path only', (t) => {
  t.equal(redactUrl('https://a.test:8443/b/c'), 'https://a.test:8443/b/c');
  t.equal(redactUrl('https://me:secret@a.test/b?token=secret#secret'), 'https://a.test/b?…');
  t.equal(redactUrl('http://[::1]:9090'), 'http://[::1]:9090/');
  t.equal(redactUrl('not a URL: secret'), '(not a URL)');
  t.end();
});
