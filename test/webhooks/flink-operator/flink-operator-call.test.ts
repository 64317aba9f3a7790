// Actions through the Kubernetes API, with a server that gives the answers of a real one.
import { writeFileSync } from 'node:fs';
import t from 'tap';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import { renderFlinkOperatorRequest } from '../../../src/webhooks/flink-operator/flink-operator-call.js';
import { webhookBodyOf, type LabelledOperator } from '../../../src/webhooks/webhook-body.js';
import { answerJson } from '../../support/answering-server.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { JOB_ID, VERTEX_IDS } from '../../support/flink-rest-server.js';
import {
  answerStatus,
  DEPLOYMENT,
  kubernetesApiServer,
  SESSION_CLUSTER,
  SESSION_JOB,
  type FlinkObject,
  type JsonObject,
} from '../../support/kubernetes-api-server.js';
import {
  COUNT_KEY,
  COUNT_LABELS,
  operatorActionFor,
  OUT_KEY,
  SESSION_JOBS,
  sessionJobActionFor,
  SPLIT_KEY,
  SPLIT_LABELS,
} from '../../support/operator-actions.js';
import {
  CLAIMED_AT_MS,
  sampledOperator,
  sampleFacts,
  sampleFlinkOperatorWebhook,
} from '../../support/webhook-samples.js';
import { setUpSender } from '../../support/webhook-sender-set-up.js';

const both = (split: Partial<LabelledOperator>, count: Partial<LabelledOperator>) =>
  [
    sampledOperator({ labels: SPLIT_LABELS, ...split }),
    sampledOperator({ operator: 'count', labels: COUNT_LABELS, ...count }),
  ] as const;

const senderFor = (t: Parameters<typeof setUpSender>[0], url: string, more = {}) =>
  setUpSender(t, { webhook: sampleFlinkOperatorWebhook(url, more) });

await t.test('a plan is one patch with one key a vertex; other keys are unchanged', async (t) => {
  const api = await kubernetesApiServer(t);
  const deployment = api.object('flinkdeployments');
  Object.assign(deployment.spec.flinkConfiguration ?? {}, { [OUT_KEY]: '3', [SPLIT_KEY]: '2' });
  const { resourceVersion } = deployment.metadata;
  const { send, codes } = senderFor(t, api.url);
  const operators = both({ desiredParallelism: 12 }, { desiredParallelism: 24 });
  t.strictSame(await send(operatorActionFor(api.url, { operators })), { result: 'succeeded' });
  t.strictSame(api.patches(), [
    { metadata: { resourceVersion }, spec: { flinkConfiguration: { [SPLIT_KEY]: '12', [COUNT_KEY]: '24' } } },
  ]);
  t.strictSame(deployment.spec.flinkConfiguration, {
    'jobmanager.scheduler': 'adaptive',
    'taskmanager.numberOfTaskSlots': '2',
    [OUT_KEY]: '3',
    [SPLIT_KEY]: '12',
    [COUNT_KEY]: '24',
  });
  const path = `/apis/flink.apache.org/v1beta1/namespaces/prod/flinkdeployments/${DEPLOYMENT}`;
  t.strictSame(
    api.requests.map((request) => `${request.method} ${request.path}`),
    [`GET ${path}`, `PATCH ${path}?fieldManager=dhalion`],
  );
  t.match(api.requests.at(-1)?.headers, {
    'content-type': 'application/merge-patch+json',
    'idempotency-key': `"${sampleFacts().id}"`,
    'user-agent': 'dhalion/1.2.3',
  });
  t.strictSame(codes, Array(2).fill('scaler 200'), 'every request is counted');
});

await t.test('a resource that already has the desired state is not written', async (t) => {
  const api = await kubernetesApiServer(t);
  const { send, lines } = senderFor(t, api.url);
  const action = operatorActionFor(api.url);
  t.strictSame(await send(action), { result: 'succeeded' });
  t.strictSame(await send(action), { result: 'succeeded' });
  t.equal(api.patches().length, 1);
  t.notMatch(lines.join(''), /is kept/, 'nothing is logged');
});

