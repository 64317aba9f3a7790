import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { renderFault } from '../../src/grammar/config-fault.js';
import type { PropertySchema } from '../../src/grammar/schema-types.js';
import { createTrackedFiles } from '../../src/http/tracked-files.js';
import { digestOf, hasCredentials, parseWebConfig, type WebConfig } from '../../src/http/web-config.js';
import { webConfigSchema } from '../../src/http/web-config-schema.js';
import { makeAuthority, makeSignedCertificate } from '../support/certificates.js';

const HASH = '$2y$10$dtxFnuB9p1OZgUCIHhs4VeUbzXMpQMnMfGp1Q.CEcKk5LNK1FxcBq';
const TLS = 'cert_file: server.crt, key_file: server.key';

async function makeFolder(t: Test): Promise<string> {
  const folder = t.testdir({
    token: 't0ken\n',
    'other-token': 'other',
    empty: '\n',
    'two-words': 'two words',
    garbage: 's3cret garbage',
    folder: {},
  });
  const authority = await makeAuthority(folder, 'ca');
  await makeSignedCertificate(folder, 'server', authority, 'IP:127.0.0.1');
  await makeSignedCertificate(folder, 'other', authority, 'IP:127.0.0.1');
  return folder;
}

function parse(folder: string, text: string) {
  const files = createTrackedFiles();
  return parseWebConfig(text, { file: join(folder, 'web.yml'), readFile: (path) => files.read(path, 100_000) });
}

function parsed(folder: string, text: string): WebConfig {
  const result = parse(folder, text);
  if ('faults' in result) throw new Error(result.faults.map((fault) => renderFault(fault, 'web.yml')).join('\n'));
  return result.webConfig;
}

function faultsOf(folder: string, text: string): string[] {
  const result = parse(folder, text);
  return 'faults' in result ? result.faults.map((fault) => renderFault(fault, 'web.yml')) : [];
}

const folder = await makeFolder(t);

await t.test('a whole file is understood, with names relative to its folder', (t) => {
  const config = parsed(
    folder,
    `tls_server_config:
  cert_file: server.crt
  key_file: ${join(folder, 'server.key')}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ./ca.crt
  min_version: TLS13
http_server_config:
  http2: true
  headers: {X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=60, X-XSS-Protection: ""}
basic_auth_users:
  alice: ${HASH}
  "100": ${HASH}
bearer_token_files: [token, other-token]
`,
  );
  t.match(config.tls, { clientAuthType: 'RequireAndVerifyClientCert', context: { minVersion: 'TLSv1.3' } });
  t.strictSame(config.tls?.context.cert, readFileSync(join(folder, 'server.crt')));
  t.strictSame(config.tls?.context.ca, readFileSync(join(folder, 'ca.crt')));
  t.strictSame(
    [...config.users],
    [
      ['100', HASH],
      ['alice', HASH],
    ],
  );
  t.strictSame(config.tokenDigests, [digestOf('t0ken'), digestOf('other')]);
  t.strictSame(config.headers, { 'X-Frame-Options': 'sameorigin', 'Strict-Transport-Security': 'max-age=60' });
  t.end();
});

await t.test('an empty file is plain HTTP without credentials', (t) => {
  for (const text of ['', '# nothing\n', '{}']) {
    const config = parsed(folder, text);
    t.strictSame(config, { tls: null, users: new Map(), tokenDigests: [], headers: {} });
    t.notOk(hasCredentials(config));
  }
  t.end();
});

await t.test('users, tokens and verified client certificates are credentials; TLS is not', (t) => {
  const verified = (type: string): string =>
    `tls_server_config: {${TLS}, client_auth_type: ${type}, client_ca_file: ca.crt}`;
  t.ok(hasCredentials(parsed(folder, `basic_auth_users: {alice: ${HASH}}`)));
  t.ok(hasCredentials(parsed(folder, 'bearer_token_files: [token]')));
  t.ok(hasCredentials(parsed(folder, verified('RequireAndVerifyClientCert'))));
  t.notOk(hasCredentials(parsed(folder, verified('VerifyClientCertIfGiven'))));
  for (const type of ['NoClientCert', 'RequestClientCert', 'RequireAnyClientCert']) {
    t.notOk(hasCredentials(parsed(folder, `tls_server_config: {${TLS}, client_auth_type: ${type}}`)), type);
  }
  t.notOk(hasCredentials(parsed(folder, 'basic_auth_users: {}\nbearer_token_files: []')));
  t.end();
});

await t.test('cipher suites have their OpenSSL names, and TLS 1.3 keeps its own', (t) => {
  const ciphersOf = (suites: string): string | undefined =>
    parsed(folder, `tls_server_config: {${TLS}, cipher_suites: ${suites}}`).tls?.context.ciphers;
  t.equal(ciphersOf('[]'), undefined);
  t.equal(ciphersOf('[TLS_AES_128_GCM_SHA256]'), undefined);
  t.equal(
    ciphersOf('[TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]'),
    'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:' +
      'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305',
  );
  t.end();
});

