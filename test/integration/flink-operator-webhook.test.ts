// The whole service with a webhook of type flink_operator, between a real Prometheus and a server that answers like a kube-apiserver: a fleet
// found by labels, a plan, its delay, and a kill during a read-modify-write.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { spawnDhalion } from '../support/command-line.js';
import {
  dhalionClient,
  eventually,
  reportUntil,
  whenRecommended,
  type ApiTopology,
  type DhalionClient,
} from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { SCALED_JOB, SHORT_JOB, TASK_IDS } from '../support/operated-job.js';
import {
  kubernetesApiServer,
  SESSION_CLUSTER,
  type ApiServerOptions,
  type JsonObject,
  type KubernetesApiServer,
} from '../support/kubernetes-api-server.js';
import { findViolations, readLog } from '../support/log-audit.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { COUNT_KEY, OUT_KEY, SPLIT_KEY } from '../support/operator-actions.js';
import { folderFor } from '../support/real-parts.js';

t.setTimeout(240_000);

/** By job, the resource in its labels. */
const RESOURCES: Readonly<Record<string, string>> = {
  fleet_one: 'wordcount',
  fleet_two: 'clicks',
  fleet_gone: 'gone',
  fleet_hostile: '../../../api/v1/namespaces/prod/secrets/all',
  held_up: 'wordcount',
  killed_at_GET: 'wordcount',
  killed_at_PATCH: 'wordcount',
};

const whenDiagnosed = (dhalion: DhalionClient, topology: string): Promise<ApiTopology> =>
  whenRecommended(dhalion, { topology, operators: ['split', 'count'], parallelism: 4 });

function noticesOf(topology: string) {
  return ['split', 'count'].map((operator) => ({ topology, operator, diagnosis: 'underprovisioning' }));
}

function configOf(api: KubernetesApiServer): JsonObject {
  return api.object('flinkdeployments').spec.flinkConfiguration ?? {};
}

