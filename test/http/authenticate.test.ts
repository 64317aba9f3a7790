import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import bcrypt from 'bcryptjs';
import { postAlerts, startTestService, type Overrides } from '../support/http-service.js';

const hashOf = (password: string): string => bcrypt.hashSync(password, 4);
const basic = (user: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

const USERS_AND_TOKENS = `basic_auth_users: {alice: ${hashOf('sesame')}}\nbearer_token_files: [token, other]\n`;
const CLOSED_PATHS = [
  '/',
  '/metrics',
  '/api/v1/topologies',
  '/api/v1/actions',
  '/api/v1/decisions',
  '/api/v1/openapi.json',
  '/nowhere',
  '/-/reload',
  '/-/healthy/',
  '/-/HEALTHY',
  '//-/healthy',
  '/-/healthy%2f..%2fmetrics',
  '/%2d/healthy',
];

/** A service behind `web.yml`, with a function that asks it for the status of a path. */
async function startGuarded(t: Test, files: Record<string, string>, overrides: Overrides = {}) {
  const folder = t.testdir(files);
  const service = await startTestService(t, { webConfigFile: join(folder, 'web.yml'), ...overrides });
  const statusOf = async (headers: Record<string, string> = {}, path = '/metrics', method = 'GET'): Promise<number> =>
    (await fetch(service.url + path, { headers, method })).status;
  return { ...service, folder, statusOf };
}

function startUsual(t: Test, overrides: Overrides = {}) {
  return startGuarded(t, { 'web.yml': USERS_AND_TOKENS, token: 't0ken\n', other: 'otherToken' }, overrides);
}

await t.test('everything but health and readiness asks for credentials, and says which', async (t) => {
  const { url, statusOf } = await startUsual(t);
  for (const path of CLOSED_PATHS) {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']) {
      t.equal(await statusOf({}, path, method), 401, `${method} ${path}`);
    }
    t.not(await statusOf(basic('alice', 'sesame'), path), 401, `${path} with credentials`);
  }
  for (const path of ['/-/healthy', '/-/ready']) {
    t.equal(await statusOf({}, path), 200);
    t.equal(await statusOf({}, path, 'HEAD'), 200);
    t.equal(await statusOf({}, `${path}?verbose`), 200);
    t.equal(await statusOf({}, path, 'POST'), 401, 'only reading is open');
  }
  const response = await fetch(`${url}/metrics`);
  t.equal(response.headers.get('www-authenticate'), 'Basic realm="dhalion", charset="UTF-8", Bearer realm="dhalion"');
  t.equal(response.headers.get('x-content-type-options'), 'nosniff');
  const refusal = { status: 'error', errorType: 'unauthorized', error: 'credentials are required' };
  t.strictSame(await response.json(), refusal);
});

await t.test('an absolute URL in the request line opens nothing', async (t) => {
  const { url } = await startUsual(t);
  const { hostname, port } = new URL(url);
  for (const target of ['http://x/-/healthy/../metrics', 'http://x/metrics', 'http:/-/healthy', '*', 'http://x']) {
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    t.match(await text(socket), /^HTTP\/1\.1 40[01] /, target);
  }
});

await t.test('any user or token of the file gets in, anything else does not', async (t) => {
  const { statusOf } = await startUsual(t);
  for (const good of [basic('alice', 'sesame'), bearer('t0ken'), bearer('otherToken')])
    t.equal(await statusOf(good), 200);
  const wrong = [
    basic('alice', 'Sesame'),
    basic('alice', ''),
    basic('', 'sesame'),
    basic('mallory', 'sesame'),
    basic('__proto__', 'sesame'),
    basic('t0ken', 't0ken'),
    bearer('t0ke'),
    bearer('t0ken0'),
    bearer('sesame'),
    { authorization: 'Digest username="alice"' },
    { authorization: '' },
    { 'proxy-authorization': 'Bearer t0ken' },
  ];
  for (const headers of wrong) t.equal(await statusOf(headers), 401, JSON.stringify(headers));
  t.equal(await statusOf({}, '/metrics?access_token=t0ken'), 401);
});

