// The whole service with a webhook of type flink, between a real Prometheus and a server that speaks Flink's REST API as it was
// recorded: the graph, an action, and the process killed in the middle of a read-modify-write.
import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import type { SeenRequest } from '../support/answering-server.js';
import {
  dhalionClient,
  eventually,
  reportUntil,
  whenRecommended,
  type ApiTopology,
  type DhalionClient,
  type Notice,
} from '../support/dhalion-client.js';
import { spawnDhalion } from '../support/command-line.js';
import { flinkExporter, type FlinkExporter } from '../support/flink-exporter.js';
import { flinkRestServer, JOB_ID, VERTEX_IDS } from '../support/flink-rest-server.js';
import { findViolations, readLog } from '../support/log-audit.js';
import { dhalionConfig, dhalionFor, startLoopWorld, type LoopWorld } from '../support/loop-world.js';
import { EXPORTED_IDS, idsOf, NUMBERS_JOB, SCALED_NUMBERS_JOB } from '../support/numbers-job.js';
import { folderFor } from '../support/real-parts.js';
import { scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(240_000);

const OPERATOR = 'split:_a_b';

/** By job of the fleet, the label of its series for the JobManager at 127.0.0.<node>. */
const NODES: Readonly<Record<string, string>> = {
  fleet_one: '1',
  fleet_two: '2',
  fleet_elsewhere: '3',
  fleet_hostile: '1@evil.example',
};

type Handling = (response: ServerResponse, request: SeenRequest) => boolean;

/** The job with another name in an exporter, its JobManager, and a configuration for a separate service. */
async function setUp(t: Test, topology: string, { world, exporter }: { world: LoopWorld; exporter: FlinkExporter }) {
  exporter.setJob(topology, NUMBERS_JOB);
  let handling: Handling = () => false;
  const flink = await flinkRestServer(t, (response, request) => handling(response, request), idsOf(topology));
  const folder = await folderFor(t);
  const config = dhalionConfig({
    prometheusUrl: world.prometheus.url,
    folder,
    webhookUrl: 'http://127.0.0.1:1',
    webhooks: [
      `flink: {type: flink, url: "${flink.url}", expires_after: 60s}`,
      'nowhere: {type: flink, url: "http://127.0.0.1:1"}',
    ],
    topologies: [
      `{discover: ${topology}, engine: flink, webhook: flink}`,
      '{name: alone, engine: flink, webhook: nowhere}',
    ],
  });
  const configFile = join(folder, 'dhalion.yml');
  await writeFile(configFile, config);
  return {
    flink,
    configFile,
    notice: noticeOf(topology),
    log: () => readLog(`${folder}/data`),
    handle: (next: Handling) => {
      handling = next;
    },
  };
}

function noticeOf(topology: string): Notice {
  return { topology, operator: OPERATOR, diagnosis: 'underprovisioning' };
}

/** Whether the alert is held because the webhook cannot carry it out. */
async function isUnsupported(dhalion: DhalionClient, topology: string): Promise<boolean> {
  const decisions = await dhalion.decisions(topology);
  return decisions.some(({ decision, reason }) => decision === 'hold' && reason === 'unsupported_resolver');
}

const whenDiagnosed = (dhalion: DhalionClient, topology: string): Promise<ApiTopology> =>
  whenRecommended(dhalion, { topology, operators: [OPERATOR], parallelism: 4 });

void t.test('a webhook of type flink', async (t) => {
  const exporter = await flinkExporter(
    t,
    { alone: { 'Source:_in': { parallelism: 1 }, split: { parallelism: 2 } } },
    (job) => (job in NODES ? { node: NODES[job] ?? '' } : {}),
  );
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  t.jobs = 3;

  void t.test('tells the graph of its jobs, and carries out what is judged', { buffered: true }, async (t) => {
    const { flink, configFile, notice } = await setUp(t, 'word_count', { world, exporter });
    const before = structuredClone(flink.requirements);
    const dhalion = await dhalionFor(t, { configFile });
    const { operators } = await whenDiagnosed(dhalion, 'word_count');
    t.strictSame(
      operators.map(({ operator, role, inputs, max_parallelism, input_shares }) => {
        return { operator, role, inputs, max_parallelism, input_shares };
      }),
      [
        { operator: 'Source:_numbers__all_', role: 'source', inputs: [], max_parallelism: 16, input_shares: null },
        { operator: 'count', role: 'inner', inputs: ['split:_a_b'], max_parallelism: 8, input_shares: 8 },
        { operator: 'out:_Writer', role: 'inner', inputs: ['count'], max_parallelism: 16, input_shares: null },
        {
          operator: 'split:_a_b',
          role: 'inner',
          inputs: ['Source:_numbers__all_'],
          max_parallelism: 16,
          input_shares: null,
        },
      ],
      "Flink's own bound is one, and what is keyed comes in as many key groups",
    );

    const alone = await eventually('alone reports', async () => {
      const seen = await dhalion.topology('alone');
      return seen.operators.length === 2 && seen.operators.every((one) => one.missing_sensors.length === 0) && seen;
    });
    t.match(alone.operators, [
      { operator: 'Source:_in', inputs: null, parallelism: 1, missing_sensors: [] },
      { operator: 'split', inputs: null, parallelism: 2, missing_sensors: [] },
    ]);
    const warnings = dhalion.logLines.filter(({ level, webhook }) => level === 'warn' && webhook === 'nowhere');
    t.equal(warnings.length, 1, 'an unreachable JobManager is warned of once');
    t.match(warnings, [{ error: /ECONNREFUSED/ }]);

    await reportUntil('the requirements are changed', dhalion, [notice], () => flink.puts().length > 0);
    exporter.setJob('word_count', SCALED_NUMBERS_JOB);
    t.strictSame(flink.puts(), [
      { ...before, [EXPORTED_IDS[VERTEX_IDS.split]]: { parallelism: { lowerBound: 1, upperBound: 4 } } },
    ]);
    const action = await eventually('the judgement', async () =>
      (await dhalion.actions('word_count')).find(({ outcome }) => outcome !== null),
    );
    t.match(action, { resolver: 'scale_up', outcome: 'resolved', desired_parallelism: 4, attempts: 1 });
    t.equal(await dhalion.metric('dhalion_webhook_requests_total', { webhook: 'flink', code: '200' }), 3);
  });

  void t.test('is asked for the graph alone, where it is given for that', { buffered: true }, async (t) => {
    const jobManagerOf = (topology: string) => flinkRestServer(t, undefined, idsOf(topology));
    const [only, beside] = [await jobManagerOf('graph_only'), await jobManagerOf('graph_beside')];
    const scaler = await scalingEndpoint(t);
    for (const topology of ['graph_only', 'graph_beside']) exporter.setJob(topology, NUMBERS_JOB);
    const folder = await folderFor(t);
    const configFile = join(folder, 'dhalion.yml');
    const config = dhalionConfig({
      prometheusUrl: world.prometheus.url,
      folder,
      webhookUrl: scaler.url,
      webhooks: [`only: {type: flink, url: "${only.url}"}`, `beside: {type: flink, url: "${beside.url}"}`],
      topologies: [
        '{name: graph_only, engine: flink, graph: only, policy: {mode: enforce}}',
        '{discover: graph_b.*, engine: flink, webhook: scaler, graph: beside}',
      ],
    });
    await writeFile(configFile, config);
    const dhalion = await dhalionFor(t, { configFile });
    for (const topology of ['graph_only', 'graph_beside']) {
      const { operators } = await whenDiagnosed(dhalion, topology);
      const inputs = Object.fromEntries(operators.map(({ operator, inputs }) => [operator, inputs]));
      t.strictSame(inputs[OPERATOR], ['Source:_numbers__all_'], topology);
      t.strictSame(inputs['count'], [OPERATOR]);
    }
    await reportUntil('the other webhook is called', dhalion, [noticeOf('graph_beside')], () => {
      return scaler.calls('graph_beside').length > 0;
    });
    await reportUntil('it is decided', dhalion, [noticeOf('graph_only')], () => isUnsupported(dhalion, 'graph_only'));
    t.equal(scaler.calls('graph_only').length, 0);
    for (const { requests } of [only, beside]) {
      t.ok(requests.length > 0);
      t.strictSame([...new Set(requests.map(({ method }) => method))], ['GET'], 'nothing is written');
    }
  });

  void t.test('scales each job at its own JobManager, found by labels', { buffered: true }, async (t) => {
    const idsOf = (topology: string) => ({
      ...EXPORTED_IDS,
      [JOB_ID]: `id_of_${topology}`,
      'word count': topology.replaceAll('_', ' '),
    });
    const one = await flinkRestServer(t, undefined, idsOf('fleet_one'));
    const port = Number(new URL(one.url).port);
    const two = await flinkRestServer(t, undefined, idsOf('fleet_two'), { host: '127.0.0.2', port });
    const elsewhere = await flinkRestServer(t, undefined, idsOf('fleet_elsewhere'), { host: '127.0.0.3', port });
    for (const topology of Object.keys(NODES)) exporter.setJob(topology, NUMBERS_JOB);
    const folder = await folderFor(t);
    const configFile = join(folder, 'dhalion.yml');
    const url = `http://127.0.0.{{ labels.node }}:${port}`;
    await writeFile(
      configFile,
      dhalionConfig({
        prometheusUrl: world.prometheus.url,
        folder,
        webhookUrl: 'http://127.0.0.1:1',
        webhooks: [`fleet: {type: flink, url: "${url}", allowed_hosts: [127.0.0.1, 127.0.0.2], expires_after: 60s}`],
        topologies: ['{discover: "fleet_.*", engine: flink, webhook: fleet}'],
      }),
    );
    const dhalion = await dhalionFor(t, { configFile });
    for (const topology of ['fleet_one', 'fleet_two']) {
      const { operators } = await whenDiagnosed(dhalion, topology);
      const count = operators.find(({ operator }) => operator === 'count');
      t.strictSame(count?.inputs, ['split:_a_b'], `${topology}: its graph is that of its own JobManager`);
    }
    const notices = ['fleet_one', 'fleet_two'].map(noticeOf);
    await reportUntil('both are changed', dhalion, notices, () => one.puts().length > 0 && two.puts().length > 0);
    for (const [server, topology] of [
      [one, 'fleet_one'],
      [two, 'fleet_two'],
    ] as const) {
      t.match(server.puts(), [{ [EXPORTED_IDS[VERTEX_IDS.split]]: { parallelism: { upperBound: 4 } } }]);
      const jobs = server.requests.flatMap(({ path }) => /^\/jobs\/(id_of_\w+)/.exec(path)?.[1] ?? []);
      t.strictSame(new Set(jobs), new Set([`id_of_${topology}`]));
    }
    for (const topology of ['fleet_elsewhere', 'fleet_hostile']) {
      await whenDiagnosed(dhalion, topology);
      await reportUntil(`${topology} is decided`, dhalion, [noticeOf(topology)], () =>
        isUnsupported(dhalion, topology),
      );
      t.strictSame(await dhalion.actions(topology), []);
    }
    t.equal(elsewhere.connections(), 0, 'a host that is not allowed is not asked');
    const said = dhalion.logLines
      .filter(({ msg }) => msg === 'cannot prepare the call')
      .map(({ error }) => String(error));
    t.ok(said.some((error) => error.includes('the host 127.0.0.3 is not in allowed_hosts')));
    t.ok(said.some((error) => error.includes('label node is not a valid part of a host name')));
  });

  void t.test('waits as long as Flink says it may, through a restart too', { buffered: true }, async (t) => {
    const { flink, configFile, notice, log, handle } = await setUp(t, 'waiting', { world, exporter });
    const waitMs = 15_000;
    flink.version = '2.3.0';
    Object.assign(flink.rescaleConfig, {
      executingCooldownTimeoutInMillis: 0,
      executingResourceStabilizationTimeoutInMillis: 0,
      maximumDelayForTriggeringRescaleInMillis: waitMs,
    });
    const dhalion = await dhalionFor(t, { configFile });
    await whenDiagnosed(dhalion, 'waiting');
    const open = await reportUntil('it is told while it is open', dhalion, [notice], async () => {
      const { open_action: action } = await dhalion.topology('waiting');
      return action?.held_up_by === 'waiting for a checkpoint' && action;
    });
    const untilMs = Date.parse(open.completed_at ?? '') + waitMs;
    t.equal(open.engine_waits_until, new Date(untilMs).toISOString());
    const told = dhalion.logLines.filter(({ held_up_by: heldUpBy }) => heldUpBy === open.held_up_by);
    t.match(told, [{ topology: 'waiting', at_most_until: open.engine_waits_until }], 'once');
    await dhalion.stop();

    // From here on nobody tells how long it may take.
    handle((response, { path }) => {
      if (path !== '/overview') return false;
      response.writeHead(503).end();
      return true;
    });
    const again = await dhalionFor(t, { configFile });
    const action = await eventually('the judgement', async () =>
      (await again.actions('waiting')).find(({ outcome }) => outcome !== null),
    );
    t.match(action, { outcome: 'not_applied', engine_waits_until: open.engine_waits_until });
    t.ok(Date.parse(action.judged_at ?? '') >= untilMs + 5000, 'settling_time after that');
    t.strictSame(findViolations(log(), []), []);
  });

  for (const [title, killedAt] of [
    ['killed between read and write, it reads and writes again with the same key', 'GET'],
    ['killed after the write, before that is recorded, it writes the same again', 'PUT'],
  ] as const) {
    void t.test(title, { buffered: true }, async (t) => {
      const topology = `killed_at_${killedAt}`;
      const { flink, configFile, log, handle, notice } = await setUp(t, topology, { world, exporter });
      const port = await freePort();
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
      let isKilled = false;
      const killed = new Promise<void>((resolve) => {
        handle((_response, { method, path, body }) => {
          if (!path.endsWith('/resource-requirements') || method !== killedAt) return false;
          if (method === 'PUT') Object.assign(flink.requirements, JSON.parse(body));
          service.kill('SIGKILL');
          isKilled = true;
          void service.ended.then(() => {
            resolve();
          });
          return true;
        });
      });
      await whenDiagnosed(dhalion, topology);
      await reportUntil('the kill', dhalion, [notice], () => isKilled);
      await killed;
      t.match(log().actions, [{ state: 'claimed', attempts: 1, completedAtMs: null }]);
      const afterKill = structuredClone(flink.requirements);

      handle((_response, { method }) => {
        if (method === 'PUT') exporter.setJob(topology, SCALED_NUMBERS_JOB);
        return false;
      });
      await start();
      const judged = await eventually('the judgement', () => log().actions.find(({ outcome }) => outcome !== null));
      t.match(judged, { outcome: 'resolved', attempts: 2 });
      const split = flink.requirements[EXPORTED_IDS[VERTEX_IDS.split]];
      t.strictSame(split, { parallelism: { lowerBound: 1, upperBound: 4 } });
      if (killedAt === 'PUT') t.strictSame(flink.requirements, afterKill, 'the second write changes nothing');
      const writes = flink.requests.filter(({ path }) => path.endsWith('/resource-requirements'));
      t.equal(new Set(writes.map(({ headers }) => headers['idempotency-key'])).size, 1);
      t.strictSame(findViolations(log(), []), []);
    });
  }
});
