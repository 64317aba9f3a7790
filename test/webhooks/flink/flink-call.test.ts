// Actions through Flink's REST API, with answers recorded from a real cluster.
import t from 'tap';
import { mapOperators, type Action } from '../../../src/model/action.js';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import { renderFlinkRequest } from '../../../src/webhooks/flink/flink-call.js';
import { webhookBodyOf, type LabelledOperator } from '../../../src/webhooks/webhook-body.js';
import { answerJson, answeringServer } from '../../support/answering-server.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { answerRecorded, flinkRestServer, JOB_ID, VERTEX_IDS } from '../../support/flink-rest-server.js';
import { RECORDED_V1 } from '../../support/recorded-v1-bodies.js';
import {
  CLAIMED_AT_MS,
  sampleAction,
  sampledOperator,
  sampleFacts,
  sampleFlinkWebhook,
  type FactsChanges,
} from '../../support/webhook-samples.js';
import { setUpSender } from '../../support/webhook-sender-set-up.js';

const SPLIT = { job_id: JOB_ID, task_id: VERTEX_IDS.split };
const bounds = (lowerBound: number, upperBound: number) => ({ parallelism: { lowerBound, upperBound } });

function actionFor(url: string, more: FactsChanges = {}, action: Partial<Action> = {}): Action {
  const facts = sampleFacts({ labels: SPLIT, ...more });
  const request = renderFlinkRequest(sampleFlinkWebhook(url), webhookBodyOf(facts));
  const operators = mapOperators(facts.operators, ({ labels: _, ...asked }) => asked);
  return sampleAction({ ...facts, operators, request, ...action });
}

await t.test('one vertex is changed and all are written back', async (t) => {
  const flink = await flinkRestServer(t);
  const before = structuredClone(flink.requirements);
  const { send, codes } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  t.strictSame(await send(actionFor(flink.url)), { result: 'succeeded' });
  t.strictSame(flink.puts(), [{ ...before, [VERTEX_IDS.split]: bounds(1, 4) }]);
  const put = flink.requests.at(-1);
  t.match(put?.headers, {
    'content-type': 'application/json',
    'idempotency-key': `"${sampleFacts().id}"`,
    'user-agent': 'dhalion/1.2.3',
  });
  t.strictSame(codes, Array(3).fill('scaler 200'), 'every request is counted: two reads and the write');
});

const COUNT = { job_id: JOB_ID, task_id: VERTEX_IDS.count };
const both = (split: Partial<LabelledOperator>, count: Partial<LabelledOperator>) =>
  [
    sampledOperator({ labels: SPLIT, ...split }),
    sampledOperator({ operator: 'count', labels: COUNT, ...count }),
  ] as const;

await t.test('a plan is one read and one write, of all its vertices', async (t) => {
  const flink = await flinkRestServer(t);
  const before = structuredClone(flink.requirements);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  const operators = both({ desiredParallelism: 12 }, { desiredParallelism: 24 });
  t.strictSame(await send(actionFor(flink.url, { operators })), { result: 'succeeded' });
  t.strictSame(flink.puts(), [{ ...before, [VERTEX_IDS.split]: bounds(1, 12), [VERTEX_IDS.count]: bounds(1, 24) }]);
  t.equal(flink.requests.filter(({ path }) => path.endsWith('/resource-requirements')).length, 2);
});

await t.test('bounds already above the plan are kept, and the others are written', async (t) => {
  const flink = await flinkRestServer(t);
  flink.requirements[VERTEX_IDS.split] = bounds(1, 16);
  const { send, lines } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  const up = both({ desiredParallelism: 12 }, { desiredParallelism: 24 });
  t.strictSame(await send(actionFor(flink.url, { operators: up })), { result: 'succeeded' });
  t.match(flink.puts(), [{ [VERTEX_IDS.split]: bounds(1, 16), [VERTEX_IDS.count]: bounds(1, 24) }]);
  t.match(lines.join(''), /"operator":"split".*"upper_bound":16/);
  t.notMatch(lines.join(''), /"operator":"count".*"upper_bound"/);

  flink.requirements[VERTEX_IDS.split] = bounds(1, 2);
  flink.requirements[VERTEX_IDS.count] = bounds(1, 3);
  const down = both(
    { currentParallelism: 12, desiredParallelism: 6 },
    { currentParallelism: 24, desiredParallelism: 12 },
  );
  const action = actionFor(flink.url, { resolver: 'scale_down', operators: down });
  t.strictSame(await send(action), { result: 'succeeded' });
  t.equal(flink.puts().length, 1, 'all are already below: nothing is written');
});

