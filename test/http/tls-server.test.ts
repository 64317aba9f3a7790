import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';
import t, { type Test } from 'tap';
import {
  certificateOptions,
  makeAuthority,
  makeSignedCertificate,
  type CertificateFiles,
} from '../support/certificates.js';
import { startTestService } from '../support/http-service.js';
import { askOverTls, type TlsAnswer } from '../support/tls-client.js';

/** Content of a TLS server's folder: certificates of the server and of clients, by two separate authorities. */
interface World {
  readonly folder: string;
  readonly trust: ConnectionOptions;
  readonly client: CertificateFiles;
  readonly stranger: CertificateFiles;
  readonly otherAuthority: CertificateFiles;
}

async function makeWorld(t: Test): Promise<World> {
  const folder = t.testdir({ token: 't0ken' });
  const authority = await makeAuthority(folder, 'ca');
  const otherAuthority = await makeAuthority(folder, 'other-ca');
  await makeSignedCertificate(folder, 'server', authority, 'IP:127.0.0.1');
  return {
    folder,
    trust: { ca: readFileSync(authority.certFile) },
    client: await makeSignedCertificate(folder, 'client', authority, 'DNS:client'),
    stranger: await makeSignedCertificate(folder, 'stranger', otherAuthority, 'DNS:stranger'),
    otherAuthority,
  };
}

function startTls(t: Test, { folder }: World, settings = '', more = '') {
  const tls = `tls_server_config: {cert_file: server.crt, key_file: server.key${settings}}\n`;
  const webConfigFile = join(folder, 'web.yml');
  writeFileSync(webConfigFile, tls + more);
  return startTestService(t, { webConfigFile });
}

function statusOf(asked: Promise<TlsAnswer>): Promise<number | 'no connection'> {
  return asked.then(
    ({ status }) => status,
    () => 'no connection' as const,
  );
}

await t.test('HTTPS is served, and nothing else', async (t) => {
  const world = await makeWorld(t);
  const { url } = await startTls(t, world);
  t.match(url, /^https:/);
  t.match(await askOverTls(`${url}/-/healthy`, world.trust), { status: 200, server: 'CN=server', protocol: 'TLSv1.3' });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  t.notMatch(await text(socket).catch(() => ''), '200');
});

await t.test('credentials are asked for over TLS too', async (t) => {
  const world = await makeWorld(t);
  const { url } = await startTls(t, world, '', 'bearer_token_files: [token]');
  t.equal(await statusOf(askOverTls(`${url}/metrics`, world.trust)), 401);
  t.equal(await statusOf(askOverTls(`${url}/metrics`, world.trust, { authorization: 'Bearer t0ken' })), 200);
});

await t.test('each client_auth_type admits whom it says', async (t) => {
  const world = await makeWorld(t);
  const by = {
    nobody: world.trust,
    stranger: { ...world.trust, ...certificateOptions(world.stranger) },
    client: { ...world.trust, ...certificateOptions(world.client) },
  };
  const admitted: Record<string, Record<keyof typeof by, boolean>> = {
    NoClientCert: { nobody: true, stranger: true, client: true },
    RequestClientCert: { nobody: true, stranger: true, client: true },
    RequireAnyClientCert: { nobody: false, stranger: true, client: true },
    VerifyClientCertIfGiven: { nobody: true, stranger: false, client: true },
    RequireAndVerifyClientCert: { nobody: false, stranger: false, client: true },
  };
  for (const [type, expected] of Object.entries(admitted)) {
    const authority = type.includes('Verify') ? ', client_ca_file: ca.crt' : '';
    for (const version of ['TLS12', 'TLS13']) {
      const settings = `, client_auth_type: ${type}${authority}, min_version: ${version}, max_version: ${version}`;
      const { url } = await startTls(t, world, settings);
      for (const [who, connection] of Object.entries(by)) {
        const isIn = expected[who as keyof typeof by];
        const status = await statusOf(askOverTls(`${url}/metrics`, connection));
        t.equal(status, isIn ? 200 : 'no connection', `${type}, ${version}: ${who}`);
      }
    }
  }
});

await t.test('a request of a connection that is refused is not heard', async (t) => {
  const world = await makeWorld(t);
  const { url, logLines, accepted } = await startTls(t, world, ', client_auth_type: RequireAnyClientCert');
  t.equal(await statusOf(askOverTls(`${url}/-/healthy`, world.trust)), 'no connection');
  t.equal(await statusOf(askOverTls(`${url}/-/reload`, world.trust)), 'no connection');
  t.strictSame(logLines, []);
  t.strictSame(accepted, []);
});

