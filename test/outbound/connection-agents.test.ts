import { copyFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP, type HttpConfig } from '../../src/outbound/http-config.js';
import { answeringServer } from '../support/answering-server.js';
import { certificateOptions, makeAuthority, makeSignedCertificate } from '../support/certificates.js';

const folder = t.testdir();
const authority = await makeAuthority(folder, 'authority');
const otherAuthority = await makeAuthority(folder, 'other-authority');
const loopbackServer = await makeSignedCertificate(folder, 'loopback', authority, 'IP:127.0.0.1');
const namedServer = await makeSignedCertificate(folder, 'named', authority, 'DNS:prometheus.test');
const client1 = await makeSignedCertificate(folder, 'client1', authority, 'DNS:client1.test');
const client2 = await makeSignedCertificate(folder, 'client2', authority, 'DNS:client2.test');
const foreignClient = await makeSignedCertificate(folder, 'foreign', otherAuthority, 'DNS:foreign.test');

const NO_TLS_FILES = { caFile: null, certFile: null, keyFile: null, serverName: null, insecureSkipVerify: false };
const ca = certificateOptions(authority).cert;

/** A function that calls the URL and gives the answer's body. */
function callerFor(t: Test, tls: Partial<NonNullable<HttpConfig['tls']>> | null): (url: string) => Promise<string> {
  const config = { ...PLAIN_HTTP, tls: tls === null ? null : { ...NO_TLS_FILES, ...tls } };
  const client = createHttpClient(config, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    client.close();
  });
  const call = { method: 'GET', headers: {}, body: null, timeoutMs: 10_000, maxResponseBytes: 1000 };
  return async (url) => (await client.call({ ...call, url })).body;
}

await t.test('a server is trusted only if the authority in ca_file signed for its name', async (t) => {
  const server = await answeringServer(t, (response) => response.end('hello'), certificateOptions(loopbackServer));
  t.equal(await callerFor(t, { caFile: authority.certFile })(server.url), 'hello');
  t.equal(await callerFor(t, { insecureSkipVerify: true })(server.url), 'hello');
  const untrusted = { code: 'call_network', message: /UNABLE_TO_VERIFY_LEAF_SIGNATURE/ };
  await t.rejects(callerFor(t, null)(server.url), untrusted);
  await t.rejects(callerFor(t, {})(server.url), untrusted);
  await t.rejects(callerFor(t, { caFile: otherAuthority.certFile })(server.url), untrusted);
});

await t.test('server_name is the name that the certificate must hold', async (t) => {
  const server = await answeringServer(t, (response) => response.end('hello'), certificateOptions(namedServer));
  const caFile = authority.certFile;
  t.equal(await callerFor(t, { caFile, serverName: 'prometheus.test' })(server.url), 'hello');
  await t.rejects(callerFor(t, { caFile })(server.url), { message: /ERR_TLS_CERT_ALTNAME_INVALID/ });
  await t.rejects(callerFor(t, { caFile, serverName: 'other.test' })(server.url), { code: 'call_network' });
});

await t.test('a server that asks for a client certificate gets it', async (t) => {
  const tls = { ...certificateOptions(loopbackServer), ca, requestCert: true, rejectUnauthorized: true };
  const server = await answeringServer(t, (response) => response.end('hello'), tls);
  const caFile = authority.certFile;
  t.equal(await callerFor(t, { caFile, ...client1 })(server.url), 'hello');
  await t.rejects(callerFor(t, { caFile })(server.url), { code: 'call_network' });
  await t.rejects(callerFor(t, { caFile, ...foreignClient })(server.url), { code: 'call_network' });
});

await t.test(
  'TLS files count from the call after they were replaced, and calls under way are not cut off',
  async (t) => {
    const rotated = { certFile: join(folder, 'rotated.crt'), keyFile: join(folder, 'rotated.key') };
    const replaceBy = (files: typeof rotated): void => {
      copyFileSync(files.certFile, rotated.certFile);
      copyFileSync(files.keyFile, rotated.keyFile);
    };
    const peers: string[] = [];
    const held: ServerResponse[] = [];
    const tls = { ...certificateOptions(loopbackServer), ca, requestCert: true, rejectUnauthorized: true };
    const server = await answeringServer(
      t,
      (response, { path }) => {
        peers.push(peerOf(response));
        if (path === '/held') held.push(response);
        else response.end('hello');
      },
      tls,
    );
    replaceBy(client1);
    const call = callerFor(t, { caFile: authority.certFile, ...rotated });
    await call(server.url);
    await call(server.url);
    t.equal(server.connections(), 1, 'unchanged files keep the connection');
    const underWay = call(`${server.url}/held`);
    while (held.length === 0) await call(server.url);

    replaceBy(client2);
    await call(server.url);
    held[0]?.end('late');
    t.equal(await underWay, 'late');
    await server.connectionClosed();
    t.strictSame([peers[0], peers.at(-1)], ['client1', 'client2']);
  },
);

await t.test('TLS files that cannot be used are a fault that names them, until they can', async (t) => {
  const server = await answeringServer(t, (response) => response.end('hello'), certificateOptions(loopbackServer));
  const caFile = join(folder, 'late-authority.crt');
  const call = callerFor(t, { caFile });
  const fault = { code: 'secret_unreadable', message: new RegExp(caFile) };
  await t.rejects(call(server.url), fault);
  writeFileSync(caFile, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n');
  await t.rejects(call(server.url), fault);
  copyFileSync(authority.certFile, caFile);
  t.equal(await call(server.url), 'hello');
  const mismatched = { certFile: client1.certFile, keyFile: client2.keyFile };
  await t.rejects(callerFor(t, mismatched)(server.url), { code: 'secret_unreadable' });
});

function peerOf(response: ServerResponse): string {
  const socket = response.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } };
  return socket.getPeerCertificate().subject.CN;
}