await t.test('each vertex of a plan has its own limit in a refusal', async (t) => {
  const text = (vertex: string, asked: number, most: number): string =>
    `org.apache.flink.runtime.rest.handler.RestHandlerException: The newly requested parallelism ${asked} for the job ` +
    `vertex ${vertex} exceeds its maximum parallelism ${most}.\n\tat org.apache.flink.X.y(X.java:1)\n`;
  const table: [string, string[], Record<string, number>][] = [
    ['the named vertex', [text(VERTEX_IDS.count, 24, 8)], { count: 8 }],
    ['both', [text(VERTEX_IDS.split, 12, 10), text(VERTEX_IDS.count, 24, 8)], { split: 10, count: 8 }],
    ['a vertex outside of the plan', [text(VERTEX_IDS.out, 24, 8)], {}],
  ];
  for (const [title, errors, limits] of table) {
    const flink = await flinkRestServer(t, (response, { method }) => {
      if (method !== 'PUT') return false;
      answerJson(response, 400, { errors });
      return true;
    });
    const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
    const operators = both({ desiredParallelism: 12 }, { desiredParallelism: 24 });
    t.match(await send(actionFor(flink.url, { operators })), { result: 'refused', limits }, title);
  }
});

await t.test('a plan of several jobs, or with a missing vertex, is not written in part', async (t) => {
  const flink = await flinkRestServer(t);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  const table: [Partial<LabelledOperator>, RegExp][] = [
    [
      { labels: { job_id: 'another', task_id: VERTEX_IDS.count } },
      /vertices of different jobs \(label job_id\): .*, another/,
    ],
    [{ labels: { job_id: JOB_ID } }, /the series of count have no label task_id/],
    [{ labels: { job_id: JOB_ID, task_id: 'gone' } }, /has no vertex gone/],
  ];
  for (const [count, failure] of table) {
    const operators = both({ desiredParallelism: 12 }, count);
    t.match(await send(actionFor(flink.url, { operators })), { result: 'refused', failure });
  }
  t.strictSame(flink.puts(), []);
});

await t.test('a body of version 1, from before an upgrade, is carried out', async (t) => {
  const flink = await flinkRestServer(t);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  const [, body] = RECORDED_V1[0] ?? [];
  const labels = JSON.stringify(SPLIT);
  const written = (body ?? '').replace('{"job_id":"a1","task_id":"b2"}', labels);
  const action = actionFor(flink.url);
  const result = await send({ ...action, request: { ...action.request, body: written } });
  t.strictSame(result, { result: 'succeeded' });
  t.match(flink.puts(), [{ [VERTEX_IDS.split]: bounds(1, 4) }]);
});

await t.test('a lower bound above the upper one is lowered, and none is raised', async (t) => {
  const flink = await flinkRestServer(t);
  flink.requirements[VERTEX_IDS.split] = bounds(3, 3);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  const down = { resolver: 'scale_down', currentParallelism: 3, desiredParallelism: 2 } as const;
  t.strictSame(await send(actionFor(flink.url, down)), { result: 'succeeded' });
  t.strictSame(flink.requirements[VERTEX_IDS.split], bounds(2, 2));
  t.strictSame(await send(actionFor(flink.url, { desiredParallelism: 6 })), { result: 'succeeded' });
  t.strictSame(flink.requirements[VERTEX_IDS.split], bounds(2, 6));
});

await t.test('a scale-up never lowers a bound, and a scale-down never raises one', async (t) => {
  for (const [lower, upper, more, word] of [
    [1, 4, { currentParallelism: 2, desiredParallelism: 3 }, 'above'],
    [1, 2, { resolver: 'scale_down', currentParallelism: 4, desiredParallelism: 3 }, 'below'],
    [1, 4, { resolver: 'revert', currentParallelism: 2, desiredParallelism: 3, reverts: 'x' }, 'above'],
  ] as const) {
    const flink = await flinkRestServer(t);
    flink.requirements[VERTEX_IDS.split] = bounds(lower, upper);
    const before = structuredClone(flink.requirements);
    const { send, lines } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
    t.strictSame(await send(actionFor(flink.url, more)), { result: 'succeeded' });
    t.strictSame([flink.requirements, flink.puts()], [before, []], word);
    const line = lines.find((one) => one.includes('upper bound'));
    t.match(JSON.parse(line ?? '{}'), {
      level: 'warn',
      msg: `the upper bound in Flink is already ${word} the desired parallelism and is kept; nothing is written`,
      upper_bound: upper,
      desired_parallelism: 3,
    });
  }
});

