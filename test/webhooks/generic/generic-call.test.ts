import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import { renderRequest } from '../../../src/webhooks/generic/render-request.js';
import { readSigningSecret, signatureOf } from '../../../src/webhooks/generic/signature.js';
import { webhookBodyOf } from '../../../src/webhooks/webhook-body.js';
import { answeringServer } from '../../support/answering-server.js';
import { CLAIMED_AT_MS, sampleAction, sampleFacts, sampleWebhook } from '../../support/webhook-samples.js';
import { actionFor, inTurn, NEVER, setUpSender } from '../../support/webhook-sender-set-up.js';

await t.test('a call carries the body and the headers of the contract', async (t) => {
  const server = await answeringServer(t, inTurn(204));
  const secretFile = join(t.testdir({ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }), 'secret');
  const facts = sampleFacts();
  const webhook = sampleWebhook({
    url: `${server.url}/scale`,
    signingSecretFile: secretFile,
    headers: { 'X-Team': 'a' },
  });
  const request = renderRequest(webhook, webhookBodyOf(facts));
  const { send, codes, recorded } = setUpSender(t, { webhook });
  t.strictSame(await send(sampleAction({ request })), { result: 'succeeded' });
  const [seen] = server.requests;
  t.equal(seen?.method, 'POST');
  t.equal(seen?.path, '/scale');
  t.equal(seen?.body, request.body);
  t.match(JSON.parse(seen?.body ?? ''), { topology: 'wordcount', desired_parallelism: 4 });
  const timestamp = Math.floor(CLAIMED_AT_MS / 1000);
  t.match(seen?.headers, {
    'content-type': 'application/json',
    'idempotency-key': `"${facts.id}"`,
    'webhook-id': facts.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureOf(await readSigningSecret(secretFile), facts.id, timestamp, request.body),
    'user-agent': 'dhalion/1.2.3',
    'x-team': 'a',
  });
  t.equal(recorded(), 1);
  t.strictSame(codes, ['scaler 204']);
});

await t.test('a refusal is final: stale, or any other 4xx', async (t) => {
  for (const [status, failure] of [
    [412, 'answered 412 (stale)'],
    [400, 'answered 400'],
    [404, 'answered 404'],
    [410, 'answered 410'],
    [422, 'answered 422'],
  ] as const) {
    const server = await answeringServer(t, inTurn(status));
    const { send, clock } = setUpSender(t);
    t.strictSame(await send(actionFor(server)), { result: 'refused', failure, limits: {} });
    t.equal(server.requests.length, 1);
    t.equal(clock.slept.length, 0);
  }
});

await t.test('an endless answer is cut, and its status counts', async (t) => {
  for (const [status, expected] of [
    [200, { result: 'succeeded' }],
    [400, { result: 'refused', failure: `answered 400: ${'y'.repeat(200)}…`, limits: {} }],
  ] as const) {
    let sentBytes = 0;
    const server = await answeringServer(t, (response) => {
      response.writeHead(status);
      const pour = (): void => {
        while (!response.destroyed && response.write('y'.repeat(10_000))) sentBytes += 10_000;
      };
      response.on('drain', pour);
      pour();
    });
    const { send, codes } = setUpSender(t);
    t.strictSame(await send(actionFor(server)), expected);
    await server.connectionClosed();
    t.equal(server.requests.length, 1);
    t.strictSame(codes, [`scaler ${status}`]);
    t.ok(sentBytes < 20_000_000, `${sentBytes} bytes went out`);
  }
});

await t.test('configured headers cannot replace the key or the signed headers', async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const names = ['Idempotency-Key', 'WEBHOOK-ID', 'webhook-timestamp', 'Webhook-Signature', 'Content-Type', 'X-Own'];
  const headers = Object.fromEntries(names.map((name) => [name, 'users-own']));
  const http = { ...PLAIN_HTTP, httpHeaders: { ...headers, 'Webhook-Signature': 'v1,Zm9yZ2Vk' } };
  const secretFile = join(t.testdir({ secret: 'whsec_c2VjcmV0' }), 'secret');
  const action = actionFor(server);
  await setUpSender(t, { webhook: { headers, http, signingSecretFile: secretFile } }).send(action);
  t.match(server.requests[0]?.headers, {
    'idempotency-key': `"${action.id}"`,
    'webhook-id': action.id,
    'webhook-timestamp': /^\d+$/,
    'webhook-signature': /^v1,[A-Za-z0-9+/]{43}=$/,
    'content-type': 'application/json',
    'x-own': 'users-own',
  });
  t.not(server.requests[0]?.headers['webhook-signature'], 'v1,Zm9yZ2Vk');
});

await t.test('a secret that becomes readable between attempts is used', async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const secretFile = join(t.testdir({ secret: 'half-written' }), 'secret');
  const { sender, codes, lines } = setUpSender(t, { webhook: { signingSecretFile: secretFile } });
  let attempts = 0;
  const beforeAttempt = (): Promise<boolean> => {
    attempts += 1;
    if (attempts === 2) writeFileSync(secretFile, 'whsec_c2VjcmV0\n');
    return Promise.resolve(true);
  };
  t.strictSame(await sender.send(actionFor(server), { beforeAttempt }, NEVER), { result: 'succeeded' });
  t.strictSame(codes, ['scaler 200'], 'the first attempt made no call');
  t.match(lines.join(''), secretFile);
  t.notMatch(lines.join(''), 'half-written');
});

await t.test('an invalid HTTP request fails without a repetition', async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const { send, codes } = setUpSender(t, { webhook: { headers: { 'x-own': 'a\nb' } } });
  t.match(await send(actionFor(server)), { result: 'refused', failure: /x-own/ });
  t.strictSame([server.requests.length, codes.length], [0, 0]);
});