await t.test('a scale-up never lowers an override, and a scale-down never raises one', async (t) => {
  for (const [override, more, word] of [
    ['4', { currentParallelism: 2, desiredParallelism: 3 }, 'above'],
    ['2', { resolver: 'scale_down', currentParallelism: 4, desiredParallelism: 3 }, 'below'],
    ['4', { resolver: 'revert', currentParallelism: 2, desiredParallelism: 3, reverts: 'x' }, 'above'],
  ] as const) {
    const api = await kubernetesApiServer(t);
    Object.assign(api.object('flinkdeployments').spec.flinkConfiguration ?? {}, { [SPLIT_KEY]: override });
    const { send, lines } = senderFor(t, api.url);
    t.strictSame(await send(operatorActionFor(api.url, more)), { result: 'succeeded' });
    t.strictSame(api.patches(), [], word);
    t.match(JSON.parse(lines.find((one) => one.includes('override')) ?? '{}'), {
      level: 'warn',
      msg: `the override in the resource is already ${word} the desired parallelism and is kept; nothing is written`,
      override: Number(override),
      desired_parallelism: 3,
    });
  }
});

await t.test('overrides already above the plan are kept, and the others are written', async (t) => {
  const api = await kubernetesApiServer(t);
  Object.assign(api.object('flinkdeployments').spec.flinkConfiguration ?? {}, { [SPLIT_KEY]: '16' });
  const { send, lines } = senderFor(t, api.url);
  const operators = both({ desiredParallelism: 12 }, { desiredParallelism: 24 });
  t.strictSame(await send(operatorActionFor(api.url, { operators })), { result: 'succeeded' });
  t.match(api.patches(), [{ spec: { flinkConfiguration: { [COUNT_KEY]: '24' } } }]);
  t.notOk(SPLIT_KEY in ((api.patches()[0]?.['spec'] as JsonObject)['flinkConfiguration'] as JsonObject));
  t.match(lines.join(''), /"operator":"split".*"override":16/);
});

await t.test('a revert restores every operator in one patch', async (t) => {
  const api = await kubernetesApiServer(t);
  const { send } = senderFor(t, api.url);
  const down = both({ currentParallelism: 4, desiredParallelism: 2 }, { currentParallelism: 6, desiredParallelism: 3 });
  t.strictSame(await send(operatorActionFor(api.url, { resolver: 'scale_down', operators: down })), {
    result: 'succeeded',
  });
  t.match(api.object('flinkdeployments').spec.flinkConfiguration, { [SPLIT_KEY]: '2', [COUNT_KEY]: '3' });
  const back = both({ currentParallelism: 2, desiredParallelism: 4 }, { currentParallelism: 3, desiredParallelism: 6 });
  const revert = operatorActionFor(api.url, { resolver: 'revert', reverts: 'x', operators: back });
  t.strictSame(await send(revert), { result: 'succeeded' });
  t.match(api.object('flinkdeployments').spec.flinkConfiguration, { [SPLIT_KEY]: '4', [COUNT_KEY]: '6' });
  t.equal(api.patches().length, 2);
});

await t.test('a nested override is changed in place: one of another depth would compete with it', async (t) => {
  const api = await kubernetesApiServer(t);
  const deployment = api.object('flinkdeployments');
  deployment.spec.flinkConfiguration = {
    pipeline: { 'jobvertex-parallelism-overrides': { [VERTEX_IDS.split]: 2, [VERTEX_IDS.out]: 3 }, name: 'a' },
  };
  const { send } = senderFor(t, api.url);
  const operators = both({ desiredParallelism: 12 }, { desiredParallelism: 24 });
  t.strictSame(await send(operatorActionFor(api.url, { operators })), { result: 'succeeded' });
  t.strictSame(deployment.spec.flinkConfiguration, {
    pipeline: { 'jobvertex-parallelism-overrides': { [VERTEX_IDS.split]: '12', [VERTEX_IDS.out]: 3 }, name: 'a' },
    [COUNT_KEY]: '24',
  });
});