await t.test('a revert restores the old parallelism in the same way', async (t) => {
  const flink = await flinkRestServer(t);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  const revert = { resolver: 'revert', currentParallelism: 2, desiredParallelism: 3, reverts: 'x' } as const;
  t.strictSame(await send(actionFor(flink.url, revert)), { result: 'succeeded' });
  t.strictSame(flink.requirements[VERTEX_IDS.split], bounds(1, 3));
});

await t.test('changes by others between two attempts are kept', async (t) => {
  let isFirstPut = true;
  const flink = await flinkRestServer(t, (response, { method }) => {
    if (method !== 'PUT' || !isFirstPut) return false;
    isFirstPut = false;
    flink.requirements[VERTEX_IDS.count] = bounds(1, 7);
    response.writeHead(503).end();
    return true;
  });
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  t.strictSame(await send(actionFor(flink.url)), { result: 'succeeded' });
  t.strictSame(flink.puts().at(-1)?.[VERTEX_IDS.count], bounds(1, 7));
});

await t.test('an attempt that was cut off after the write is repeated with the same effect', async (t) => {
  const flink = await flinkRestServer(t);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  const action = actionFor(flink.url);
  await send(action);
  const after = structuredClone(flink.requirements);
  t.strictSame(await send({ ...action, attempts: 1 }), { result: 'succeeded' });
  t.strictSame(flink.requirements, after);
  t.strictSame(new Set(flink.requests.map(({ headers }) => headers['idempotency-key'])).size, 1);
});

await t.test('a permanent error fails without a repetition, and with its cause', async (t) => {
  const gone = /^the job does not exist: .* \(Flink answered 500: Could not find Flink job \(\w+\)\)$/;
  const facts: readonly (readonly [string, 'GET' | 'PUT', string, RegExp])[] = [
    ['a job that never existed', 'GET', 'job-gone', gone],
    ['a job that was cancelled', 'GET', 'job-cancelled', gone],
    ['a job that ends between read and write', 'PUT', 'job-gone', gone],
    ['another scheduler', 'GET', 'scheduler-not-adaptive', /set jobmanager.scheduler: adaptive .*DefaultScheduler/],
    [
      'above the maximum',
      'PUT',
      'above-max-parallelism',
      /^above .* lower the operator's max_parallelism .* parallelism 8/,
    ],
    ['Flink 1.17', 'GET', 'no-such-path', /^answered 404: not Flink 1.18 or newer, or/],
    ['another graph', 'PUT', 'vertex-missing', /^Flink answered 400: The request is incomplete, missing job vertex/],
    ['another graph', 'PUT', 'vertex-unknown', /^Flink answered 400: Job vertex \[f+\] was not found/],
    ['bounds', 'PUT', 'lower-bound-above-upper-bound', /^Flink answered 400: The requested lower bound \[3\]/],
    ['another format', 'PUT', 'not-as-expected', /^Flink answered 400: Request did not match expected format/],
  ];
  for (const [title, at, name, failure] of facts) {
    const flink = await flinkRestServer(t, (response, { method, path }) => {
      if (method !== at || !path.endsWith('/resource-requirements')) return false;
      answerRecorded(response, name);
      return true;
    });
    const { send, clock } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
    const isTooMuch = name === 'above-max-parallelism';
    // The vertex in the recorded answer.
    const sent = await send(actionFor(flink.url, isTooMuch ? { operator: 'count', labels: COUNT } : {}));
    t.match(sent, { result: 'refused', failure }, `${title}: ${name}`);
    t.strictSame(sent, { ...sent, limits: isTooMuch ? { count: 8 } : {} });
    t.notMatch(JSON.stringify(sent), /\.java|\\n/, 'without its stack');
    t.equal(clock.slept.length, 0, 'and it is not repeated');
  }
});

