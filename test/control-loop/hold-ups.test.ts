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

void t.test('what is awaited is explained by what its call went to', async (t) => {
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
  t.strictSame([...told.keys()], ['awaited'], 'of the others nobody tells, or nothing is to be told');
  t.match(told.get('awaited')?.words, /^FlinkDeployment prod\/wordcount .*is UPGRADING/);
  t.equal(api.requests.length, 1, 'nothing else is asked for');
});

void t.test('what does not answer in time, or is not reached in its turn, is left out', async (t) => {
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
  t.equal(asked, 32, 'those that still wait for their turn are not asked any more');
});

void t.test('a wait is remembered until another is told, and said while it lasts', (t) => {
  const wait = { longestMs: 180_000, words: 'waiting for a checkpoint' };
  const waiting = { words: null, wait };
  const called: Action = { ...operatorActionFor('http://127.0.0.1:1'), state: 'completed', completedAtMs: 0 };
  const action = withWait(called, waiting);
  t.equal(action.settling.engineWaitMs, 180_000);
  t.equal(withWait(action, null).settling.engineWaitMs, 180_000, 'nobody tells now');
  t.equal(withWait(action, { words: null, wait: null }).settling.engineWaitMs, 180_000, 'nor knows it now');
  t.equal(withWait(action, { words: null, wait: { ...wait, longestMs: 60_000 } }).settling.engineWaitMs, 60_000);
  t.equal(withWait(action, { words: null, wait: { ...wait, longestMs: 1e18 } }).settling.engineWaitMs, 86_400_000);

  t.equal(wordsOf(action, waiting, 179_999), 'waiting for a checkpoint');
  t.equal(wordsOf(action, waiting, 180_000), null, 'it has waited');
  t.equal(wordsOf(action, { words: 'x is UPGRADING', wait }, 1), 'x is UPGRADING; waiting for a checkpoint');
  t.equal(wordsOf(action, { words: 'no slots', wait: { ...wait, words: null } }, 1), 'no slots');
  const settling = { ...action.settling, heldUpBy: 'as told last' };
  t.equal(wordsOf({ ...action, settling }, null, 1), 'as told last', 'what nobody tells now is as it was');
  t.equal(wordsOf({ ...action, settling: { ...settling, changeSeenAtMs: 1 } }, waiting, 2), null, 'it has changed');
  t.equal(wordsOf({ ...action, settling: { ...settling, seenAtMs: 1 } }, waiting, 2), null, 'it is seen');
  t.end();
});
