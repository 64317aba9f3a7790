import { createServer, type AddressInfo } from 'node:net';
import t from 'tap';
import { DhalionError } from '../../src/errors.js';
import { answeringServer } from '../support/answering-server.js';
import { CLAIMED_AT_MS } from '../support/webhook-samples.js';
import { actionFor, inTurn, NEVER, setUpSender } from '../support/webhook-sender-set-up.js';

await t.test('a call is repeated with the same body and key and a fresh timestamp', async (t) => {
  const server = await answeringServer(t, inTurn(503, 409, 429, 200));
  const { send, clock, codes, recorded } = setUpSender(t);
  t.strictSame(await send(actionFor(server)), { result: 'succeeded' });
  t.equal(server.requests.length, 4);
  t.equal(new Set(server.requests.map(({ body }) => body)).size, 1);
  t.equal(new Set(server.requests.map(({ headers }) => headers['idempotency-key'])).size, 1);
  t.equal(new Set(server.requests.map(({ headers }) => headers['webhook-id'])).size, 1);
  const startS = CLAIMED_AT_MS / 1000;
  t.strictSame(
    server.requests.map(({ headers }) => Number(headers['webhook-timestamp'])),
    [startS, startS + 0.5, startS + 1.5, startS + 3.5].map(Math.floor),
  );
  t.strictSame(clock.slept, [500, 1000, 2000]);
  t.strictSame(codes, ['scaler 503', 'scaler 409', 'scaler 429', 'scaler 200']);
  t.equal(recorded(), 4);
  t.notOk('webhook-signature' in (server.requests[0]?.headers ?? {}), 'nothing is signed without a secret');
});

await t.test('Retry-After is waited for, as seconds and as a date', async (t) => {
  let calls = 0;
  const server = await answeringServer(t, (response) => {
    calls += 1;
    const date = new Date(CLAIMED_AT_MS + 27_500);
    if (calls === 1) response.writeHead(429, { 'retry-after': '7' }).end();
    else if (calls === 2) response.writeHead(503, { 'retry-after': date.toUTCString() }).end();
    else response.writeHead(200).end();
  });
  const { send, clock } = setUpSender(t, { random: () => 0 });
  t.strictSame(await send(actionFor(server)), { result: 'succeeded' });
  t.equal(clock.slept[0], 7000);
  // An HTTP date has whole seconds.
  t.ok(Math.abs((clock.slept[1] ?? 0) - 20_500) < 1000, String(clock.slept[1]));
});

await t.test('attempts run out', async (t) => {
  const server = await answeringServer(t, inTurn(500));
  const { send, recorded } = setUpSender(t, { webhook: { maxAttempts: 3 } });
  t.strictSame(await send(actionFor(server)), { result: 'failed', failure: 'answered 500' });
  t.equal(server.requests.length, 3);
  t.equal(recorded(), 3);
});

await t.test('attempts made before a restart count, but for the one whose answer was cut off', async (t) => {
  const server = await answeringServer(t, inTurn(500));
  const { send, clock } = setUpSender(t);
  t.match(await send(actionFor(server, { attempts: 3 })), { result: 'failed' });
  t.equal(server.requests.length, 3, 'the third is repeated, two of five were left');
  t.strictSame(clock.slept, [2000, 4000], 'and the backoff goes on from where it was');
});

await t.test('a call that was cut off by a restart is repeated even if it was the last attempt', async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const { send } = setUpSender(t, { webhook: { maxAttempts: 1 } });
  t.strictSame(await send(actionFor(server, { attempts: 1 })), { result: 'succeeded' });
  t.equal(server.requests.length, 1);
});

await t.test('with no attempt left nothing is sent, and what is seen must tell', async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const { send, recorded } = setUpSender(t);
  t.match(await send(actionFor(server, { attempts: 6 })), { result: 'expired', failure: /the last one is not known/ });
  t.strictSame(await send(actionFor(server, { attempts: 6, failure: 'answered 503' })), {
    result: 'expired',
    failure: 'answered 503',
  });
  t.equal(server.requests.length + recorded(), 0);
});

await t.test('a call is not repeated once it has expired', async (t) => {
  const server = await answeringServer(t, inTurn(500));
  const { send, clock } = setUpSender(t, { webhook: { maxAttempts: 100 } });
  const expiresAtMs = CLAIMED_AT_MS + 10_000;
  t.strictSame(await send(actionFor(server, { expiresAtMs })), { result: 'expired', failure: 'answered 500' });
  // 0.5 + 1 + 2 + 4 s, and 8 more would be too late.
  t.equal(server.requests.length, 5);
  t.ok(clock.now() < expiresAtMs);
});

