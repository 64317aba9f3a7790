import t from 'tap';
import { createHoldUps, withWait, wordsOf } from '../../src/control-loop/hold-ups.js';
import { NOT_SETTLED, type Action } from '../../src/model/action.js';
import { DhalionError } from '../../src/errors.js';
import { createHttpClient, type HttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { kubernetesApiServer } from '../support/kubernetes-api-server.js';
import { operatorActionFor } from '../support/operator-actions.js';
import { sampleFlinkOperatorWebhook, sampleWebhook } from '../support/webhook-samples.js';

const NEVER = new AbortController().signal;

void t.test('the receiver of a call explains the delay of its effect', async (t) => {
  const api = await kubernetesApiServer(t);
  Object.assign(api.object('flinkdeployments').status ?? {}, { lifecycleState: 'UPGRADING' });
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/1.2.3' });
  t.teardown(() => {
    http.close();
  });
  const webhooks = [
    sampleFlinkOperatorWebhook(api.url, { name: 'operator' }),
    sampleFlinkOperatorWebhook('http://127.0.0.1:1', { name: 'unreachable' }),
    sampleWebhook({ name: 'generic' }),
  ];
  const holdUps = createHoldUps(
    new Map(webhooks.map((webhook) => [webhook.name, webhook])),
    new Map(webhooks.map(({ name }) => [name, http])),
  );
  const action = (id: string, more: Partial<Action> = {}, url = api.url): Action => ({
    ...operatorActionFor(url),
    id,
    webhook: 'operator',
    state: 'completed',
    completedAtMs: 0,
    ...more,
  });
  const told = await holdUps.explain(
    [
      action('awaited'),
      action('called', { state: 'claimed', completedAtMs: null }),
      action('seen', { settling: { ...NOT_SETTLED, seenAtMs: 1, firstSeenAtMs: 1 } }),
      action('rehearsed', { dryRun: true }),
      action('restarted', { resolver: 'restart_instances' }),
      action('of another type', { webhook: 'generic' }),
      action('of nobody', { webhook: 'gone' }),
      action('unreachable', { webhook: 'unreachable' }, 'http://127.0.0.1:1'),
    ],
    NEVER,
  );
  t.strictSame([...told.keys()], ['awaited'], 'the others have no explanation');
  t.match(told.get('awaited')?.words, /^FlinkDeployment prod\/wordcount .*is UPGRADING/);
  t.equal(api.requests.length, 1, 'nothing else is requested');
});

void t.test('actions without an answer in time, or without a turn, are left out', async (t) => {
  let asked = 0;
  const http: Pick<HttpClient, 'call'> = {
    call: ({ signal }) => {
      asked += 1;
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new DhalionError('call_aborted', 'aborted'));
        });
      });
    },
  };
  const url = 'http://127.0.0.1:1';
  const webhook = sampleFlinkOperatorWebhook(url);
  const holdUps = createHoldUps(new Map([[webhook.name, webhook]]), new Map([[webhook.name, http]]), 50);
  const actions = Array.from({ length: 40 }, (_, index): Action => {
    return { ...operatorActionFor(url), id: String(index), state: 'completed', completedAtMs: 0 };
  });
  t.strictSame([...(await holdUps.explain(actions, NEVER))], []);
  t.equal(asked, 32, 'those that still wait for a turn are not asked');
});

void t.test('a wait is kept until a newer one is known, and shown during its time', (t) => {
  const wait = { longestMs: 180_000, words: 'waiting for a checkpoint' };
  const waiting = { words: null, wait };
  const called: Action = { ...operatorActionFor('http://127.0.0.1:1'), state: 'completed', completedAtMs: 0 };
  const action = withWait(called, waiting);
  t.equal(action.settling.engineWaitMs, 180_000);
  t.equal(withWait(action, null).settling.engineWaitMs, 180_000, 'without an answer');
  t.equal(withWait(action, { words: null, wait: null }).settling.engineWaitMs, 180_000, 'with an unknown wait');
  t.equal(withWait(action, { words: null, wait: { ...wait, longestMs: 60_000 } }).settling.engineWaitMs, 60_000);
  t.equal(withWait(action, { words: null, wait: { ...wait, longestMs: 1e18 } }).settling.engineWaitMs, 86_400_000);

  t.equal(wordsOf(action, waiting, 179_999), 'waiting for a checkpoint');
  t.equal(wordsOf(action, waiting, 180_000), null, 'the wait is over');
  t.equal(wordsOf(action, { words: 'x is UPGRADING', wait }, 1), 'x is UPGRADING; waiting for a checkpoint');
  t.equal(wordsOf(action, { words: 'no slots', wait: { ...wait, words: null } }, 1), 'no slots');
  const settling = { ...action.settling, heldUpBy: 'the last explanation' };
  t.equal(wordsOf({ ...action, settling }, null, 1), 'the last explanation', 'without an answer it is unchanged');
  t.equal(
    wordsOf({ ...action, settling: { ...settling, changeSeenAtMs: 1 } }, waiting, 2),
    null,
    'the parallelism has changed',
  );
  t.equal(wordsOf({ ...action, settling: { ...settling, seenAtMs: 1 } }, waiting, 2), null, 'the effect is visible');
  t.end();
});