await t.test('a resource without any configuration gets one', async (t) => {
  const api = await kubernetesApiServer(t);
  const deployment = api.object('flinkdeployments');
  delete deployment.spec.flinkConfiguration;
  const { send } = senderFor(t, api.url);
  t.strictSame(await send(operatorActionFor(api.url)), { result: 'succeeded' });
  t.strictSame(deployment.spec.flinkConfiguration, { [SPLIT_KEY]: '4' });
});

interface Hindrance {
  readonly change: (object: FlinkObject) => void;
  readonly failure: RegExp;
}

const setting =
  (key: string, value: JsonObject[string]) =>
  ({ spec }: FlinkObject): void => {
    spec.flinkConfiguration = { ...spec.flinkConfiguration, [key]: value };
  };
const lifecycle =
  (state: string) =>
  ({ status = {} }: FlinkObject): void => {
    status['lifecycleState'] = state;
  };

const HINDRANCES: Readonly<Record<string, Hindrance>> = {
  'it is suspended': {
    change: ({ spec }) => {
      spec['job'] = { state: 'suspended' };
    },
    failure: /^FlinkDeployment prod\/wordcount is suspended \(spec\.job\.state\)/,
  },
  "the operator's autoscaler is on": {
    change: setting('job.autoscaler.enabled', 'true'),
    failure: /^job\.autoscaler\.enabled is true in FlinkDeployment prod\/wordcount: .*autoscaler also sets/,
  },
  'the autoscaler is on as a boolean, below other keys': {
    change: setting('job', { 'autoscaler.enabled': true }),
    failure: /^job\.autoscaler\.enabled is true/,
  },
  'the autoscaler is on by its older name': {
    change: setting('kubernetes.operator.job.autoscaler.enabled', 'TRUE'),
    failure: /^kubernetes\.operator\.job\.autoscaler\.enabled is true/,
  },
  'the exact key is set': {
    change: setting('pipeline.jobvertex-parallelism-overrides', `${VERTEX_IDS.split}:2`),
    failure: /^pipeline\.jobvertex-parallelism-overrides is set in FlinkDeployment prod\/wordcount: .*one key a vertex/,
  },
  'the exact key is set below another': {
    change: setting('pipeline', { 'jobvertex-parallelism-overrides': `${VERTEX_IDS.split}:2` }),
    failure: /^pipeline\.jobvertex-parallelism-overrides is set/,
  },
  'the exact key is set to nothing': {
    change: setting('pipeline.jobvertex-parallelism-overrides', ''),
    failure: /^pipeline\.jobvertex-parallelism-overrides is set/,
  },
  'it is a session cluster': {
    change: ({ spec }) => {
      delete spec['job'];
    },
    failure: /^FlinkDeployment prod\/wordcount is a session cluster.*flinksessionjobs/,
  },
  'it is being deleted': {
    change: ({ metadata }) => {
      metadata['deletionTimestamp'] = '2026-02-03T04:05:06Z';
    },
    failure: /^FlinkDeployment prod\/wordcount is being deleted/,
  },
  'it was rolled back': {
    change: lifecycle('ROLLED_BACK'),
    failure: /is ROLLED_BACK: .*deploy the failed version again/,
  },
  'it is being rolled back': { change: lifecycle('ROLLING_BACK'), failure: /is ROLLING_BACK: / },
  'it runs another job': {
    change: ({ status = {} }) => {
      status['jobStatus'] = { jobId: 'f'.repeat(32), state: 'RUNNING' };
    },
    failure:
      /^FlinkDeployment prod\/wordcount runs job f{32}, but the series are of job 18777a606b3f2fba8c7ec6e09d82d26a/,
  },
};

