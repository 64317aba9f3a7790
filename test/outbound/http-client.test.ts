import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { DhalionError, describeError } from '../../src/errors.js';
import { createHttpClient, type HttpCall, type HttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { answeringServer } from '../support/answering-server.js';

function clientFor(t: Test): HttpClient {
  const client = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    client.close();
  });
  return client;
}

function get(url: string, more: Partial<HttpCall> = {}): HttpCall {
  return { url, method: 'GET', headers: {}, body: null, timeoutMs: 10_000, maxResponseBytes: 1000, ...more };
}

await t.test('a call is sent as given and its answer comes back whole', async (t) => {
  const server = await answeringServer(t, (response) => {
    response.writeHead(418, { 'X-Mixed-Case': 'a', 'Retry-After': '7' }).end('short and stout: ☕');
  });
  const answer = await clientFor(t).call(
    get(`${server.url}/a/b?c=d`, { method: 'PATCH', headers: { 'Content-Type': 'text/x' }, body: 'grüße' }),
  );
  t.equal(answer.status, 418);
  t.equal(answer.body, 'short and stout: ☕');
  t.equal(answer.headers.get('x-mixed-case'), 'a');
  t.equal(answer.headers.get('retry-after'), '7');
  t.match(server.requests, [
    {
      method: 'PATCH',
      path: '/a/b?c=d',
      body: 'grüße',
      headers: { 'content-type': 'text/x', 'content-length': '7', 'user-agent': 'dhalion/test' },
    },
  ]);
});

await t.test('an answer needs no content-length, and may be empty', async (t) => {
  const server = await answeringServer(t, (response, { path }) => {
    if (path === '/chunked') {
      response.write('one ');
      response.end('two');
    } else if (path === '/until-close') {
      response.socket?.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end');
    } else response.writeHead(204).end();
  });
  const client = clientFor(t);
  t.equal((await client.call(get(`${server.url}/chunked`))).body, 'one two');
  t.equal((await client.call(get(`${server.url}/until-close`))).body, 'until the end');
  t.match(await client.call(get(`${server.url}/nothing`)), { status: 204, body: '' });
});

await t.test('compressed answers are read', async (t) => {
  const compress = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync };
  const server = await answeringServer(t, (response, { path }) => {
    const coding = path.slice(1) as keyof typeof compress;
    response.writeHead(200, { 'content-encoding': coding }).end(compress[coding]('squeezed'));
  });
  for (const coding of Object.keys(compress)) {
    t.equal((await clientFor(t).call(get(`${server.url}/${coding}`))).body, 'squeezed', coding);
  }
  t.match(server.requests[0]?.headers['accept-encoding'], 'gzip');
});

await t.test('a redirect is an answer and is not followed', async (t) => {
  const server = await answeringServer(t, (response, { path }) => {
    response.writeHead(path === '/' ? 302 : 200, { location: '/elsewhere' }).end();
  });
  const answer = await clientFor(t).call(get(`${server.url}/`));
  t.equal(answer.status, 302);
  t.equal(answer.headers.get('location'), '/elsewhere');
  t.equal(server.requests.length, 1);
});

await t.test('a connection is used again after any answer, and closed with the client', async (t) => {
  const statuses = [200, 302, 404, 500, 204, 200];
  const server = await answeringServer(t, (response) => {
    response.writeHead(statuses.shift() ?? 200).end();
  });
  const client = clientFor(t);
  for (let call = 0; call < 6; call += 1) await client.call(get(server.url));
  t.equal(server.connections(), 1);
  client.close();
  await server.connectionClosed();
});

await t.test('a server that stops answering is a timeout, and the connection is closed', async (t) => {
  const server = await answeringServer(t, (response, { path }) => {
    if (path === '/half') response.writeHead(200, { 'content-length': '100' }).write('half of ');
    if (path === '/half-gzip')
      response.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync('x').subarray(0, 5));
  });
  for (const path of ['/silent', '/half', '/half-gzip']) {
    const call = get(`${server.url}${path}`, { timeoutMs: 100 });
    await t.rejects(clientFor(t).call(call), {
      code: 'call_timeout',
      retryable: true,
      message: `GET ${server.url}${path}: no answer within 100 ms`,
    });
    await server.connectionClosed();
  }
});

await t.test('the caller may abort, before and during the call', async (t) => {
  const controller = new AbortController();
  const server = await answeringServer(t, () => {
    controller.abort();
  });
  const client = clientFor(t);
  const call = get(server.url, { signal: controller.signal });
  await t.rejects(client.call(call), { code: 'call_aborted', retryable: false });
  await server.connectionClosed();
  await t.rejects(client.call(call), { code: 'call_aborted' });
  // An unhandled error would arrive a little later.
  await t.rejects(client.call({ ...call, method: 'POST', body: 'text' }), { code: 'call_aborted' });
  await new Promise(setImmediate);
  t.equal(server.requests.length, 1, 'a request aborted before is not sent');
});