await t.test('a malformed header is 400, and nothing of it comes back', async (t) => {
  const { url, logLines } = await startUsual(t);
  for (const authorization of ['Basic s3cret!', 'Basic', 'Bearer s3cret s3cret', 'Bearer']) {
    const response = await fetch(`${url}/metrics`, { headers: { authorization } });
    t.equal(response.status, 400, authorization);
    const body = await response.text();
    t.match(body, /"error":"header Authorization: /);
    t.notMatch(body, 's3cret');
  }
  t.notMatch(JSON.stringify(logLines), 's3cret');
});

await t.test(
  'credentials that would inject headers or lines are refused, and nothing of them comes back',
  async (t) => {
    const { url, logLines } = await startUsual(t);
    const { hostname, port } = new URL(url);
    const injected = Buffer.from('alice\r\nX-Injected: 1:sesame').toString('base64');
    const lines = [
      `Authorization: Basic ${injected}`,
      'Authorization: Bearer t0ken\r\n X-Injected: 1',
      'Host: x\tX-Injected: 1',
    ];
    for (const line of lines) {
      const socket = connect(Number(port), hostname);
      socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\n${line}\r\nConnection: close\r\n\r\n`);
      const answer = await text(socket);
      t.match(answer, /^HTTP\/1\.1 40[01] /, line);
      t.notMatch(answer, 'X-Injected');
    }
    t.notMatch(JSON.stringify(logLines), 'X-Injected');
  },
);

await t.test('a second Authorization header does not count', async (t) => {
  const { url } = await startUsual(t);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const headers = 'Authorization: Bearer wrong\r\nAuthorization: Bearer t0ken\r\n';
  socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);
  t.match(await text(socket), /^HTTP\/1\.1 401 /);
});

await t.test('alerts are taken with credentials only, and only then read', async (t) => {
  const { url, accepted, refused } = await startUsual(t);
  const labels = { alertname: 'DhalionAlert', topology: 'a', operator: 'b', diagnosis: 'underprovisioning' };
  const alert = { status: 'firing', labels };
  t.equal((await postAlerts(url, { alerts: [alert] })).status, 401);
  t.equal((await postAlerts(url, 'not JSON', bearer('wrong'))).status, 401);
  t.strictSame(accepted, []);
  t.strictSame(refused, [401, 401]);
  t.equal((await postAlerts(url, { alerts: [alert] }, bearer('t0ken'))).status, 202);
  t.equal(accepted.length, 1);
});

await t.test('with users only, tokens are refused and not offered', async (t) => {
  const { url, statusOf } = await startGuarded(t, { 'web.yml': `basic_auth_users: {alice: ${hashOf('sesame')}}` });
  t.equal(await statusOf(bearer('sesame')), 401);
  t.equal((await fetch(url)).headers.get('www-authenticate'), 'Basic realm="dhalion", charset="UTF-8"');
});

await t.test('with tokens only, passwords are refused and not offered', async (t) => {
  const { url, statusOf } = await startGuarded(t, { 'web.yml': 'bearer_token_files: [token]', token: 't0ken' });
  t.equal(await statusOf(basic('alice', 't0ken')), 401);
  t.equal((await fetch(url)).headers.get('www-authenticate'), 'Bearer realm="dhalion"');
});

await t.test('a rotated password or token counts at the next request, on the same connection', async (t) => {
  const { statusOf, folder } = await startUsual(t);
  t.equal(await statusOf(basic('alice', 'sesame')), 200);
  t.equal(await statusOf(bearer('t0ken')), 200);
  writeFileSync(join(folder, 'token'), 'fresh\n');
  t.equal(await statusOf(bearer('t0ken')), 401);
  t.equal(await statusOf(bearer('fresh')), 200);
  writeFileSync(join(folder, 'web.yml'), USERS_AND_TOKENS.replace(/\$2[^}]*/, hashOf('changed')));
  t.equal(await statusOf(basic('alice', 'sesame')), 401, 'although it was remembered as right');
  t.equal(await statusOf(basic('alice', 'changed')), 200);
});

await t.test('while the file is bad everybody is refused with 500, and readiness says so', async (t) => {
  const { url, statusOf, folder, logLines } = await startUsual(t);
  t.equal(await statusOf(basic('alice', 'sesame')), 200);
  rmSync(join(folder, 'token'));
  for (const headers of [{}, basic('alice', 'sesame'), bearer('otherToken')]) {
    t.equal(await statusOf(headers), 500);
    t.equal(await statusOf(headers, '/nowhere', 'POST'), 500);
  }
  t.equal(await statusOf({}, '/-/healthy'), 200);
  const ready = await fetch(`${url}/-/ready`);
  t.equal(ready.status, 503);
  t.match(await ready.text(), /^Dhalion is not ready\.\nweb configuration: cannot be used, see the log\n$/);
  t.equal(logLines.filter(({ level }) => level === 'error').length, 1, 'logged once');
  writeFileSync(join(folder, 'token'), 't0ken');
  t.equal(await statusOf(bearer('t0ken')), 200);
  t.equal(await statusOf({}, '/-/ready'), 200);
});

await t.test('a password check that would wait too long is answered with a time to come back', async (t) => {
  const passwords = { check: () => Promise.resolve('busy' as const) };
  const { url, statusOf } = await startUsual(t, { passwords });
  const response = await fetch(`${url}/metrics`, { headers: basic('alice', 'sesame') });
  t.equal(response.status, 503);
  t.equal(response.headers.get('retry-after'), '1');
  t.equal(await statusOf(bearer('t0ken')), 200, 'tokens cost nothing');
});

await t.test('a token is never compared with bcrypt', async (t) => {
  const checked: string[] = [];
  const { statusOf } = await startUsual(t, {
    passwords: {
      check: ({ user }) => {
        checked.push(user);
        return Promise.resolve('right');
      },
    },
  });
  t.equal(await statusOf(basic('alice', 'x')), 200);
  t.equal(await statusOf(bearer('t0ken')), 200);
  t.strictSame(checked, ['alice']);
});

await t.test('the headers of the file are on every answer, errors and health included', async (t) => {
  const headers = '{Strict-Transport-Security: max-age=60, X-Frame-Options: deny, X-Content-Type-Options: ""}';
  const { url, folder } = await startGuarded(t, {
    'web.yml': `http_server_config: {headers: ${headers}}\nbearer_token_files: [token]`,
    token: 't0ken',
  });
  for (const path of ['/metrics', '/-/healthy', '/nowhere']) {
    const response = await fetch(url + path);
    t.equal(response.headers.get('strict-transport-security'), 'max-age=60', path);
    t.equal(response.headers.get('x-frame-options'), 'deny');
    t.equal(response.headers.get('x-content-type-options'), 'nosniff', 'blank is as if not given');
  }
  writeFileSync(join(folder, 'web.yml'), 'bearer_token_files: [token]');
  t.equal((await fetch(url)).headers.get('strict-transport-security'), null);
});

await t.test('a web configuration without credentials requires none, and does once it has some', async (t) => {
  const { statusOf, folder } = await startGuarded(t, { 'web.yml': '', token: 't0ken' });
  t.equal(await statusOf(), 200);
  t.equal(await statusOf({ authorization: 'Basic nonsense!' }), 200);
  writeFileSync(join(folder, 'web.yml'), 'bearer_token_files: [token]');
  t.equal(await statusOf(), 401);
  t.equal(await statusOf(bearer('t0ken')), 200);
});

await t.test('a refusal is in the log without name, password or token', async (t) => {
  const { statusOf, logLines } = await startUsual(t);
  await statusOf(basic('n4me', 's3cret'));
  await statusOf(bearer('s3cret'));
  t.match(logLines, [
    { level: 'debug', msg: 'refused a request', method: 'GET', path: '/metrics', remote_address: '127.0.0.1' },
    { level: 'debug', msg: 'refused a request' },
  ]);
  t.notMatch(JSON.stringify(logLines), /s3cret|n4me/);
});