for (const [title, { change, failure }] of Object.entries(HINDRANCES)) {
  await t.test(`a resource is not changed if ${title}`, async (t) => {
    const api = await kubernetesApiServer(t);
    change(api.object('flinkdeployments'));
    const { send, clock } = senderFor(t, api.url);
    t.match(await send(operatorActionFor(api.url)), { result: 'refused', failure });
    t.strictSame([api.patches(), clock.slept], [[], []]);
  });
}

await t.test("another job's maximum does not apply to this one", async (t) => {
  const api = await kubernetesApiServer(t);
  setting('pipeline.max-parallelism', '3')(api.object('flinkdeployments'));
  HINDRANCES['it runs another job']?.change(api.object('flinkdeployments'));
  const { send } = senderFor(t, api.url);
  t.strictSame(await send(operatorActionFor(api.url)), {
    result: 'refused',
    failure: `FlinkDeployment prod/wordcount runs job ${'f'.repeat(32)}, but the series are of job ${JOB_ID}: the job was submitted again, or the labels name the wrong resource`,
    limits: {},
  });
});

await t.test(
  'an attempt after a lost answer succeeds, although the upgrade has given the job another id',
  async (t) => {
    const api = await kubernetesApiServer(t, {
      instead: (response, { method }, { object }) => {
        if (method !== 'PATCH') return false;
        const deployment = object('flinkdeployments');
        setting(SPLIT_KEY, '4')(deployment);
        HINDRANCES['it runs another job']?.change(deployment);
        response.destroy();
        return true;
      },
    });
    const { send } = senderFor(t, api.url);
    t.strictSame(await send(operatorActionFor(api.url)), { result: 'succeeded' });
    t.equal(api.patches().length, 1);
  },
);

await t.test('harmless settings are accepted', async (t) => {
  const changes: Readonly<Record<string, Hindrance['change']>> = {
    'an autoscaler that is off': setting('job.autoscaler.enabled', 'false'),
    'its older name, if the newer one is false': (object) => {
      setting('job.autoscaler.enabled', false)(object);
      setting('kubernetes.operator.job.autoscaler.enabled', 'true')(object);
    },
    'keys of other vertices, in a map of the exact name': setting('pipeline.jobvertex-parallelism-overrides', {
      [VERTEX_IDS.out]: '3',
    }),
    'an upgrade under way': lifecycle('UPGRADING'),
    'no status at all': (object) => {
      delete object.status;
    },
    'the job of the series': ({ status = {} }) => {
      status['jobStatus'] = { jobId: JOB_ID };
    },
  };
  for (const [title, change] of Object.entries(changes)) {
    const api = await kubernetesApiServer(t);
    change(api.object('flinkdeployments'));
    const { send } = senderFor(t, api.url);
    t.strictSame(await send(operatorActionFor(api.url)), { result: 'succeeded' }, title);
    t.equal(api.patches().length, 1, title);
  }
});

await t.test("a parallelism above Flink's maximum is refused with the maximum: the job would fail", async (t) => {
  const api = await kubernetesApiServer(t);
  setting('pipeline.max-parallelism', '16')(api.object('flinkdeployments'));
  const { send } = senderFor(t, api.url);
  const operators = both({ desiredParallelism: 12 }, { desiredParallelism: 24 });
  t.match(await send(operatorActionFor(api.url, { operators })), {
    result: 'refused',
    failure:
      /^above pipeline\.max-parallelism \(16\) in FlinkDeployment prod\/wordcount: count 24; lower .*max_parallelism/,
    limits: { count: 16 },
  });
  t.strictSame(api.patches(), []);
  for (const [title, more] of [
    ['a scale-down is never refused', { resolver: 'scale_down', currentParallelism: 30, desiredParallelism: 20 }],
    ['a vertex that runs with more has its own maximum', { currentParallelism: 20, desiredParallelism: 24 }],
    [
      'a revert restores the previous parallelism',
      { resolver: 'revert', reverts: 'x', currentParallelism: 12, desiredParallelism: 28 },
    ],
  ] as const) {
    t.strictSame(await send(operatorActionFor(api.url, more)), { result: 'succeeded' }, title);
    t.match(api.object('flinkdeployments').spec.flinkConfiguration, { [SPLIT_KEY]: String(more.desiredParallelism) });
  }
});