await t.test('a server that is not Flink is distinguished from a refusal by Flink', async (t) => {
  const notFlink = /^answered 200, but not with resource requirements: is url the REST API of a Flink JobManager/;
  const pages: readonly (readonly [number, string, RegExp])[] = [
    [200, '<html><body>Log in</body></html>', notFlink],
    [200, '{"status":"ok"}', notFlink],
    [200, '[]', notFlink],
    [200, '', notFlink],
    [200, '{"x":{"parallelism":{"lowerBound":"1","upperBound":2}}}', notFlink],
    [404, 'not found', /^answered 404: not Flink/],
    [401, 'who are you', /^answered 401: who are you$/],
  ];
  for (const [status, body, failure] of pages) {
    const server = await answeringServer(t, (response) => response.writeHead(status).end(body));
    const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(server.url) });
    t.match(await send(actionFor(server.url)), { result: 'refused', failure }, body);
    t.notOk(
      server.requests.some(({ method }) => method === 'PUT'),
      'and nothing is written to it',
    );
  }
});

await t.test('a vertex that the job does not have fails without a repetition', async (t) => {
  const flink = await flinkRestServer(t);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  for (const task of ['f'.repeat(32), '__proto__', 'constructor']) {
    const sent = await send(actionFor(flink.url, { labels: { ...SPLIT, task_id: task } }));
    t.strictSame(sent, {
      result: 'refused',
      failure: `job ${JOB_ID} has no vertex ${task} (label task_id)`,
      limits: {},
    });
  }
  t.strictSame(flink.puts(), []);
});

await t.test('a missing label is named, and no request is made', async (t) => {
  const flink = await flinkRestServer(t);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  for (const [labels, name] of [
    [{}, 'job_id'],
    [{ task_id: VERTEX_IDS.split }, 'job_id'],
    [{ job_id: JOB_ID }, 'task_id'],
  ] as const) {
    const failure = `the series of split have no label ${name}, or different values of it`;
    t.strictSame(await send(actionFor(flink.url, { labels })), { result: 'refused', failure, limits: {} });
  }
  t.equal(flink.requests.length, 0);
});

await t.test('a label value cannot lead to another path', async (t) => {
  const flink = await flinkRestServer(t);
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  await send(actionFor(flink.url, { labels: { ...SPLIT, job_id: '../jars?x=#' } }));
  t.ok(flink.requests.some(({ path }) => path === '/jobs/..%2Fjars%3Fx%3D%23/resource-requirements'));
  t.strictSame(flink.puts(), []);
});

await t.test("the url's path prefix is kept", async (t) => {
  const server = await answeringServer(t, (response, { method, path }) => {
    if (!path.startsWith('/flink/prod/')) response.writeHead(404).end();
    else answerRecorded(response, method === 'PUT' ? 'changed' : 'requirements');
  });
  const url = `${server.url}/flink/prod`;
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(url) });
  t.strictSame(await send(actionFor(url)), { result: 'succeeded' });
});

await t.test('too few slots are logged before the write, because the answer does not report them', async (t) => {
  // The recorded cluster has 4 slots, 2 of them free.
  for (const [desiredParallelism, isWarned] of [
    [4, false],
    [5, true],
  ] as const) {
    const flink = await flinkRestServer(t);
    const { send, lines } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
    t.strictSame(await send(actionFor(flink.url, { desiredParallelism })), { result: 'succeeded' });
    const warning = lines.find((line) => line.includes('too few slots'));
    t.equal(warning !== undefined, isWarned, String(desiredParallelism));
    if (warning !== undefined) t.match(JSON.parse(warning), { slots_wanted: 5, slots_total: 4, slots_free: 2 });
  }
});

await t.test(
  'slots only matter for a warning: their failure is ignored, and a scale-down does not read them',
  async (t) => {
    const flink = await flinkRestServer(t, (_response, { path }) => path === '/overview');
    const webhook = sampleFlinkWebhook(flink.url, { timeoutMs: 2000 });
    const { send, codes } = setUpSender(t, { webhook });
    t.strictSame(await send(actionFor(flink.url)), { result: 'succeeded' });
    t.ok(codes.includes('scaler timeout'));
    const asked = flink.requests.length;
    t.strictSame(await send(actionFor(flink.url, { currentParallelism: 4, desiredParallelism: 3 })), {
      result: 'succeeded',
    });
    t.equal(flink.requests.length, asked + 2);
  },
);