void t.test('a webhook of type flink_operator', async (t) => {
  const exporter = await flinkExporter(t, {}, (job, task) => ({
    namespace: 'prod',
    app: RESOURCES[job] ?? '',
    task_id: TASK_IDS[task] ?? '',
  }));
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  t.jobs = 3;

  async function setUp(t: Test, pattern: string, options: ApiServerOptions = {}) {
    const api = await kubernetesApiServer(t, options);
    Object.assign(configOf(api), { [OUT_KEY]: '3' });
    for (const job of Object.keys(RESOURCES)) if (new RegExp(`^${pattern}$`).test(job)) exporter.setJob(job, SHORT_JOB);
    const folder = await folderFor(t);
    const configFile = join(folder, 'dhalion.yml');
    const config = dhalionConfig({
      prometheusUrl: world.prometheus.url,
      folder,
      webhookUrl: 'http://127.0.0.1:1',
      webhooks: [`operator: {type: flink_operator, url: "${api.url}", expires_after: 60s}`],
      topologies: [`{discover: "${pattern}", engine: flink, webhook: operator}`],
    });
    await writeFile(configFile, config);
    return { api, configFile, log: () => readLog(`${folder}/data`) };
  }

  void t.test(
    'patches each resource that labels lead to once, with one key a vertex',
    { buffered: true },
    async (t) => {
      const { api, configFile } = await setUp(t, 'fleet_.*', {
        instead: (_response, { method, path }) => {
          // A rescale shows in the series, whatever else the test waits for meanwhile.
          if (method === 'PATCH') exporter.setJob(path.includes('/clicks') ? 'fleet_two' : 'fleet_one', SCALED_JOB);
          return false;
        },
      });
      api.add('flinkdeployments', 'clicks');
      const dhalion = await dhalionFor(t, { configFile });
      for (const topology of ['fleet_one', 'fleet_two', 'fleet_gone', 'fleet_hostile']) {
        await whenDiagnosed(dhalion, topology);
      }
      const notices = ['fleet_one', 'fleet_two'].flatMap(noticesOf);
      await reportUntil('both are changed', dhalion, notices, () => api.patches().length >= 2);
      for (const topology of ['fleet_one', 'fleet_two']) {
        const action = await eventually('the judgement', async () =>
          (await dhalion.actions(topology)).find(({ outcome }) => outcome !== null),
        );
        t.match(action, { resolver: 'scale_up', outcome: 'resolved', attempts: 1, held_up_by: null });
      }
      t.equal(api.patches().length, 2, 'a plan is one patch');
      t.match(configOf(api), { [SPLIT_KEY]: '4', [COUNT_KEY]: '4', [OUT_KEY]: '3' }, 'a third key is unchanged');
      const clicks = api.object('flinkdeployments', 'clicks').spec.flinkConfiguration;
      t.match(clicks, { [SPLIT_KEY]: '4', [COUNT_KEY]: '4' });
      t.notOk(SPLIT_KEY in (api.object('flinkdeployments', SESSION_CLUSTER).spec.flinkConfiguration ?? {}));

      const gone = await reportUntil('the refusal', dhalion, noticesOf('fleet_gone'), async () =>
        (await dhalion.actions('fleet_gone')).find(({ outcome }) => outcome !== null),
      );
      t.match(gone, { outcome: 'failed', failure: /^FlinkDeployment prod\/gone does not exist/ });
      await reportUntil('it is held', dhalion, noticesOf('fleet_hostile'), async () =>
        (await dhalion.decisions('fleet_hostile')).some(({ reason }) => reason === 'unsupported_resolver'),
      );
      t.strictSame(await dhalion.actions('fleet_hostile'), []);
      const said = dhalion.logLines
        .filter(({ msg }) => msg === 'cannot prepare the call')
        .map(({ error }) => String(error));
      t.ok(said.some((error) => error.includes('label app is not a valid name')));
      const paths = new Set(api.requests.map(({ path }) => path.split('?')[0]));
      const base = '/apis/flink.apache.org/v1beta1/namespaces/prod/flinkdeployments/';
      t.strictSame(
        [...paths].sort(),
        [`${base}clicks`, `${base}gone`, `${base}wordcount`],
        'nothing else is asked for',
      );
    },
  );

  void t.test('reports what holds up a change, and records it with not_applied', { buffered: true }, async (t) => {
    const { api, configFile } = await setUp(t, 'held_up', {
      instead: (_response, { method }, { object }) => {
        if (method === 'PATCH')
          Object.assign(object('flinkdeployments').status ?? {}, { lifecycleState: 'UPGRADING', error: 'no slots' });
        return false;
      },
    });
    const dhalion = await dhalionFor(t, { configFile });
    await whenDiagnosed(dhalion, 'held_up');
    const words =
      'FlinkDeployment prod/wordcount is UPGRADING; has a change that the operator has not observed yet; reports: no slots';
    await reportUntil('it is reported while the action is open', dhalion, noticesOf('held_up'), async () => {
      const { open_action: open } = await dhalion.topology('held_up');
      return open?.held_up_by === words;
    });
    const action = await eventually('the judgement', async () =>
      (await dhalion.actions('held_up')).find(({ outcome }) => outcome !== null),
    );
    t.match(action, { outcome: 'not_applied', held_up_by: words, failure: null });
    const told = dhalion.logLines.filter(({ held_up_by: heldUpBy }) => heldUpBy === words);
    t.match(told, [{ level: 'info', topology: 'held_up', operator: /split|count/ }], 'once, while it does not change');
    t.equal(api.patches().length, 1);
  });

  for (const [title, killedAt] of [
    ['killed between read and write, it reads and writes again with the same key', 'GET'],
    ['killed after the write, before that is recorded, it finds its change', 'PATCH'],
  ] as const) {
    void t.test(title, { buffered: true }, async (t) => {
      const topology = `killed_at_${killedAt}`;
      const port = await freePort();
      let onKill: (() => void) | null = null;
      const { api, configFile, log } = await setUp(t, topology, {
        instead: (response, { method }) => {
          if (onKill === null || method !== killedAt) return false;
          if (method === 'PATCH') response.socket?.destroy();
          const kill = onKill;
          onKill = null;
          kill();
          // A write is executed, and its answer is lost.
          return method === 'GET';
        },
      });
      const dhalion = dhalionClient(`http://127.0.0.1:${port}`);
      const start = async () => {
        const service = spawnDhalion({ configFile, port });
        t.teardown(() => {
          service.kill('SIGKILL');
        });
        if (!(await service.ready())) throw new Error(service.stderr());
        return service;
      };
      const service = await start();
      const killed = new Promise<void>((resolve) => {
        onKill = () => {
          service.kill('SIGKILL');
          void service.ended.then(() => {
            resolve();
          });
        };
      });
      await whenDiagnosed(dhalion, topology);
      await reportUntil('the kill', dhalion, noticesOf(topology), () => onKill === null);
      await killed;
      t.match(log().actions, [{ state: 'claimed', attempts: 1, completedAtMs: null }]);
      const isWritten = SPLIT_KEY in configOf(api);
      t.equal(isWritten, killedAt === 'PATCH');

      exporter.setJob(topology, SCALED_JOB);
      await start();
      const judged = await eventually('the judgement', () => log().actions.find(({ outcome }) => outcome !== null));
      t.match(judged, { outcome: 'resolved', attempts: 2 });
      t.match(configOf(api), { [SPLIT_KEY]: '4', [COUNT_KEY]: '4', [OUT_KEY]: '3' });
      t.equal(api.patches().length, 1, 'an existing value is not written again');
      const calls = api.requests.filter(({ headers }) => headers['idempotency-key'] !== undefined);
      t.ok(calls.length >= 3);
      t.equal(new Set(calls.map(({ headers }) => headers['idempotency-key'])).size, 1);
      t.strictSame(findViolations(log(), []), []);
    });
  }
});