await t.test('every fault is found in one go, with its place', (t) => {
  const faults = faultsOf(
    folder,
    `tls_server_config:
  cert_file: nowhere.crt
  key_file: folder
  client_auth_type: RequireClientCert
  min_version: TLS10
  key: s3cret
http_server_config:
  headers: {Set-Cookie: s3cret, X-Frame-Options: allow, Content-Security-Policy: "a\\r\\nX-Injected: s3cret"}
basic_auth_users:
  alice: s3cret
  "a:b": ${HASH}
bearer_token_files: [empty, two-words, nowhere, token]
rate_limits: 5
`,
  );
  t.notMatch(faults.join('\n'), 's3cret');
  t.match(faults, [
    'web.yml:2:14: tls_server_config.cert_file: the file cannot be read (ENOENT: no such file or directory); found nowhere.crt',
    'web.yml:3:13: tls_server_config.key_file: the file is a folder, not a regular file; found folder',
    /^web\.yml:4:21: tls_server_config\.client_auth_type: must be one of NoClientCert, .*did you mean "RequestClientCert"\?$/,
    'web.yml:5:16: tls_server_config.min_version: must be one of TLS12, TLS13; found TLS10; did you mean "TLS12"?',
    /^web\.yml:6:3: tls_server_config\.key: is not read from the configuration; secrets are files: use key_file$/,
    /headers\.Set-Cookie: is not a known key/,
    /headers\.X-Frame-Options: must be deny or sameorigin$/,
    /headers\.Content-Security-Policy: must be a header value: one line of ASCII text$/,
    /^web\.yml:10:10: basic_auth_users\.alice: must be a bcrypt hash of cost 4 to 17 .*\)$/,
    /^web\.yml:11:3: basic_auth_users\["a:b"\]: the key must be a user name without colon/,
    'web.yml:12:22: bearer_token_files[0]: the file is empty; found empty',
    /^web\.yml:12:29: bearer_token_files\[1\]: the file is not a bearer token/,
    /^web\.yml:12:40: bearer_token_files\[2\]: the file cannot be read \(ENOENT: no such file or directory\)/,
    /^web\.yml:13:1: rate_limits: is not a known key; known here: tls_server_config, /,
  ]);
  t.equal(faults.length, 14);
  t.end();
});

await t.test('settings that contradict each other, and files that do not go together, are faults', (t) => {
  const only = (text: string): string => {
    const faults = faultsOf(folder, text);
    t.equal(faults.length, 1, text);
    return faults[0] ?? '';
  };
  const withTls = (more: string): string => only(`tls_server_config: {${TLS}, ${more}}`);
  t.match(withTls('client_auth_type: RequireAndVerifyClientCert'), /client_auth_type: requires client_ca_file/);
  t.match(withTls('client_auth_type: VerifyClientCertIfGiven'), /client_auth_type: requires client_ca_file/);
  t.match(withTls('client_ca_file: ca.crt'), /client_ca_file: is not used unless/);
  t.match(withTls('min_version: TLS13, max_version: TLS12'), /max_version: must not be older than min_version/);
  t.match(
    withTls('client_auth_type: RequireAndVerifyClientCert, client_ca_file: garbage'),
    /client_ca_file: the file has no PEM certificate/,
  );
  t.match(only('tls_server_config: {cert_file: server.crt}'), /lacks key_file/);
  t.match(
    only('tls_server_config: {cert_file: garbage, key_file: server.key}'),
    /cert_file: the file has no PEM certificate/,
  );
  t.match(only('tls_server_config: {cert_file: server.crt, key_file: garbage}'), /tls_server_config: cannot be used: /);
  t.match(
    only('tls_server_config: {cert_file: server.crt, key_file: other.key}'),
    /cannot be used: .*key values mismatch/,
  );
  t.match(only('basic_auth_users:'), /basic_auth_users: must be a map; it is empty/);
  t.match(only('[]'), /must be a map/);
  t.match(only(`basic_auth_users: {alice: ${HASH}}\nbasic_auth_users: {}`), /is given twice/);
  t.match(only('basic_auth_users: {'), /is not valid YAML/);
  t.end();
});

await t.test('a hash that nothing could match is a fault', (t) => {
  const hashes = {
    'cost 18, half a minute each': HASH.replace('$10$', '$18$'),
    'cost 3': HASH.replace('$10$', '$03$'),
    'an unknown kind': HASH.replace('$2y$', '$2x$'),
    'too short': HASH.slice(0, -1),
    'too long': `${HASH}a`,
    'bits of the salt that are none': HASH.slice(0, 28) + 'f' + HASH.slice(29),
    'bits of the checksum that are none': `${HASH.slice(0, -1)}r`,
    'an md5 of Apache': '$apr1$x4Fhl2Px$Jd5mHZoH9i0oXoSxRkCEt.',
  };
  for (const [what, hash] of Object.entries(hashes)) {
    const faults = faultsOf(folder, `basic_auth_users: {alice: '${hash}'}`);
    t.match(faults, [/must be a bcrypt hash/], what);
    t.notMatch(faults[0] ?? '', hash, 'it is not quoted');
  }
  t.end();
});

await t.test('every key of the schema has a description, and every map refuses keys it does not know', (t) => {
  const walk = (path: string, schema: PropertySchema): void => {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      t.match(property.description, /^.{10,}\.$/, `${path}.${key}`);
      if (property.properties !== undefined) t.equal(property.additionalProperties, false);
      walk(`${path}.${key}`, property);
    }
  };
  walk('', webConfigSchema);
  t.end();
});

await t.test('a pipe is refused: reading it could wait for ever', async (t) => {
  const pipes = t.testdir();
  mkdirSync(join(pipes, 'x'));
  writeFileSync(join(pipes, 'x', 'token'), 'abc');
  t.match(faultsOf(pipes, 'bearer_token_files: [/dev/null, x]'), [/is a device, not/, /is a folder, not/]);
  t.strictSame(faultsOf(pipes, 'bearer_token_files: [x/token]'), []);
  return Promise.resolve();
});