await t.test('an answer may be as long as the cap and no longer, whatever its encoding', async (t) => {
  const server = await answeringServer(t, (response, { path }) => {
    if (path === '/bomb') {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000_000)));
    } else response.end('x'.repeat(Number(path.slice(1))));
  });
  const client = clientFor(t);
  t.equal((await client.call(get(`${server.url}/1000`))).body.length, 1000);
  for (const path of ['/1001', '/bomb']) {
    const message = `GET ${server.url}${path}: the answer is longer than 1000 bytes`;
    await t.rejects(client.call(get(`${server.url}${path}`)), {
      code: 'response_too_large',
      retryable: false,
      message,
    });
  }
});

await t.test('an answer is decoded as it comes, and a character may come in two pieces', async (t) => {
  const text = 'ä☕𝄞'.repeat(3);
  const bytes = Buffer.from(text);
  const server = await answeringServer(t, (response) => {
    response.socket?.setNoDelay(true);
    let sent = 0;
    const sendOne = (): void => {
      if (sent === bytes.length) response.end();
      else response.write(bytes.subarray(sent, ++sent), () => setImmediate(sendOne));
    };
    sendOne();
  });
  t.equal((await clientFor(t).call(get(server.url))).body, text);
  const cut = get(server.url, { maxResponseBytes: 3, ifTooLong: 'cut' });
  t.equal((await clientFor(t).call(cut)).body, 'ä\ufffd', 'a character cut off in the middle is not reported');
  t.equal((await clientFor(t).call({ ...cut, maxResponseBytes: bytes.length })).body, text, 'as long as it may be');
});

await t.test('an endless answer is cut off with its connection', async (t) => {
  const server = await answeringServer(t, (response) => {
    const more = (): void => {
      while (response.writable && response.write('x'.repeat(10_000)));
      response.once('drain', more);
    };
    more();
  });
  await t.rejects(clientFor(t).call(get(server.url)), { code: 'response_too_large' });
  await server.connectionClosed();
});

await t.test('https to what speaks plain HTTP says so', async (t) => {
  const server = await answeringServer(t, (response) => response.end('plain'));
  const url = server.url.replace('http:', 'https:');
  await t.rejects(clientFor(t).call(get(url)), {
    code: 'call_network',
    message: /EPROTO: what answers there does not speak TLS; is it http:\/\/ rather than https:\/\/\?$/,
  });
});

await t.test('a connection that fails is a network fault, named by its code', async (t) => {
  const brokenAnswers = [
    ['reset at once', null, /ECONNRESET/],
    ['cut off within its length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"status":', /ECONNRESET/],
    [
      'cut off between chunks',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n',
      /ECONNRESET|CLOSE/,
    ],
    ['not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /HPE_/],
  ] as const;
  for (const [title, bytes, reason] of brokenAnswers) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        if (bytes === null) socket.resetAndDestroy();
        else socket.end(bytes);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const call = clientFor(t).call(get(`http://127.0.0.1:${port}/x`));
    await t.rejects(call, { code: 'call_network', retryable: true, message: reason }, title);
  }
});

await t.test('nothing is sent to a port without a listener', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const message = `GET http://127.0.0.1:${port}/x: connect ECONNREFUSED`;
  await t.rejects(clientFor(t).call(get(`http://127.0.0.1:${port}/x`)), {
    code: 'call_unconnected',
    retryable: true,
    message,
  });
});

await t.test('no proxy is taken from the environment', async (t) => {
  const server = await answeringServer(t, (response) => response.end('direct'));
  const proxy = await answeringServer(t, (response) => response.end('by proxy'));
  const names = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
  for (const name of names) process.env[name] = proxy.url;
  t.teardown(() => {
    for (const name of names) Reflect.deleteProperty(process.env, name);
  });
  t.equal((await clientFor(t).call(get(server.url))).body, 'direct');
});

await t.test('a URL that is not http or https, or has credentials, is refused unsent', async (t) => {
  for (const url of ['ftp://127.0.0.1/', 'data:,hello', '/relative', 'http://']) {
    await t.rejects(
      clientFor(t).call(get(url)),
      { code: 'config_invalid', retryable: false, message: /not an http/ },
      url,
    );
  }
  await t.rejects(clientFor(t).call(get('http://me:hunter2@127.0.0.1/')), {
    message: /GET http:\/\/127.0.0.1\/: .*http_config/,
  });
});

await t.test('no error shows the query or the userinfo of a URL', async (t) => {
  const server = await answeringServer(t, (response, { path }) => {
    if (path.startsWith('/reset')) response.socket?.resetAndDestroy();
    else if (path.startsWith('/cut')) response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n');
    else if (path.startsWith('/long')) response.end('x'.repeat(2000));
  });
  const client = clientFor(t);
  const secrets = fc.stringMatching(/^sEcReT[\w~!*'()%:;,"<> [\]-]{0,9}$/);
  await t.resolves(
    fc.assert(
      fc.asyncProperty(
        secrets,
        fc.constantFrom('/reset', '/cut', '/long', '/silent'),
        fc.boolean(),
        async (secret, path, inUserinfo) => {
          const url = inUserinfo
            ? `${server.url.replace('//', `//user:${encodeURIComponent(secret)}@`)}${path}`
            : `${server.url}${path}?token=${secret}`;
          const error: unknown = await client.call(get(url, { timeoutMs: 50 })).catch((fault: unknown) => fault);
          return error instanceof DhalionError && !`${describeError(error)} ${inspect(error)}`.includes('sEcReT');
        },
      ),
      { numRuns: 40 },
    ),
  );
});