await t.test('a client certificate does not stand in for a token that is asked for as well', async (t) => {
  const world = await makeWorld(t);
  const settings = ', client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt';
  const { url } = await startTls(t, world, settings, 'bearer_token_files: [token]');
  const connection = { ...world.trust, ...certificateOptions(world.client) };
  t.equal(await statusOf(askOverTls(`${url}/metrics`, connection)), 401);
  t.equal(await statusOf(askOverTls(`${url}/metrics`, connection, { authorization: 'Bearer t0ken' })), 200);
  t.equal(
    await statusOf(askOverTls(`${url}/metrics`, world.trust, { authorization: 'Bearer t0ken' })),
    'no connection',
  );
});

await t.test('versions and cipher suites are those of the file', async (t) => {
  const world = await makeWorld(t);
  const suite = 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256';
  const { url } = await startTls(t, world, `, cipher_suites: [${suite}]`);
  const health = `${url}/-/healthy`;
  const older = await askOverTls(health, { ...world.trust, maxVersion: 'TLSv1.2' });
  t.match(older, { protocol: 'TLSv1.2', cipher: 'ECDHE-ECDSA-CHACHA20-POLY1305' });
  t.match(await askOverTls(health, world.trust), { protocol: 'TLSv1.3' });
  const other = { ...world.trust, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' } as const;
  t.equal(await statusOf(askOverTls(health, other)), 'no connection');

  const newest = await startTls(t, world, ', min_version: TLS13');
  const old = { ...world.trust, maxVersion: 'TLSv1.2' } as const;
  t.equal(await statusOf(askOverTls(`${newest.url}/-/healthy`, old)), 'no connection');
  const ancient = {
    ...world.trust,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  } as const;
  t.equal(await statusOf(askOverTls(health, ancient)), 'no connection');
});

await t.test('a rotated certificate is shown to the next connection', async (t) => {
  const world = await makeWorld(t);
  const { url, logLines } = await startTls(t, world);
  t.match(await askOverTls(`${url}/-/healthy`, world.trust), { server: 'CN=server' });
  const next = await makeSignedCertificate(
    world.folder,
    'next',
    { certFile: join(world.folder, 'ca.crt'), keyFile: join(world.folder, 'ca.key') },
    'IP:127.0.0.1',
  );
  copyFileSync(next.certFile, join(world.folder, 'server.crt'));
  // Half-way: the certificate is the new one, the key still the old one.
  t.match(await askOverTls(`${url}/-/healthy`, world.trust), { status: 200, server: 'CN=server' });
  t.match(await askOverTls(`${url}/metrics`, world.trust), { status: 500, server: 'CN=server' });
  copyFileSync(next.keyFile, join(world.folder, 'server.key'));
  t.match(await askOverTls(`${url}/metrics`, world.trust), { status: 200, server: 'CN=next' });
  t.match(
    logLines.map(({ level }) => level),
    ['error', 'info'],
  );
});

for (const version of ['TLS12', 'TLS13']) {
  await t.test(`a replaced client CA ends the sessions of the old one, ${version}`, async (t) => {
    const world = await makeWorld(t);
    copyFileSync(join(world.folder, 'ca.crt'), join(world.folder, 'client-ca.crt'));
    const clients = ', client_auth_type: RequireAndVerifyClientCert, client_ca_file: client-ca.crt';
    const { url } = await startTls(t, world, `${clients}, min_version: ${version}, max_version: ${version}`);
    const old = { ...world.trust, ...certificateOptions(world.client) };
    const { session } = await askOverTls(`${url}/metrics`, old);
    if (session === undefined) throw new Error('there is no session to resume');
    t.match(await askOverTls(`${url}/metrics`, { ...old, session }), { status: 200, isResumed: true });
    copyFileSync(world.otherAuthority.certFile, join(world.folder, 'client-ca.crt'));
    t.equal(await statusOf(askOverTls(`${url}/metrics`, { ...old, session })), 'no connection');
    t.equal(await statusOf(askOverTls(`${url}/metrics`, old)), 'no connection');
    const fresh = { ...world.trust, ...certificateOptions(world.stranger) };
    t.equal(await statusOf(askOverTls(`${url}/metrics`, fresh)), 200);
  });
}

await t.test('a resumed session shows the certificate it began with', async (t) => {
  const world = await makeWorld(t);
  const { url } = await startTls(t, world, ', client_auth_type: RequireAnyClientCert');
  const client = { ...world.trust, ...certificateOptions(world.stranger) };
  const { session } = await askOverTls(`${url}/metrics`, client);
  if (session === undefined) throw new Error('there is no session to resume');
  t.match(await askOverTls(`${url}/metrics`, { ...world.trust, session }), { status: 200, isResumed: true });
});

await t.test('a certificate that is gone still serves to say that something is wrong', async (t) => {
  const world = await makeWorld(t);
  const { url } = await startTls(t, world);
  rmSync(join(world.folder, 'server.crt'));
  t.equal(await statusOf(askOverTls(`${url}/metrics`, world.trust)), 500);
  t.equal(await statusOf(askOverTls(`${url}/-/healthy`, world.trust)), 200);
});
