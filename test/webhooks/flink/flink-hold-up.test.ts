// The possible delay of a rescale, and its cause, by version of Flink.
import t, { type Test } from 'tap';
import { mapOperators, type Action } from '../../../src/model/action.js';
import { createHttpClient } from '../../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import { renderFlinkRequest } from '../../../src/webhooks/flink/flink-call.js';
import { createFlinkHoldUpReader } from '../../../src/webhooks/flink/flink-hold-up.js';
import { webhookBodyOf } from '../../../src/webhooks/webhook-body.js';
import type { HoldUp } from '../../../src/webhooks/webhook-type.js';
import { answerJson } from '../../support/answering-server.js';
import { answerRecorded, flinkRestServer, JOB_ID, recorded, VERTEX_IDS } from '../../support/flink-rest-server.js';
import { sampleAction, sampleFacts, sampleFlinkWebhook } from '../../support/webhook-samples.js';

const NEVER = new AbortController().signal;
const NOTHING: HoldUp = { words: null, wait: null };
const WAITING: HoldUp = { words: null, wait: { longestMs: 180_000, words: 'waiting for a checkpoint' } };

/** Scales split up from 2. */
function actionFor(url: string, desiredParallelism = 4): Action {
  const facts = sampleFacts({ labels: { job_id: JOB_ID, task_id: VERTEX_IDS.split }, desiredParallelism });
  const request = renderFlinkRequest(sampleFlinkWebhook(url), webhookBodyOf(facts));
  const operators = mapOperators(facts.operators, ({ labels: _, ...asked }) => asked);
  return sampleAction({ ...facts, operators, request, state: 'completed', completedAtMs: 0 });
}

function readFrom(t: Test, action: Action): Promise<HoldUp> {
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/1.2.3' });
  t.teardown(() => {
    http.close();
  });
  return createFlinkHoldUpReader(sampleFlinkWebhook(action.request.url), { http })(action, NEVER);
}

void t.test('Flink 2.3 reports its times', async (t) => {
  const flink = await flinkRestServer(t);
  flink.version = '2.3.0';
  t.strictSame(await readFrom(t, actionFor(flink.url)), WAITING);
  t.strictSame(
    flink.requests.map(({ method, path }) => `${method} ${path}`),
    ['GET /overview', `GET /jobs/${JOB_ID}/rescales/config`],
    'it has no history, which is not requested',
  );
  flink.rescaleConfig['maximumDelayForTriggeringRescaleInMillis'] = 0;
  t.strictSame(await readFrom(t, actionFor(flink.url)), {
    words: null,
    wait: { longestMs: 2000, words: 'waiting for Flink to rescale' },
  });
});

void t.test('a finished rescale that did not grant everything is quoted', async (t) => {
  let isGranted = false;
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (!isGranted || !path.includes('/rescales/details/')) return false;
    const { vertices, ...rescale } = recorded('rescale-details').body as { vertices: Record<string, object> };
    const split = { ...vertices[VERTEX_IDS.split], postRescaleParallelism: 16 };
    answerJson(response, 200, { ...rescale, vertices: { ...vertices, [VERTEX_IDS.split]: split } });
    return true;
  });
  flink.version = '2.3.0';
  flink.rescaleConfig['rescaleHistoryMax'] = 5;
  t.strictSame(await readFrom(t, actionFor(flink.url, 16)), {
    words: "Flink's last rescale is COMPLETED (split has 12, not 16; slots: 12 of 16)",
    wait: { longestMs: 180_000, words: null },
  });
  t.strictSame(await readFrom(t, actionFor(flink.url, 4)), WAITING, 'it is another rescale');
  isGranted = true;
  t.strictSame(
    await readFrom(t, actionFor(flink.url, 16)),
    { words: null, wait: { longestMs: 180_000, words: null } },
    'a finished rescale waits for nothing, although the series do not show it yet',
  );
});

void t.test('the wait is known without a readable history', async (t) => {
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (!path.endsWith('/history')) return false;
    response.destroy();
    return true;
  });
  flink.version = '2.3.0';
  flink.rescaleConfig['rescaleHistoryMax'] = 5;
  t.strictSame(await readFrom(t, actionFor(flink.url)), WAITING);
});

void t.test('the wait of Flink 2.0 to 2.2 comes from the checkpoint interval and the options', async (t) => {
  let options: unknown[] = [];
  let isWithout = false;
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (path === '/jobmanager/config') answerJson(response, 200, options);
    else if (path.endsWith('/checkpoints/config') && isWithout) answerRecorded(response, 'checkpointing-not-enabled');
    else return false;
    return true;
  });
  flink.version = '2.0.1';
  t.strictSame(await readFrom(t, actionFor(flink.url)), WAITING);
  t.notOk(flink.requests.some(({ path }) => path.includes('/rescales/')));
  options = [{ key: 'jobmanager.adaptive-scheduler.rescale-trigger.max-delay', value: '10 min' }];
  t.match(await readFrom(t, actionFor(flink.url)), { wait: { longestMs: 600_000 } });
  [options, isWithout] = [[], true];
  t.match(await readFrom(t, actionFor(flink.url)), {
    wait: { longestMs: 60_000, words: 'waiting for Flink to rescale' },
  });
});

void t.test('Flink 2.3 with invalid times is asked like an older one', async (t) => {
  const flink = await flinkRestServer(t);
  flink.version = '2.3.0';
  flink.rescaleConfig['maximumDelayForTriggeringRescaleInMillis'] = 'soon';
  t.strictSame(await readFrom(t, actionFor(flink.url)), WAITING);
});

void t.test('Flink 1.20 waits for no checkpoint: the wait is unknown', async (t) => {
  const flink = await flinkRestServer(t);
  t.strictSame(await readFrom(t, actionFor(flink.url)), NOTHING);
  t.equal(flink.requests.length, 1, 'only its version is requested');
});

void t.test('without options or version the wait is unknown', async (t) => {
  let hidden = '/jobmanager/config';
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (path !== hidden) return false;
    answerRecorded(response, 'no-such-path');
    return true;
  });
  flink.version = '2.2.0';
  t.strictSame(await readFrom(t, actionFor(flink.url)), NOTHING);
  hidden = '/overview';
  t.strictSame(await readFrom(t, actionFor(flink.url)), NOTHING);
});

void t.test('no request is made for an action without a job, or of another type', async (t) => {
  const flink = await flinkRestServer(t);
  const { request, ...action } = actionFor(flink.url);
  t.strictSame(await readFrom(t, { ...action, request: { ...request, method: 'POST' } }), NOTHING);
  t.strictSame(await readFrom(t, { ...action, request: { ...request, body: '{}' } }), NOTHING);
  t.equal(flink.requests.length, 0);
});

void t.test('an unreachable JobManager rejects', async (t) => {
  await t.rejects(readFrom(t, actionFor('http://127.0.0.1:1')), { code: 'call_unconnected' });
});
