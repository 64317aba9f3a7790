import t from 'tap';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, get, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startHttpServer, type HttpServerOptions } from '../../src/http/http-server.js';
import { parseListenAddress } from '../../src/http/listen-address.js';
import { openWebConfig } from '../../src/http/live-web-config.js';
import { makeAuthority } from '../support/certificates.js';
import { startTestService } from '../support/http-service.js';

const hello: RequestListener = (_request, response) => {
  response.end('hello');
};

function start(listenAddress: string, options: Partial<HttpServerOptions> = {}) {
  return startHttpServer({
    app: hello,
    address: parseListenAddress(listenAddress),
    allowUnauthenticated: false,
    ...options,
  });
}

function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname);
}

await t.test('it listens on a free port of loopback and says which', async (t) => {
  for (const listenAddress of ['127.0.0.1:0', 'localhost:0']) {
    const server = await start(listenAddress);
    t.teardown(() => server.close());
    t.ok(server.address.port > 0);
    t.equal(await (await fetch(server.url)).text(), 'hello');
  }
});

await t.test('it refuses to listen where others could call, and says what to do', async (t) => {
  for (const listenAddress of [':0', '0.0.0.0:0', '[::]:0']) {
    await t.rejects(
      start(listenAddress),
      { code: 'listen_failed', message: /--web\.allow-unauthenticated/ },
      listenAddress,
    );
  }
  const server = await start('0.0.0.0:0', { allowUnauthenticated: true });
  t.teardown(() => server.close());
  t.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  t.equal(await (await fetch(server.url)).text(), 'hello');
});

await t.test('beyond loopback it wants credentials that keep strangers out, or leave', async (t) => {
  const hash = '$2y$10$dtxFnuB9p1OZgUCIHhs4VeUbzXMpQMnMfGp1Q.CEcKk5LNK1FxcBq';
  const tls = 'tls_server_config: {cert_file: ca.crt, key_file: ca.key';
  const webConfigs: Record<string, { text: string; isEnough: boolean }> = {
    'an empty file': { text: '', isEnough: false },
    'no users and no tokens': { text: 'basic_auth_users: {}\nbearer_token_files: []', isEnough: false },
    'TLS alone': { text: `${tls}}`, isEnough: false },
    'any client certificate': { text: `${tls}, client_auth_type: RequireAnyClientCert}`, isEnough: false },
    'certificates verified if given': {
      text: `${tls}, client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.crt}`,
      isEnough: false,
    },
    'verified certificates': {
      text: `${tls}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt}`,
      isEnough: true,
    },
    users: { text: `basic_auth_users: {alice: ${hash}}`, isEnough: true },
    'a token': { text: 'bearer_token_files: [token]', isEnough: true },
  };
  const folder = t.testdir({ token: 't0ken' });
  await makeAuthority(folder, 'ca');
  for (const [what, { text, isEnough }] of Object.entries(webConfigs)) {
    const file = join(folder, 'web.yml');
    writeFileSync(file, text);
    const webConfig = openWebConfig(file, { info: () => undefined, warn: () => undefined, error: () => undefined });
    const beyond = start('0.0.0.0:0', { webConfig });
    if (isEnough) await (await beyond).close();
    else await t.rejects(beyond, { code: 'listen_failed', message: /--web\.config\.file/ }, what);
    for (const allowed of [
      start('127.0.0.1:0', { webConfig }),
      start(':0', { webConfig, allowUnauthenticated: true }),
    ]) {
      const server = await allowed;
      t.match(server.url, text.includes('tls') ? /^https:/ : /^http:/, what);
      await server.close();
    }
  }
});

await t.test('a port that is taken is a fault', async (t) => {
  const server = await start('127.0.0.1:0');
  t.teardown(() => server.close());
  await t.rejects(start(`127.0.0.1:${server.address.port}`), {
    code: 'listen_failed',
    message: `cannot listen on 127.0.0.1, port ${server.address.port}`,
    cause: { code: 'EADDRINUSE' },
  });
  await t.rejects(start('no-such-host.invalid:0'), { code: 'listen_failed', message: /no-such-host\.invalid/ });
});

await t.test('closing lets the request in flight finish, and takes no other', async (t) => {
  let finish: () => void = () => undefined;
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const server = await start('127.0.0.1:0', {
    app: (_request, response) => {
      arrived();
      finish = () => response.end('finished');
    },
  });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => {
    agent.destroy();
  });
  const answer = new Promise<string>((resolve, reject) => {
    get(server.url, { agent }, (response) => {
      text(response).then(resolve, reject);
    }).on('error', reject);
  });
  await arrival;
  const closed = server.close();
  await t.rejects(fetch(server.url));
  finish();
  t.equal(await answer, 'finished');
  await closed;
});

await t.test('closing does not wait for idle connections that are kept alive', async (t) => {
  const server = await start('127.0.0.1:0', { limits: { closeTimeoutMs: 60_000 } });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => {
    agent.destroy();
  });
  const [response] = (await once(get(server.url, { agent }), 'response')) as [NodeJS.ReadableStream];
  t.equal(await text(response), 'hello');
  await server.close();
  await server.close();
  t.pass('it closed, twice');
});

await t.test('a request that does not finish is cut off at the deadline', async (t) => {
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const server = await start('127.0.0.1:0', { app: arrived, limits: { closeTimeoutMs: 50 } });
  const outcome = t.rejects(fetch(server.url));
  await arrival;
  await server.close();
  await outcome;
});

await t.test('a client that sends its request too slowly is answered 408', async (t) => {
  const { url } = await startTestService(t, { limits: { headersTimeoutMs: 100, requestTimeoutMs: 200 } });
  const slowHeaders = connectTo(url);
  slowHeaders.write('POST /api/v1/alerts HTTP/1.1\r\nHost: x\r\n');
  const slowBody = connectTo(url);
  slowBody.write(
    'POST /api/v1/alerts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"al',
  );
  for (const socket of [slowHeaders, slowBody]) t.match(await text(socket), /^HTTP\/1\.1 408 /);
  t.equal((await fetch(`${url}/-/healthy`)).status, 200);
});

await t.test('a client that does not read its answer is dropped', async (t) => {
  let dropped: () => void = () => undefined;
  const drop = new Promise<void>((resolve) => (dropped = resolve));
  const server = await start('127.0.0.1:0', {
    limits: { idleTimeoutMs: 200 },
    app: (request, response) => {
      request.socket.once('close', dropped);
      response.end(Buffer.alloc(40_000_000));
    },
  });
  t.teardown(() => server.close());
  const socket = connectTo(server.url);
  socket.on('error', () => undefined);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await drop;
  t.pass('it was, though it never closed its end');
  socket.destroy();
});

await t.test('a request that is not HTTP is answered 400', async (t) => {
  const { url } = await startTestService(t);
  const socket = connectTo(url);
  socket.write('\u0016\u0003\u0001 hello\r\n\r\n');
  t.match(await text(socket), /^HTTP\/1\.1 400 /);
});
