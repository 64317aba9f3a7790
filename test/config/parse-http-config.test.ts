import t from 'tap';
import { renderFaults } from '../../src/grammar/config-fault.js';
import { parseHttpConfig } from '../../src/config/parse-http-config.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';

await t.test('a client uses the file of http_config; an empty one configures nothing', (t) => {
  t.strictSame(
    parseHttpConfig('basic_auth: {username: ann, password_file: p}', () => true),
    { http: { ...PLAIN_HTTP, basicAuth: { username: 'ann', passwordFile: 'p' } } },
  );
  t.strictSame(
    parseHttpConfig('', () => true),
    { http: PLAIN_HTTP },
  );
  t.end();
});

await t.test('all its faults are reported, each at its place', (t) => {
  const yaml = 'basic_auth: {username: ann, password: x}\nauthorization: {credentials_file: none}\n';
  const result = parseHttpConfig(yaml, (path) => path !== 'none');
  if (!('faults' in result)) throw new Error('it has faults');
  const faults = renderFaults(result, 'http.yml').join('\n');
  t.match(faults, /http\.yml:1:\d+: basic_auth: lacks password_file/);
  t.match(faults, /http\.yml:1:\d+: basic_auth\.password: .*use password_file/);
  t.match(faults, /http\.yml:2:\d+: authorization: excludes basic_auth/);
  t.match(faults, /http\.yml:2:\d+: authorization\.credentials_file: must be a regular file/);
  t.notMatch(faults, 'found x');
  t.end();
});