await t.test('nothing is written once the action has expired', async (t) => {
  const flink = await flinkRestServer(t);
  // Time passes while the requirements are read, and stands still before.
  const elapsed = (): number => (flink.requests.some(({ path }) => path !== '/overview') ? 300_000 : 0);
  const clock = { ...createFakeClock(CLAIMED_AT_MS), elapsed, now: () => CLAIMED_AT_MS + elapsed() };
  const { send } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url), clock });
  t.match(await send(actionFor(flink.url)), { result: 'expired', failure: /expired before the write/ });
  t.strictSame(
    flink.requests.map(({ method }) => method),
    ['GET', 'GET'],
  );
});

await t.test('credentials are sent and never shown, not even if a server echoes them with 200', async (t) => {
  const credentialsFile = `${t.testdir({ token: 'abc.def.ghi\n' })}/token`;
  for (const [status, failure] of [
    [403, /^Flink answered 403: you sent .*<secret>/],
    [200, /^answered 200, but not with resource requirements.*<secret>/],
  ] as const) {
    const flink = await answeringServer(t, (response, { headers }) => {
      answerJson(response, status, { errors: [`you sent ${headers.authorization ?? ''}`] });
    });
    const http = { ...PLAIN_HTTP, authorization: { type: 'Bearer', credentialsFile } };
    const { send, lines } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url, { http }) });
    const sent = await send(actionFor(flink.url));
    t.match(sent, { result: 'refused', failure });
    t.equal(flink.requests[0]?.headers.authorization, 'Bearer abc.def.ghi');
    t.notMatch(JSON.stringify([sent, lines]), 'abc.def');
  }
});

await t.test('the slots are read first: nothing comes between read and write, or after a refusal', async (t) => {
  const flink = await flinkRestServer(t, (response, { path }) => {
    // Late enough for requests that do not wait for it to overtake it.
    if (path === '/overview') setTimeout(answerRecorded, 50, response, 'overview');
    return path === '/overview';
  });
  const { send, codes } = setUpSender(t, { webhook: sampleFlinkWebhook(flink.url) });
  const requirements = `/jobs/${JOB_ID}/resource-requirements`;
  await send(actionFor(flink.url));
  t.strictSame(
    flink.requests.map(({ path }) => path),
    ['/overview', requirements, requirements],
  );
  t.match(await send(actionFor(flink.url, { labels: { ...SPLIT, job_id: 'gone' } })), { result: 'refused' });
  t.strictSame(codes.slice(3), ['scaler 200', 'scaler 500'], 'the refusal is the last answer');
});

await t.test('the action log has the same document as for any webhook', (t) => {
  const facts = sampleFacts({ labels: SPLIT });
  const request = renderFlinkRequest(sampleFlinkWebhook('http://127.0.0.1:8081/flink'), webhookBodyOf(facts));
  t.match(request, { url: 'http://127.0.0.1:8081/flink', method: 'PUT', contentType: 'application/json' });
  t.strictSame(JSON.parse(request.body), webhookBodyOf(facts));
  t.end();
});

await t.test('the host of a call contains labels of its operators, which lead to one JobManager', (t) => {
  const webhook = sampleFlinkWebhook('http://{{ labels.app }}.flink.svc:8081', { allowedHosts: ['*.flink.svc'] });
  const urlOf = (split: string, count: string): string => {
    const operators = both({ labels: { ...SPLIT, app: split } }, { labels: { ...COUNT, app: count } });
    return renderFlinkRequest(webhook, webhookBodyOf(sampleFacts({ operators }))).url;
  };
  t.equal(urlOf('a', 'a'), 'http://a.flink.svc:8081');
  t.throws(() => urlOf('a', 'b'), {
    code: 'config_invalid',
    message: /lead to different JobManagers: http:\/\/a\.flink\.svc:8081, http:\/\/b\.flink\.svc:8081/,
  });
  t.throws(() => urlOf('a', 'evil.example'), {
    code: 'config_invalid',
    message: /^webhook scaler: url: count: label app is not a valid part of a host name/,
  });
  t.end();
});
