import { join } from 'node:path';
import t from 'tap';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import { renderRequest } from '../../../src/webhooks/generic/render-request.js';
import { webhookBodyOf } from '../../../src/webhooks/webhook-body.js';
import { answeringServer } from '../../support/answering-server.js';
import { sampleAction, sampledOperator, sampleFacts, sampleWebhook } from '../../support/webhook-samples.js';
import { inTurn, setUpSender } from '../../support/webhook-sender-set-up.js';

await t.test('an action for Kubernetes arrives as a merge patch with the bearer token of its file', async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const credentialsFile = join(t.testdir({ token: 'abc.def\n' }), 'token');
  const webhook = sampleWebhook({
    url: `${server.url}/apis/apps/v1/namespaces/streams/deployments/{{ topology }}-{{ operator }}/scale`,
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: '{"spec":{"replicas":{{desired_parallelism}}}}',
    http: { ...PLAIN_HTTP, authorization: { type: 'Bearer', credentialsFile } },
  });
  const request = renderRequest(webhook, webhookBodyOf(sampleFacts()));
  t.strictSame(await setUpSender(t, { webhook }).send(sampleAction({ request })), { result: 'succeeded' });
  t.match(server.requests, [
    {
      method: 'PATCH',
      path: '/apis/apps/v1/namespaces/streams/deployments/wordcount-split/scale',
      body: '{"spec":{"replicas":4}}',
      headers: { 'content-type': 'application/merge-patch+json', authorization: 'Bearer abc.def' },
    },
  ]);
});

await t.test("a plan for Heron's API server arrives as one form", async (t) => {
  const server = await answeringServer(t, inTurn(200));
  const webhook = sampleWebhook({
    url: `${server.url}/api/v1/topologies/{{ labels.cluster }}/{{ labels.role }}/prod/{{ topology }}/update`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body:
      '{% for one in operators %}{% unless forloop.first %}&{% endunless %}' +
      'component_parallelism={{ one.operator }}:{{ one.desired_parallelism }}{% endfor %}',
  });
  const labels = { cluster: 'aurora', role: 'etl/team' };
  const facts = sampleFacts({
    operators: [
      sampledOperator({ operator: 'count & sum', labels }),
      sampledOperator({ operator: 'split', desiredParallelism: 12, labels }),
    ],
  });
  const request = renderRequest(webhook, webhookBodyOf(facts));
  t.strictSame(await setUpSender(t, { webhook }).send(sampleAction({ request })), { result: 'succeeded' });
  t.match(server.requests, [
    {
      method: 'POST',
      path: '/api/v1/topologies/aurora/etl%2Fteam/prod/wordcount/update',
      body: 'component_parallelism=count%20%26%20sum:4&component_parallelism=split:12',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
  ]);
});
