import t from 'tap';
import { createHttpClient } from '../../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import { createFlinkOperatorHoldUpReader } from '../../../src/webhooks/flink-operator/flink-operator-hold-up.js';
import {
  kubernetesApiServer,
  type FlinkObject,
  type KubernetesApiServer,
} from '../../support/kubernetes-api-server.js';
import {
  COUNT_LABELS,
  operatorActionFor,
  sessionJobActionFor,
  SPLIT_KEY,
  SPLIT_LABELS,
} from '../../support/operator-actions.js';
import type { HoldUp } from '../../../src/webhooks/webhook-type.js';
import { sampledOperator, sampleFlinkOperatorWebhook, type FactsChanges } from '../../support/webhook-samples.js';

const NEVER = new AbortController().signal;

async function readFrom(
  t: Test,
  api: Pick<KubernetesApiServer, 'url'>,
  more: FactsChanges = {},
  actionFor = operatorActionFor,
): Promise<string | null> {
  return (await holdUpFrom(t, api, more, actionFor)).words;
}

async function holdUpFrom(
  t: Test,
  api: Pick<KubernetesApiServer, 'url'>,
  more: FactsChanges = {},
  actionFor = operatorActionFor,
): Promise<HoldUp> {
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/1.2.3' });
  t.teardown(() => {
    http.close();
  });
  return createFlinkOperatorHoldUpReader(sampleFlinkOperatorWebhook(api.url), { http })(
    actionFor(api.url, more),
    NEVER,
  );
}

type Test = Parameters<typeof kubernetesApiServer>[0];

/** `error` in the format of the operator. */
const EXCEPTION = JSON.stringify({
  type: 'org.apache.flink.kubernetes.operator.exception.ReconciliationException',
  message: 'Could not trigger\nsavepoint',
  stackTrace: 'org.apache.flink.X\n\tat y',
  additionalMetadata: {},
});

const TABLE: readonly [title: string, change: (object: FlinkObject) => void, expected: string | null][] = [
  ['nothing, if it is stable', () => undefined, null],
  ['nothing, without a status', (object) => delete object.status, null],
  [
    'an upgrade in progress',
    ({ status }) => Object.assign(status ?? {}, { lifecycleState: 'UPGRADING' }),
    'is UPGRADING',
  ],
  [
    "the operator's error, without its stack",
    ({ status }) => Object.assign(status ?? {}, { lifecycleState: 'UPGRADING', error: EXCEPTION }),
    'is UPGRADING; reports: Could not trigger savepoint',
  ],
  ['an error that is not JSON', ({ status }) => Object.assign(status ?? {}, { error: 'no' }), 'reports: no'],
  [
    'a job that is not running',
    ({ status }) => Object.assign(status ?? {}, { jobStatus: { state: 'RESTARTING' } }),
    'has a job in state RESTARTING',
  ],
  [
    'a change that the operator has not observed',
    ({ metadata }) => Object.assign(metadata, { generation: 2 }),
    'has a change that the operator has not observed yet',
  ],
  [
    'an override that was changed after the call',
    ({ spec }) => Object.assign(spec.flinkConfiguration ?? {}, { [SPLIT_KEY]: '2' }),
    'no longer has the override for split: it was changed after the call',
  ],
  [
    'a suspended job',
    ({ spec }) => Object.assign(spec, { job: { state: 'suspended' } }),
    'is suspended (spec.job.state)',
  ],
  ['its deletion', ({ metadata }) => Object.assign(metadata, { deletionTimestamp: 'now' }), 'is being deleted'],
];

for (const [title, change, expected] of TABLE) {
  await t.test(`a resource reports ${title}`, async (t) => {
    const api = await kubernetesApiServer(t);
    const object = api.object('flinkdeployments');
    Object.assign(object.spec.flinkConfiguration ?? {}, { [SPLIT_KEY]: '4' });
    change(object);
    t.equal(await readFrom(t, api), expected === null ? null : `FlinkDeployment prod/wordcount ${expected}`);
  });
}

await t.test('an override above the desired parallelism counts as present', async (t) => {
  const api = await kubernetesApiServer(t);
  Object.assign(api.object('flinkdeployments').spec.flinkConfiguration ?? {}, { [SPLIT_KEY]: '6' });
  t.equal(await readFrom(t, api), null);
  const operators = [
    sampledOperator({ labels: SPLIT_LABELS }),
    sampledOperator({ operator: 'count', labels: COUNT_LABELS }),
  ] as const;
  t.match(await readFrom(t, api, { operators }), /no longer has the override for count: /);
});

await t.test('a session job can inherit an override from its cluster: then it was not changed', async (t) => {
  const api = await kubernetesApiServer(t);
  t.equal(await readFrom(t, api, {}, sessionJobActionFor), null);
  Object.assign(api.object('flinksessionjobs').spec.flinkConfiguration ?? {}, { [SPLIT_KEY]: '2' });
  t.match(
    await readFrom(t, api, {}, sessionJobActionFor),
    /^FlinkSessionJob .* no longer has the override for split: /,
  );
});

await t.test('an unreachable or missing resource is distinguished from one without a delay', async (t) => {
  const api = await kubernetesApiServer(t, { lacking: ['get flinkdeployments'] });
  await t.rejects(readFrom(t, api), { code: 'flink_rejected', message: /^the Role lacks the verb get/ });
  await t.rejects(readFrom(t, { url: 'http://127.0.0.1:1' }), { code: 'call_unconnected' });
});

await t.test('the wait for a checkpoint is read from the resource', async (t) => {
  const api = await kubernetesApiServer(t);
  const { spec } = api.object('flinkdeployments');
  const adaptive = { 'jobmanager.scheduler': 'adaptive', [SPLIT_KEY]: '4' };
  const tell = async (flinkVersion: string, config: Record<string, string>): Promise<unknown> => {
    Object.assign(spec, { flinkVersion, flinkConfiguration: config });
    return (await holdUpFrom(t, api)).wait;
  };
  const wait = { longestMs: 180_000, words: 'waiting for a checkpoint' };
  const interval = { 'execution.checkpointing.interval': '1 min' };
  t.strictSame(await tell('v2_0', { ...adaptive, ...interval }), wait);
  const maxDelay = { 'jobmanager.adaptive-scheduler.rescale-trigger.max-delay': '5 min' };
  t.strictSame(await tell('v2_3', { ...adaptive, ...maxDelay }), { ...wait, longestMs: 300_000 });
  t.equal(await tell('v2_0', adaptive), null, "the job's code may have checkpoints");
  t.equal(await tell('v1_20', { ...adaptive, ...interval }), null, 'an older Flink does not wait');
  t.equal(await tell('v2_0', interval), null, 'another scheduler: an upgrade');
  t.equal(await tell('2', { ...adaptive, ...interval }), null);
});