await t.test('after a conflict the resource is read and written once more', async (t) => {
  let conflicts = 1;
  const api = await kubernetesApiServer(t, {
    instead: (_response, { method }, { touch }) => {
      if (method === 'PATCH' && conflicts > 0) {
        conflicts -= 1;
        touch('flinkdeployments');
      }
      return false;
    },
  });
  const { send, clock, codes } = senderFor(t, api.url);
  t.strictSame(await send(operatorActionFor(api.url)), { result: 'succeeded' });
  t.strictSame(clock.slept, [], 'at once');
  t.strictSame(codes, ['scaler 200', 'scaler 409', 'scaler 200', 'scaler 200']);
  const [first, second] = api.patches().map(({ metadata }) => (metadata as JsonObject)['resourceVersion']);
  t.not(first, second);
});

await t.test('the second attempt uses the changes in between', async (t) => {
  const api = await kubernetesApiServer(t, {
    instead: (_response, { method }, { object, touch }) => {
      if (method === 'PATCH') {
        touch('flinkdeployments');
        setting('job.autoscaler.enabled', 'true')(object('flinkdeployments'));
      }
      return false;
    },
  });
  const { send } = senderFor(t, api.url);
  t.match(await send(operatorActionFor(api.url)), { result: 'refused', failure: /^job\.autoscaler\.enabled is true/ });
  t.equal(api.patches().length, 1);
});

await t.test('a second conflict is reported, and retried later', async (t) => {
  const api = await kubernetesApiServer(t, {
    instead: (_response, { method }, { touch }) => {
      if (method === 'PATCH') touch('flinkdeployments');
      return false;
    },
  });
  const { send, clock } = senderFor(t, api.url, { maxAttempts: 2 });
  t.strictSame(await send(operatorActionFor(api.url)), {
    result: 'failed',
    failure: 'FlinkDeployment prod/wordcount was changed between read and write, twice (Kubernetes answered 409)',
  });
  t.equal(api.patches().length, 4);
  t.equal(clock.slept.length, 1);
});

await t.test('a right that the Role lacks is reported with verb, resource and namespace', async (t) => {
  for (const verb of ['get', 'patch']) {
    const api = await kubernetesApiServer(t, { lacking: [`${verb} flinkdeployments`] });
    const { send } = senderFor(t, api.url);
    const sent = await send(operatorActionFor(api.url));
    t.match(sent, {
      result: 'refused',
      failure: new RegExp(
        `^the Role lacks the verb ${verb} on flinkdeployments of flink\\.apache\\.org in namespace prod ` +
          `\\(Kubernetes answered 403: .*system:serviceaccount:dhalion:dhalion`,
      ),
    });
  }
});

interface OddAnswer {
  readonly on: 'GET' | 'PATCH';
  readonly status: number;
  readonly message: string;
  readonly details?: JsonObject;
  readonly failure: RegExp;
}

