import t from 'tap';
import { renderFlinkOperatorRequest } from '../../src/webhooks/flink-operator/flink-operator-call.js';
import { renderFlinkRequest } from '../../src/webhooks/flink/flink-call.js';
import { webhookBodyOf } from '../../src/webhooks/webhook-body.js';
import { answeringServer } from '../support/answering-server.js';
import { answerRecorded, JOB_ID, VERTEX_IDS } from '../support/flink-rest-server.js';
import { answerSampleDeployment, DEPLOYMENT, NAMESPACE, type Json } from '../support/kubernetes-api-server.js';
import {
  CLAIMED_AT_MS,
  sampleAction,
  sampleFacts,
  sampleFlinkOperatorWebhook,
  sampleFlinkWebhook,
} from '../support/webhook-samples.js';
import { actionFor, inTurn, NEVER, setUpSender } from '../support/webhook-sender-set-up.js';
import { testSender } from './webhook-sender-contract.js';

await testSender({
  name: 'generic',
  webhook: (more = {}) => more,
  actionFor,
  isAttempt: () => true,
  accept: (response) => response.writeHead(200).end(),
  answerRest: (response) => response.writeHead(500).end(),
});

await testSender({
  name: 'flink',
  webhook: (more = {}) => sampleFlinkWebhook('http://127.0.0.1:1', more),
  actionFor: ({ url }, more) => {
    const body = webhookBodyOf(sampleFacts({ labels: { job_id: JOB_ID, task_id: VERTEX_IDS.split } }));
    return sampleAction({ request: renderFlinkRequest(sampleFlinkWebhook(url), body), ...more });
  },
  isAttempt: ({ method, path }) => method === 'GET' && path !== '/overview',
  accept: (response) => {
    answerRecorded(response, 'requirements');
  },
  answerRest: (response, { method }) => {
    answerRecorded(response, method === 'PUT' ? 'changed' : 'overview');
  },
});

await testSender({
  name: 'flink_operator',
  webhook: (more = {}) => sampleFlinkOperatorWebhook('http://127.0.0.1:1', more),
  actionFor: ({ url }, more) => {
    const labels = { namespace: NAMESPACE, app: DEPLOYMENT, task_id: VERTEX_IDS.split };
    const body = webhookBodyOf(sampleFacts({ labels }));
    return sampleAction({ request: renderFlinkOperatorRequest(sampleFlinkOperatorWebhook(url), body), ...more });
  },
  isAttempt: ({ method }) => method === 'GET',
  accept: (response) => {
    answerSampleDeployment(response);
  },
  answerRest: (response, { body }) => {
    answerSampleDeployment(response, JSON.parse(body) as Json);
  },
});

await t.test('a repetition of a generic call has the same body and a fresh timestamp', async (t) => {
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

await t.test('the caller gets the length of each wait, and can end the call before it', async (t) => {
  const server = await answeringServer(t, (response) => {
    response.writeHead(429, { 'retry-after': '90' }).end();
  });
  const { sender, clock } = setUpSender(t, { random: () => 0 });
  const waits: number[] = [];
  const beforeAttempt = (): Promise<boolean> => Promise.resolve(true);
  const beforeWait = (delayMs: number): Promise<boolean> => Promise.resolve(waits.push(delayMs) < 2);
  t.strictSame(await sender.send(actionFor(server), { beforeAttempt, beforeWait }, NEVER), {
    result: 'aborted',
  });
  t.strictSame(waits, [90_000, 90_000]);
  t.strictSame(clock.slept, [90_000], 'it did not wait the second time');
});

for (const byMs of [-7_200_000, 7_200_000]) {
  await t.test(
    `a call expires when its time has passed, the clock set by ${byMs / 3_600_000} h meanwhile`,
    async (t) => {
      const server = await answeringServer(t, (response) => {
        response.writeHead(429, { 'retry-after': '100' }).end();
      });
      const set = setUpSender(t, { webhook: { maxAttempts: 100 }, random: () => 0 });
      const sending = set.send(actionFor(server));
      while (set.clock.slept.length === 0) await new Promise(setImmediate);
      set.clock.setWall(byMs);
      t.match(await sending, { result: 'expired' });
      t.strictSame(set.clock.slept, [100_000, 100_000], 'within five minutes');
    },
  );
}
