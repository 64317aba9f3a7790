// What a webhook of type flink_operator asks of a real API server: the whole service between it and a real Prometheus, one call after
// another with what may go wrong, and the answers that `npm test` takes for the server's.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { accessObjects } from '../../../src/commands/manifests/access-objects.js';
import { createHttpClient, type HttpClient } from '../../../src/outbound/http-client.js';
import type { HttpConfig } from '../../../src/outbound/http-config.js';
import type { FlinkOperatorWebhookSettings } from '../../../src/webhooks/flink-operator/flink-operator-settings.js';
import type { KubernetesRule } from '../../../src/webhooks/webhook-type.js';
import { webhookTypeOf } from '../../../src/webhooks/webhook-types.js';
import { eventually } from '../../support/dhalion-client.js';
import { flinkExporter } from '../../support/flink-exporter.js';
import { SCALED_JOB, SHORT_JOB, TASK_IDS } from '../../support/operated-job.js';
import { sampleInstallation } from '../../support/installations.js';
import type { FlinkObject, Json } from '../../support/kubernetes-api-server.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../../support/loop-world.js';
import {
  COUNT_KEY,
  OUT_KEY,
  operatorActionFor,
  SESSION_JOBS,
  SPLIT_KEY,
  SPLIT_LABELS,
} from '../../support/operator-actions.js';
import { replay, RECORDED } from '../../support/recorded-exchanges.js';
import { sampleFlinkOperatorWebhook } from '../../support/webhook-samples.js';
import { setUpSender } from '../../support/webhook-sender-set-up.js';
import { expectStatus, type Cluster } from './cluster.js';
import { pathOf, type KubernetesObject } from './kubernetes-client.js';

const HOME = 'operator-dhalion';
const JOBS = 'operator-jobs';
/** Those of the recorded exchanges. */
const RECORDED_IN = 'prod';
const RECORDED_HOME = 'dhalion';

interface Written {
  readonly generation: number;
  readonly managers: readonly string[];
  readonly config: Readonly<Record<string, Json>>;
}

function flinkObject(kind: string, name: string, spec: object, namespace = JOBS): KubernetesObject {
  return { apiVersion: 'flink.apache.org/v1beta1', kind, metadata: { name, namespace }, ...{ spec } };
}

function deployment(name: string, config: object = {}): KubernetesObject {
  return flinkObject('FlinkDeployment', name, { job: { state: 'running' }, flinkConfiguration: config });
}