await t.test('a Retry-After past the expiry ends it at once', async (t) => {
  const server = await answeringServer(t, (response) => {
    response.writeHead(503, { 'retry-after': '3600' }).end();
  });
  const { send, clock } = setUpSender(t);
  t.match(await send(actionFor(server)), { result: 'expired' });
  t.equal(clock.slept.length, 0);
});

await t.test('what has expired before it could be sent is not sent', async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const { send, recorded } = setUpSender(t);
  t.match(await send(actionFor(server, { expiresAtMs: CLAIMED_AT_MS })), { result: 'expired', failure: /^not sent/ });
  t.match(await send(actionFor(server, { expiresAtMs: CLAIMED_AT_MS, attempts: 1 })), {
    result: 'expired',
    failure: /^not answered/,
  });
  t.equal(server.requests.length + recorded(), 0);
});

await t.test('each attempt is durable before it is sent', async (t) => {
  const events: string[] = [];
  const server = await answeringServer(t, (response) => {
    events.push('sent');
    response.writeHead(events.length < 4 ? 500 : 200).end();
  });
  const { sender } = setUpSender(t);
  const beforeAttempt = async (): Promise<boolean> => {
    await new Promise((resolve) => setImmediate(resolve));
    events.push('recorded');
    return true;
  };
  await sender.send(actionFor(server), { beforeAttempt }, NEVER);
  t.strictSame(events, ['recorded', 'sent', 'recorded', 'sent']);
});

await t.test('an action cancelled meanwhile is not sent again', async (t) => {
  const server = await answeringServer(t, inTurn(500));
  const { sender } = setUpSender(t);
  const answers = [true, false];
  const beforeAttempt = (): Promise<boolean> => Promise.resolve(answers.shift() ?? true);
  t.strictSame(await sender.send(actionFor(server), { beforeAttempt }, NEVER), { result: 'aborted' });
  t.equal(server.requests.length, 1);
});

await t.test('what cannot be recorded is not sent', async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const { sender } = setUpSender(t);
  const beforeAttempt = (): Promise<boolean> => Promise.reject(new DhalionError('storage_unavailable', 'disk full'));
  await t.rejects(sender.send(actionFor(server), { beforeAttempt }, NEVER), { code: 'storage_unavailable' });
  t.equal(server.requests.length, 0);
});

await t.test('a connection that breaks or is refused is tried again', async (t) => {
  let calls = 0;
  const server = await answeringServer(t, (response) => {
    calls += 1;
    if (calls === 1) response.socket?.resetAndDestroy();
    else if (calls === 2) response.socket?.end('this is not HTTP\r\n\r\n');
    else response.writeHead(200).end();
  });
  const { send, codes } = setUpSender(t);
  t.strictSame(await send(actionFor(server)), { result: 'succeeded' });
  t.strictSame(codes, ['scaler network', 'scaler network', 'scaler 200']);

  const url = `http://127.0.0.1:${await closedPort()}`;
  const refused = setUpSender(t, { webhook: { maxAttempts: 2 } });
  t.match(await refused.send(actionFor({ url })), { result: 'failed', failure: /ECONNREFUSED/ });
  t.strictSame(refused.codes, ['scaler network', 'scaler network']);
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

await t.test('a server that does not answer in time is tried again', async (t) => {
  let calls = 0;
  const server = await answeringServer(t, (response) => {
    calls += 1;
    if (calls > 1) response.writeHead(200).end();
  });
  const { send, codes } = setUpSender(t, { webhook: { timeoutMs: 100 } });
  t.strictSame(await send(actionFor(server)), { result: 'succeeded' });
  t.strictSame(codes, ['scaler timeout', 'scaler 200']);
  t.equal(server.requests[0]?.headers['idempotency-key'], server.requests[1]?.headers['idempotency-key']);
});

await t.test('whoever holds the action is told before each wait how long it is, and can end it there', async (t) => {
  const server = await answeringServer(t, (response) => {
    response.writeHead(429, { 'retry-after': '90' }).end();
  });
  const { sender, clock } = setUpSender(t, { random: () => 0 });
  const waits: number[] = [];
  const beforeAttempt = (): Promise<boolean> => Promise.resolve(true);
  const beforeWait = (delayMs: number): Promise<boolean> => Promise.resolve(waits.push(delayMs) < 2);
  t.strictSame(await sender.send(actionFor(server), { beforeAttempt, beforeWait }, NEVER), { result: 'aborted' });
  t.strictSame(waits, [90_000, 90_000]);
  t.strictSame(clock.slept, [90_000], 'it did not wait the second time');
});
