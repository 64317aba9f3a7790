import { renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createLogger } from '../../src/logger.js';
import { openWebConfig } from '../../src/http/live-web-config.js';
import { digestOf } from '../../src/http/web-config.js';
import { makeAuthority } from '../support/certificates.js';

const HASH = '$2y$10$dtxFnuB9p1OZgUCIHhs4VeUbzXMpQMnMfGp1Q.CEcKk5LNK1FxcBq';
const USERS = `basic_auth_users: {alice: ${HASH}}\n`;

/** Opens `web.yml` in a folder with the given files, and collects log lines. */
function open(t: Test, files: Record<string, string>) {
  const folder = t.testdir(files);
  const file = join(folder, 'web.yml');
  const logLines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    logLines.push(JSON.parse(line) as Record<string, unknown>);
  };
  const config = openWebConfig(file, createLogger({ level: 'debug', format: 'json' }, { write }));
  return { folder, file, logLines, initial: config.initial, current: () => config.current() };
}

await t.test('an unchanged file is not read again', (t) => {
  const { initial, current, logLines } = open(t, { 'web.yml': USERS });
  t.equal(current(), initial);
  t.equal(current(), initial);
  t.strictSame(logLines, []);
  t.end();
});

await t.test('a bcrypt cost above 12 is warned of by user, at the start and when it comes in later', (t) => {
  const ofCost = (cost: string): string => HASH.replace('$10$', `$${cost}$`);
  const users = (costs: Readonly<Record<string, string>>): string =>
    `basic_auth_users: {${Object.entries(costs)
      .map(([user, cost]) => `${user}: ${ofCost(cost)}`)
      .join(', ')}}\n`;
  const { current, file, logLines } = open(t, {
    'web.yml': users({ alice: '10', bob: '12', carol: '13', dave: '17' }),
  });
  const warned = (): unknown[] =>
    logLines
      .splice(0)
      .filter(({ level }) => level === 'warn')
      .map(({ user, cost }) => [user, cost]);
  const [first] = logLines;
  t.match(first, { file, msg: /^basic_auth_users\.carol: bcrypt cost is above 12: .*use cost 10/ });
  t.strictSame(warned(), [
    ['carol', 13],
    ['dave', 17],
  ]);
  current();
  t.strictSame(warned(), [], 'logged once');
  writeFileSync(file, users({ alice: '12' }));
  current();
  t.strictSame(warned(), []);
  writeFileSync(file, users({ alice: '14' }));
  current();
  t.strictSame(warned(), [['alice', 14]]);
  t.end();
});

await t.test('a changed file counts at once', (t) => {
  const { current, file, logLines } = open(t, { 'web.yml': USERS });
  writeFileSync(file, USERS.replace('alice', 'bobby'));
  t.strictSame([...(current()?.users.keys() ?? [])], ['bobby']);
  t.match(logLines, [{ level: 'info', msg: 'reloaded the web configuration' }]);
  t.end();
});

await t.test('a token file that is rewritten, replaced, or switched by a symbolic link counts at once', (t) => {
  const { current, folder } = open(t, { 'web.yml': 'bearer_token_files: [token]', token: 'one', next: 'two' });
  const path = join(folder, 'token');
  const token = (): unknown => current()?.tokenDigests;
  t.strictSame(token(), [digestOf('one')]);
  renameSync(join(folder, 'next'), path);
  t.strictSame(token(), [digestOf('two')]);
  writeFileSync(path, 'six\r\n');
  t.strictSame(token(), [digestOf('six')]);
  // As Kubernetes does it.
  writeFileSync(join(folder, 'v1'), 'abc');
  writeFileSync(join(folder, 'v2'), 'def');
  unlinkSync(path);
  symlinkSync(join(folder, 'v1'), path);
  t.strictSame(token(), [digestOf('abc')]);
  symlinkSync(join(folder, 'v2'), `${path}.tmp`);
  renameSync(`${path}.tmp`, path);
  t.strictSame(token(), [digestOf('def')]);
  t.end();
});

await t.test('one that became invalid admits nobody, is logged once, and recovers without a restart', (t) => {
  const { current, file, folder, logLines } = open(t, { 'web.yml': 'bearer_token_files: [token]', token: 'one' });
  rmSync(join(folder, 'token'));
  t.equal(current(), null);
  t.equal(current(), null);
  t.match(logLines, [
    { level: 'error', error: /bearer_token_files\[0\]: the file cannot be read \(ENOENT: no such file or directory\)/ },
  ]);
  writeFileSync(file, 'bearer_token_files: [token]\nbasic_auth_users: {alice: s3cret}\n');
  t.equal(current(), null);
  t.equal(logLines.length, 2, 'another fault is logged, too');
  rmSync(file);
  t.equal(current(), null);
  t.match(logLines.at(-1), { level: 'error', error: /web\.yml cannot be read \(ENOENT: no such file or directory\)$/ });
  writeFileSync(file, 'bearer_token_files: [token]');
  writeFileSync(join(folder, 'token'), 'two');
  t.strictSame(current()?.tokenDigests, [digestOf('two')]);
  t.match(logLines.at(-1), { level: 'info' });
  t.notMatch(JSON.stringify(logLines), 's3cret');
  t.end();
});

await t.test('one that asked for credentials never stops to ask, not even when it is emptied', (t) => {
  for (const emptied of ['', 'basic_auth_users: {}', 'bearer_token_files: []']) {
    const { current, file, logLines } = open(t, { 'web.yml': USERS });
    writeFileSync(file, emptied);
    t.equal(current(), null);
    t.match(logLines, [{ error: /it no longer requires credentials/ }]);
    writeFileSync(file, `${USERS}# again\n`);
    t.ok(current());
  }
  t.end();
});

await t.test('one that begins to ask for credentials cannot stop either', (t) => {
  const { current, file } = open(t, { 'web.yml': '' });
  t.ok(current());
  writeFileSync(file, USERS);
  t.equal(current()?.users.size, 1);
  writeFileSync(file, '');
  t.equal(current(), null);
  t.end();
});

await t.test('TLS that comes, goes or asks clients for something else needs a restart', async (t) => {
  const tls = (type: string): string =>
    `tls_server_config: {cert_file: ca.crt, key_file: ca.key, client_auth_type: ${type}}\n`;
  const { current, file, folder, logLines } = open(t, { 'web.yml': '' });
  await makeAuthority(folder, 'ca');
  writeFileSync(file, tls('NoClientCert'));
  t.equal(current(), null);
  t.match(logLines, [{ error: /tls_server_config was added: restart required/ }]);

  const served = openWebConfig(file, {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: object) => logLines.push({ ...fields }),
  });
  writeFileSync(file, tls('RequireAnyClientCert'));
  t.equal(served.current(), null);
  t.match(logLines.at(-1), { error: /client_auth_type was changed: restart required/ });
  writeFileSync(file, '');
  t.equal(served.current(), null);
  t.match(logLines.at(-1), { error: /tls_server_config was removed: restart required/ });
  writeFileSync(file, tls('NoClientCert'));
  t.ok(served.current());
});

await t.test('one that is bad from the start is a fault with every line, one that is missing another', (t) => {
  t.throws(() => open(t, { 'web.yml': 'basic_auth_users: {a: b}\nx: 1\n' }), {
    code: 'config_invalid',
    message: /web\.yml:1:23: .*\n.*web\.yml:2:1: x: is not a known key/,
  });
  t.throws(() => open(t, {}), {
    code: 'config_unreadable',
    message: /web\.yml cannot be read \(ENOENT: no such file or directory\)$/,
  });
  t.end();
});