const ANSWERS: Readonly<Record<string, OddAnswer>> = {
  'a refusal by an admission webhook is distinguished from a Role': {
    on: 'PATCH',
    status: 403,
    message:
      'admission webhook "validationwebhook.flink.apache.org" denied the request: Job parallelism must be larger than 0',
    failure: /^an admission webhook refused the change of FlinkDeployment prod\/wordcount \(.*must be larger than 0\)$/,
  },
  'a violation of the schema': {
    on: 'PATCH',
    status: 422,
    message: 'FlinkDeployment.flink.apache.org "wordcount" is invalid: spec.flinkConfiguration: Invalid value: "array"',
    details: { name: DEPLOYMENT },
    failure:
      /^the API server rejected FlinkDeployment prod\/wordcount as invalid \(Kubernetes answered 422: .*Invalid value/,
  },
  'an unknown token': {
    on: 'GET',
    status: 401,
    message: 'Unauthorized',
    failure: /^the API server does not accept the token: .*credentials_file/,
  },
  'forbidden by neither a Role nor an admission webhook': {
    on: 'PATCH',
    status: 403,
    message: 'flinkdeployments "wordcount" is forbidden: the namespace is being terminated',
    failure: /^Kubernetes answered 403: .*being terminated$/,
  },
  'any other refusal': { on: 'GET', status: 400, message: 'no', failure: /^Kubernetes answered 400: no$/ },
};

for (const [title, { on, status, failure, ...said }] of Object.entries(ANSWERS)) {
  await t.test(`${title}: the failure explains it`, async (t) => {
    const api = await kubernetesApiServer(t, {
      instead: (response, { method }) => {
        if (method === on) answerStatus(response, status, said);
        return method === on;
      },
    });
    const { send } = senderFor(t, api.url);
    t.match(await send(operatorActionFor(api.url)), { result: 'refused', failure });
  });
}

await t.test('a missing resource is reported by its name', async (t) => {
  const api = await kubernetesApiServer(t);
  const { send } = senderFor(t, api.url);
  const labels = { ...SPLIT_LABELS, app: 'gone' };
  t.match(await send(operatorActionFor(api.url, { labels })), {
    result: 'refused',
    failure: /^FlinkDeployment prod\/gone does not exist \(Kubernetes answered 404: /,
  });
});

await t.test('a server that is not an API server is recognised', async (t) => {
  for (const [status, body, failure] of [
    [
      200,
      { kind: 'Pod', metadata: {}, spec: {} },
      /^answered 200, but not with a FlinkDeployment: .*It begins: \{"kind":"Pod"/,
    ],
    [404, '404 page not found', /^no flinkdeployments .*installed, and url .*\(answered 404: .*page not found/],
    [307, '', /^answered 307 \(redirects are not followed\)/],
  ] as const) {
    const api = await kubernetesApiServer(t, {
      instead: (response) => {
        answerJson(response, status, body);
        return true;
      },
    });
    const { send } = senderFor(t, api.url);
    t.match(await send(operatorActionFor(api.url)), { result: 'refused', failure });
  }
});

await t.test('a change that the API server accepts and drops is not a success', async (t) => {
  const api = await kubernetesApiServer(t, {
    instead: (response, { method }, { object }) => {
      if (method === 'PATCH') answerJson(response, 200, object('flinkdeployments'));
      return method === 'PATCH';
    },
  });
  const { send } = senderFor(t, api.url);
  t.match(await send(operatorActionFor(api.url)), {
    result: 'refused',
    failure: /accepted the change of FlinkDeployment prod\/wordcount, but dropped the parallelism of split$/,
  });
});

await t.test('a session job is patched, and inherits the settings of its cluster', async (t) => {
  const api = await kubernetesApiServer(t);
  const { send } = senderFor(t, api.url, SESSION_JOBS);
  t.strictSame(await send(sessionJobActionFor(api.url)), { result: 'succeeded' });
  t.match(api.object('flinksessionjobs').spec.flinkConfiguration, { [SPLIT_KEY]: '4' });
  t.notOk(SPLIT_KEY in (api.object('flinkdeployments', SESSION_CLUSTER).spec.flinkConfiguration ?? {}));
  const paths = api.requests.map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`);
  t.strictSame(paths, [
    `GET flinksessionjobs/${SESSION_JOB}`,
    `GET flinkdeployments/${SESSION_CLUSTER}`,
    `PATCH flinksessionjobs/${SESSION_JOB}?fieldManager=dhalion`,
  ]);

  for (const [key, value, failure] of [
    [
      'job.autoscaler.enabled',
      'true',
      /^job\.autoscaler\.enabled is true in FlinkDeployment prod\/shared-session, the job's cluster/,
    ],
    [
      'pipeline.jobvertex-parallelism-overrides',
      'a:1',
      /is set in FlinkDeployment prod\/shared-session, the job's cluster/,
    ],
    ['pipeline.max-parallelism', '3', /^above pipeline\.max-parallelism \(3\) in FlinkDeployment prod\/shared-session/],
  ] as const) {
    const api = await kubernetesApiServer(t);
    setting(key, value)(api.object('flinkdeployments', SESSION_CLUSTER));
    const { send } = senderFor(t, api.url, SESSION_JOBS);
    t.match(await send(sessionJobActionFor(api.url)), { result: 'refused', failure });
    t.strictSame(api.patches(), []);
    const own = { 'job.autoscaler.enabled': 'false', 'pipeline.max-parallelism': '8' };
    Object.assign(api.object('flinksessionjobs').spec.flinkConfiguration ?? {}, own);
    const isOwnDecisive = key !== 'pipeline.jobvertex-parallelism-overrides';
    t.match(await send(sessionJobActionFor(api.url)), { result: isOwnDecisive ? 'succeeded' : 'refused' }, key);
  }
});

await t.test('a session job keeps the overrides of its cluster: only written keys are checked', async (t) => {
  const api = await kubernetesApiServer(t);
  setting(SPLIT_KEY, '16')(api.object('flinkdeployments', SESSION_CLUSTER));
  const { send, lines } = senderFor(t, api.url, SESSION_JOBS);
  const labels = { flink_job: SESSION_JOB, app: 'its-cluster' };
  const operators = both(
    { desiredParallelism: 12, labels: { ...SPLIT_LABELS, ...labels } },
    { desiredParallelism: 24, labels: { ...COUNT_LABELS, ...labels } },
  );
  t.strictSame(await send(sessionJobActionFor(api.url, { operators })), { result: 'succeeded' });
  t.match(api.object('flinksessionjobs').spec.flinkConfiguration, { [COUNT_KEY]: '24' });
  t.match(lines.join(''), /"operator":"split".*"override":16/);
});

await t.test('a session job without a readable cluster is not changed', async (t) => {
  const lacking = await kubernetesApiServer(t, { lacking: ['get flinkdeployments'] });
  const failure = /^the Role lacks the verb get on flinkdeployments/;
  const withoutRight = senderFor(t, lacking.url, SESSION_JOBS);
  t.match(await withoutRight.send(sessionJobActionFor(lacking.url)), { result: 'refused', failure });
  const api = await kubernetesApiServer(t);
  const { send } = senderFor(t, api.url, SESSION_JOBS);
  for (const [name, words] of [
    ['../../secrets/a', /names no session cluster \(spec\.deploymentName\): "\.\.\/\.\.\/secrets\/a"$/],
    ['gone', /^FlinkDeployment prod\/gone does not exist/],
    [7, /names no session cluster \(spec\.deploymentName\)$/],
  ] as const) {
    api.object('flinksessionjobs').spec['deploymentName'] = name;
    t.match(await send(sessionJobActionFor(api.url)), { result: 'refused', failure: words });
  }
  t.strictSame([...lacking.patches(), ...api.patches()], []);
});

await t.test('the token is read again for each attempt, and is in no message', async (t) => {
  const file = `${t.testdir({ token: 'first.old.token\n' })}/token`;
  const api = await kubernetesApiServer(t, { token: 'second.new.token' });
  const http = { ...PLAIN_HTTP, authorization: { type: 'Bearer', credentialsFile: file } };
  const { send, lines } = senderFor(t, api.url, { http });
  t.match(await send(operatorActionFor(api.url)), { result: 'refused', failure: /does not accept the token/ });
  writeFileSync(file, 'second.new.token\n');
  t.strictSame(await send(operatorActionFor(api.url)), { result: 'succeeded' });
  t.notMatch(lines.join(''), /\.token/);
  const echo = await kubernetesApiServer(t, {
    instead: (response, { headers }) => {
      answerStatus(response, 403, { message: `you sent ${headers.authorization ?? ''}` });
      return true;
    },
  });
  const echoed = senderFor(t, echo.url, { http });
  t.match(await echoed.send(operatorActionFor(echo.url)), { result: 'refused', failure: /you sent .*<secret>/ });
});

await t.test('an invalid vertex or job id is not written', async (t) => {
  const api = await kubernetesApiServer(t);
  const { send } = senderFor(t, api.url);
  const table: [Partial<LabelledOperator>, RegExp][] = [
    [{ labels: { ...COUNT_LABELS, job_id: 'another' } }, /vertices of different jobs \(label job_id\): .*, another/],
    [{ labels: { namespace: 'prod', app: DEPLOYMENT } }, /^the series of count have no label task_id/],
    [{ labels: { ...COUNT_LABELS, task_id: 'gone' } }, /^label task_id of count is not a vertex id .*"gone"/],
    [{ labels: { ...COUNT_LABELS, task_id: `${VERTEX_IDS.count}\n` } }, /^label task_id of count is not a vertex id/],
    [
      { labels: { ...COUNT_LABELS, task_id: VERTEX_IDS.count.toUpperCase() } },
      /^label task_id of count is not a vertex id/,
    ],
  ];
  for (const [count, failure] of table) {
    t.match(await send(operatorActionFor(api.url, { operators: both({}, count) })), { result: 'refused', failure });
  }
  t.strictSame(api.requests, [], 'no request is made');
});

await t.test('nothing is written once the action has expired', async (t) => {
  const api = await kubernetesApiServer(t);
  const elapsed = (): number => (api.requests.length > 0 ? 300_000 : 0);
  const clock = { ...createFakeClock(CLAIMED_AT_MS), elapsed, now: () => CLAIMED_AT_MS + elapsed() };
  const { send } = setUpSender(t, { webhook: sampleFlinkOperatorWebhook(api.url), clock });
  t.match(await send(operatorActionFor(api.url)), { result: 'expired', failure: /expired before the write/ });
  t.strictSame(api.patches(), []);
});

await t.test('the action log has the same document as for any webhook', (t) => {
  const facts = sampleFacts({ labels: SPLIT_LABELS });
  const request = renderFlinkOperatorRequest(
    sampleFlinkOperatorWebhook('https://k8s.example:6443/prefix'),
    webhookBodyOf(facts),
  );
  t.match(request, {
    url: `https://k8s.example:6443/prefix/apis/flink.apache.org/v1beta1/namespaces/prod/flinkdeployments/${DEPLOYMENT}`,
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
  });
  t.strictSame(JSON.parse(request.body), webhookBodyOf(facts));
  t.end();
});

await t.test('the operators of an action lead to exactly one resource', (t) => {
  const webhook = sampleFlinkOperatorWebhook('https://k8s.example');
  const render = (app: string) => () =>
    renderFlinkOperatorRequest(
      webhook,
      webhookBodyOf(sampleFacts({ operators: both({}, { labels: { ...COUNT_LABELS, app } }) })),
    );
  t.throws(render('other'), {
    code: 'config_invalid',
    message: /^webhook scaler: .*different resources: FlinkDeployment prod\/wordcount, FlinkDeployment prod\/other$/,
  });
  t.throws(render('../secrets'), {
    code: 'config_invalid',
    message: /^webhook scaler: count: label app is not a valid name \(RFC 1123, lower case\): "\.\.\/secrets"$/,
  });
  t.end();
});