export async function tellFlinkOperator(t: Test, cluster: Cluster): Promise<void> {
  for (const namespace of [HOME, JOBS, RECORDED_IN, RECORDED_HOME]) await cluster.createNamespace(namespace);
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-operator-story-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));

  const apply = async (object: KubernetesObject): Promise<void> => {
    expectStatus(await cluster.admin.apply(object), [200, 201]);
  };
  const change = async (object: KubernetesObject, patch: object): Promise<void> => {
    const contentType = 'application/merge-patch+json';
    expectStatus(await cluster.admin.request('PATCH', pathOf(object), { body: patch, contentType }), [200]);
  };
  const written = async (object: KubernetesObject): Promise<Written> => {
    const { metadata, spec } = expectStatus(await cluster.admin.request('GET', pathOf(object)), [200])
      .body as FlinkObject;
    const fields = metadata['managedFields'] as { manager: string }[];
    return {
      generation: metadata.generation,
      managers: fields.map(({ manager }) => manager),
      config: spec.flinkConfiguration ?? {},
    };
  };
  /** Of a service account of its own, with a Role as `dhalion manifests` prints it. */
  const httpWith = async (name: string, rules: readonly KubernetesRule[]): Promise<HttpConfig> => {
    const access = { hasToken: true, rules, namespaces: [JOBS] };
    for (const object of accessObjects(sampleInstallation({ name, namespace: HOME, access }))) {
      await apply(object as unknown as KubernetesObject);
    }
    const credentialsFile = join(folder, name);
    await writeFile(credentialsFile, await cluster.tokenOf(HOME, name));
    return {
      basicAuth: null,
      authorization: { type: 'Bearer', credentialsFile },
      tls: { caFile: cluster.caFile, certFile: null, keyFile: null, serverName: null, insecureSkipVerify: false },
      httpHeaders: {},
    };
  };
  const rulesOf = (more: Partial<FlinkOperatorWebhookSettings> = {}): readonly KubernetesRule[] => {
    const webhook = sampleFlinkOperatorWebhook(cluster.url, more);
    return webhookTypeOf(webhook).kubernetesRules?.(webhook) ?? [];
  };
  const http = await httpWith('dhalion', rulesOf());
  const labels = (app: string, more = {}) => ({ ...SPLIT_LABELS, namespace: JOBS, app, ...more });
  /** One call as the service makes it; `before` runs before each patch. */
  const call = (t: Test, app: string, { before = () => Promise.resolve(), as = http }: CallOptions = {}) => {
    const webhook = sampleFlinkOperatorWebhook(cluster.url, { http: as, maxAttempts: 1 });
    const client = createHttpClient(as, { userAgent: 'dhalion/e2e' });
    t.teardown(() => {
      client.close();
    });
    const hooked: HttpClient = {
      ...client,
      call: async (one) => {
        if (one.method === 'PATCH') await before();
        return client.call(one);
      },
    };
    return setUpSender(t, { webhook, http: hooked }).send(operatorActionFor(cluster.url, { labels: labels(app) }));
  };

  await t.test('two deployments are found by labels, and a plan is one patch with two keys', async (t) => {
    const own = {
      one: deployment('one', { [OUT_KEY]: '3', 'jobmanager.scheduler': 'adaptive' }),
      two: deployment('two'),
    };
    for (const object of Object.values(own)) await apply(object);
    const exporter = await flinkExporter(t, { fleet_one: SHORT_JOB, fleet_two: SHORT_JOB }, (job, task) => ({
      namespace: JOBS,
      app: job.replace('fleet_', ''),
      task_id: TASK_IDS[task] ?? '',
    }));
    const world = await startLoopWorld(t, { scrape: [exporter.url] });
    const access = `{authorization: {credentials_file: ${http.authorization?.credentialsFile ?? ''}}, tls_config: {ca_file: ${cluster.caFile}}}`;
    const configFile = await world.writeConfig(
      dhalionConfig({
        prometheusUrl: world.prometheus.url,
        folder: world.folder,
        webhookUrl: 'http://127.0.0.1:1',
        webhooks: [
          `operator: {type: flink_operator, url: "${cluster.url}", expires_after: 60s, http_config: ${access}}`,
        ],
        topologies: ['{discover: "fleet_.*", engine: flink, webhook: operator}'],
      }),
    );
    const dhalion = await dhalionFor(t, { configFile });
    for (const topology of ['fleet_one', 'fleet_two']) {
      for (const operator of ['split', 'count']) {
        await eventually(`${operator} of ${topology} is diagnosed`, async () => {
          const asked = await dhalion.metric('dhalion_operator_recommended_parallelism', { topology, operator });
          return asked === 4;
        });
      }
    }
    for (const topology of ['fleet_one', 'fleet_two']) {
      await dhalion.notify(
        ...['split', 'count'].map((operator) => ({ topology, operator, diagnosis: 'underprovisioning' })),
      );
    }
    await eventually('both are patched', async () => {
      const both = await Promise.all(Object.values(own).map(written));
      return both.every(({ generation }) => generation === 2);
    });
    exporter.setJob('fleet_one', SCALED_JOB);
    await change(own.two, { metadata: { labels: { seen: 'yes' } } });
    const status = { body: { status: { lifecycleState: 'UPGRADING' } }, contentType: 'application/merge-patch+json' };
    expectStatus(await cluster.admin.request('PATCH', `${pathOf(own.two)}/status`, status), [200]);
    const words = `FlinkDeployment ${JOBS}/two is UPGRADING`;
    await eventually('the reason that holds up the other is reported', async () => {
      const [action] = await dhalion.actions('fleet_two');
      return action?.held_up_by === words;
    });
    for (const [topology, outcome] of [
      ['fleet_one', 'resolved'],
      ['fleet_two', 'not_applied'],
    ] as const) {
      const action = await eventually(`the judgement of ${topology}`, async () =>
        (await dhalion.actions(topology)).find((one) => one.outcome !== null),
      );
      t.match(action, { outcome, attempts: 1, held_up_by: topology === 'fleet_two' ? words : null });
    }
    const [one, two] = [await written(own.one), await written(own.two)];
    t.strictSame(one.config, {
      [OUT_KEY]: '3',
      'jobmanager.scheduler': 'adaptive',
      [SPLIT_KEY]: '4',
      [COUNT_KEY]: '4',
    });
    t.strictSame(two.config, { [SPLIT_KEY]: '4', [COUNT_KEY]: '4' });
    t.strictSame([one.generation, two.generation], [2, 2], 'each was changed once');
    t.ok(one.managers.includes('dhalion'), 'and the server says by whom');
  });

  await t.test('a missing verb in the Role, an old version, an autoscaler and others are distinguished', async (t) => {
    const object = deployment('apart');
    await apply(object);
    const readOnly = await httpWith('reader', [
      { apiGroups: ['flink.apache.org'], resources: ['flinkdeployments'], verbs: ['get'] },
    ]);
    const none = await httpWith('nobody', [
      { apiGroups: ['flink.apache.org'], resources: ['flinksessionjobs'], verbs: ['get'] },
    ]);
    for (const [as, verb] of [
      [readOnly, 'patch'],
      [none, 'get'],
    ] as const) {
      t.match(await call(t, 'apart', { as }), {
        result: 'refused',
        failure: new RegExp(
          `^the Role lacks the verb ${verb} on flinkdeployments of flink\\.apache\\.org in namespace ${JOBS} `,
        ),
      });
    }
    let changes = 0;
    const touch = async (): Promise<void> => {
      changes += 1;
      await change(object, { metadata: { annotations: { touched: String(changes) } } });
    };
    t.match(await call(t, 'apart', { before: touch }), {
      result: 'failed',
      failure: /^FlinkDeployment operator-jobs\/apart was changed between read and write, twice .*409/,
    });
    t.equal(changes, 2);
    t.strictSame((await written(object)).config, {});
    t.strictSame(await call(t, 'apart', { before: () => (changes === 2 ? touch() : Promise.resolve()) }), {
      result: 'succeeded',
    });
    t.equal(changes, 3, 'one who was faster is read again');
    t.strictSame((await written(object)).config, { [SPLIT_KEY]: '4' });
    const { generation } = await written(object);
    t.strictSame(await call(t, 'apart'), { result: 'succeeded' });
    t.equal((await written(object)).generation, generation, 'an existing value is not written again');

    for (const [title, spec, failure] of [
      [
        'autoscaled',
        { job: { state: 'running' }, flinkConfiguration: { 'job.autoscaler.enabled': 'true' } },
        /^job\.autoscaler\.enabled is true/,
      ],
      [
        'nested',
        { job: { state: 'running' }, flinkConfiguration: { job: { autoscaler: { enabled: true } } } },
        /^job\.autoscaler\.enabled is true/,
      ],
      [
        'exact',
        { job: { state: 'running' }, flinkConfiguration: { 'pipeline.jobvertex-parallelism-overrides': 'a:1' } },
        /^pipeline\.jobvertex-parallelism-overrides is set/,
      ],
      ['suspended', { job: { state: 'suspended' } }, /is suspended \(spec\.job\.state\)/],
      ['gone', null, /^FlinkDeployment operator-jobs\/gone does not exist/],
    ] as const) {
      const other = flinkObject('FlinkDeployment', title, spec ?? {});
      if (spec !== null) await apply(other);
      t.match(await call(t, title), { result: 'refused', failure }, title);
      if (spec !== null) t.equal((await written(other)).generation, 1, `${title}: nothing is written`);
    }
    const { authorization } = http;
    const forged = join(folder, 'forged');
    await writeFile(forged, 'no.such.token');
    const stranger = { ...http, authorization: authorization && { ...authorization, credentialsFile: forged } };
    t.match(await call(t, 'apart', { as: stranger }), {
      result: 'refused',
      failure: /^the API server does not accept the token/,
    });
  });

  await t.test('a session job is patched with the rights that its type asks for', async (t) => {
    await apply(flinkObject('FlinkDeployment', 'shared', { flinkConfiguration: { 'pipeline.max-parallelism': '8' } }));
    const job = flinkObject('FlinkSessionJob', 'clicks', { deploymentName: 'shared', job: { state: 'running' } });
    await apply(job);
    const as = await httpWith('sessions', rulesOf(SESSION_JOBS));
    const webhook = sampleFlinkOperatorWebhook(cluster.url, { ...SESSION_JOBS, http: as, maxAttempts: 1 });
    const action = operatorActionFor(
      cluster.url,
      { labels: labels('shared', { flink_job: 'clicks' }) },
      { webhook: SESSION_JOBS },
    );
    t.strictSame(await setUpSender(t, { webhook }).send(action), { result: 'succeeded' });
    t.strictSame((await written(job)).config, { [SPLIT_KEY]: '4' });
  });

  await t.test('the answers that were recorded are still those of the server', async (t) => {
    await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'dhalion', namespace: RECORDED_HOME } });
    const spec = { job: { parallelism: 1, state: 'running', upgradeMode: 'last-state' } };
    const flinkConfiguration = { 'jobmanager.scheduler': 'adaptive', 'taskmanager.numberOfTaskSlots': '2' };
    await apply(flinkObject('FlinkDeployment', 'wordcount', { ...spec, flinkConfiguration }, RECORDED_IN));
    const tokens = {
      admin: readFileSync(cluster.adminTokenFile, 'utf8'),
      dhalion: await cluster.tokenOf(RECORDED_HOME, 'dhalion'),
      nobody: 'x',
    };
    await replay(t, async ({ as, method, path, body, contentType }) => {
      const answer = await cluster
        .as(tokens[as])
        .request(
          method,
          path,
          body === undefined ? {} : { body, ...(contentType === undefined ? {} : { contentType }) },
        );
      return { status: answer.status, text: answer.text };
    });
    t.ok(RECORDED.length > 10);
  });
}

interface CallOptions {
  readonly before?: () => Promise<void>;
  readonly as?: HttpConfig;
}
