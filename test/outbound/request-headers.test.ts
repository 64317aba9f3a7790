import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createHttpClient, type HttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP, type HttpConfig } from '../../src/outbound/http-config.js';
import { answeringServer } from '../support/answering-server.js';

/** Calls a server with the http_config and gives back the headers that arrived. */
async function headersSeen(t: Test, config: Partial<HttpConfig>, headers: Record<string, string> = {}) {
  const server = await answeringServer(t, (response) => response.end());
  const client = createHttpClient({ ...PLAIN_HTTP, ...config }, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    client.close();
  });
  await callWith(client, server.url, headers);
  return server.requests[0]?.headers ?? {};
}

function callWith(client: HttpClient, url: string, headers: Record<string, string> = {}) {
  return client.call({ url, method: 'GET', headers, body: null, timeoutMs: 10_000, maxResponseBytes: 1000 });
}

await t.test('http_headers are sent, and the headers of the call win over them', async (t) => {
  const httpHeaders = { 'X-Scope-OrgID': 'tenant', 'Content-Type': 'text/config', 'User-Agent': 'mine' };
  const seen = await headersSeen(t, { httpHeaders }, { 'content-type': 'text/call' });
  t.match(seen, { 'x-scope-orgid': 'tenant', 'content-type': 'text/call', 'user-agent': 'mine' });
  t.notOk('authorization' in seen);
});

await t.test('basic_auth sends the user name and the password in the file', async (t) => {
  const passwordFile = join(t.testdir({ password: 'pass:wörd \r\n' }), 'password');
  const { authorization } = await headersSeen(t, { basicAuth: { username: 'dhalion', passwordFile } });
  t.equal(
    authorization,
    `Basic ${Buffer.from('dhalion:pass:wörd ').toString('base64')}`,
    'only the line break is cut off',
  );
});

await t.test('credentials win over an authorization header', async (t) => {
  const credentialsFile = join(t.testdir({ token: 'abc' }), 'token');
  const config = { authorization: { type: 'GenieKey', credentialsFile }, httpHeaders: { Authorization: 'other' } };
  const { authorization } = await headersSeen(t, config, { authorization: 'another' });
  t.equal(authorization, 'GenieKey abc');
});

await t.test('a rotated credentials file counts from the next call on', async (t) => {
  const credentialsFile = join(t.testdir({ token: 'first\n' }), 'token');
  const server = await answeringServer(t, (response) => response.end());
  const config = { ...PLAIN_HTTP, authorization: { type: 'Bearer', credentialsFile } };
  const client = createHttpClient(config, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    client.close();
  });
  await callWith(client, server.url);
  writeFileSync(credentialsFile, 'second\n');
  await callWith(client, server.url);
  t.strictSame(
    server.requests.map(({ headers }) => headers.authorization),
    ['Bearer first', 'Bearer second'],
  );
});

await t.test('a secret that cannot be used is a fault that names its file and not its content', async (t) => {
  const folder = t.testdir({ empty: '\n', broken: 'hunter2\nhunter3', unprintable: 'hunter2\u2603' });
  const server = await answeringServer(t, (response) => response.end());
  for (const file of ['missing', 'empty', 'broken', 'unprintable']) {
    const credentialsFile = join(folder, file);
    const config = { ...PLAIN_HTTP, authorization: { type: 'Bearer', credentialsFile } };
    const client = createHttpClient(config, { userAgent: 'dhalion/test' });
    const fault = await callWith(client, server.url).catch((error: unknown) => error);
    t.match(fault, { code: 'secret_unreadable', retryable: false, cause: undefined }, file);
    t.match(String(fault), credentialsFile);
    t.notMatch(String(fault), 'hunter');
  }
  t.equal(server.requests.length, 0);
});

await t.test('a header that HTTP does not allow is named, without its value', async (t) => {
  for (const httpHeaders of [{ 'X Y': 'hunter2' }, { 'X-Y': 'hunter2\r\nX-Z: 1' }]) {
    const client = createHttpClient({ ...PLAIN_HTTP, httpHeaders }, { userAgent: 'dhalion/test' });
    const fault = await callWith(client, 'http://127.0.0.1/').catch((error: unknown) => error);
    t.match(fault, { code: 'config_invalid', message: /"X.Y"/ });
    t.notMatch(String(fault), 'hunter');
  }
});
