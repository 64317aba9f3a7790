// Two replicas of the whole service, each a separate process, on one PostgreSQL, with the same alerts from two independent Alertmanagers:
// every action happens once, also if one replica is killed during it.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { dhalionClient, eventually, type DhalionClient } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { HEALTHY, topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, startLoopWorld } from '../support/loop-world.js';
import { newDatabase, postgresFor, queryPostgres } from '../support/postgres.js';
import { spawnScript } from '../support/run-script.js';
import { answerJson } from '../support/answering-server.js';
import { accept, scalingEndpoint, type Handling } from '../support/scaling-endpoint.js';

t.setTimeout(280_000);

const TOPOLOGIES = ['shared', 'delayed', 'orphaned', 'later'];
interface PrometheusAlert {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

const CALL_TIMEOUT_MS = 2000;
const LEASE_MS = 2000;

interface Replica extends DhalionClient {
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

async function replicaFor(t: Test, configFile: string, port: number): Promise<Replica> {
  const child = spawnScript('serve-replica.ts', configFile, String(port), String(LEASE_MS));
  // It has no reader, and a full pipe would block it.
  child.stdout.resume();
  const gone = once(child, 'close');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  t.teardown(kill);
  const client = dhalionClient(`http://127.0.0.1:${port}`);
  await eventually('a replica is ready', () => isReady(client));
  return { ...client, kill };
}

function isReady(client: DhalionClient): Promise<boolean> {
  return client.get('/-/ready').then(
    ({ status }) => status === 200,
    () => false,
  );
}

void t.test('two replicas are one Dhalion', async (t) => {
  const exporter = await flinkExporter(t, Object.fromEntries(TOPOLOGIES.map((name) => [name, HEALTHY])));
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, {
    scrape: [exporter.url],
    withAlertmanager: true,
    replicas: 2,
    overprovisionedFor: '10m',
  });
  const postgres = await postgresFor(t);
  const postgresUrlFile = await newDatabase(t, postgres.server);
  const configFiles = await Promise.all(
    world.dhalionPorts.map((_, index) => {
      // The receiver sees who calls; nothing else differs.
      const caller = `http_config: {http_headers: {X-Replica: {values: ["${index}"]}}}`;
      return world.writeConfig(
        dhalionConfig({
          prometheusUrl: world.prometheus.url,
          folder: world.folder,
          webhookUrl: scaler.url,
          scaler: `timeout: ${CALL_TIMEOUT_MS / 1000}s, ${caller}`,
          topologies: TOPOLOGIES.map((name) => topologyEntry(name)),
          postgresUrlFile,
        }),
        `dhalion-${index}.yml`,
      );
    }),
  );
  const start = (index: number): Promise<Replica> =>
    replicaFor(t, configFiles[index] ?? '', world.dhalionPorts[index] ?? 0);
  const replicas: [Replica, Replica] = await Promise.all([start(0), start(1)]);
  const toAll = <Answer>(question: (replica: Replica) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all(replicas.map(question));
  const survivorOf = (caller: number): Replica => (caller === 0 ? replicas[1] : replicas[0]);
  const carryOut: Handling = (response, { body }) => {
    exporter.setJob(body.topology, HEALTHY);
    accept(response);
  };
  const callerOf = (topology: string, call: number): number =>
    Number(scaler.calls(topology)[call]?.headers['x-replica']);
  const outcomeOf = (client: DhalionClient, topology: string): Promise<string> =>
    eventually(`an outcome of ${topology}`, async () => (await client.actions(topology))[0]?.outcome);
  const isSameCall = (topology: string): boolean =>
    new Set(scaler.calls(topology).map(({ rawBody, headers }) => `${String(headers['idempotency-key'])} ${rawBody}`))
      .size === 1;
  const ask = async <Data>(path: string): Promise<Data> =>
    ((await (await fetch(`${world.prometheus.url}${path}`)).json()) as { data: Data }).data;

  const delayedCallsAtMs: number[] = [];
  const retryAfterMs = CALL_TIMEOUT_MS + LEASE_MS + 2000;
  scaler.handle('delayed', (response, call, attempt) => {
    delayedCallsAtMs.push(Date.now());
    if (attempt > 1) carryOut(response, call, attempt);
    else answerJson(response, 429, {}, { 'retry-after': String(retryAfterMs / 1000) });
  });
  exporter.setJob('delayed', UNDERPROVISIONED);

  await t.test('the same alerts from two Alertmanagers to both are one call and one action', async (t) => {
    const diagnosis = 'dhalion_diagnosis{topology="shared",diagnosis="underprovisioning"} == 1';
    let exportedBy = 0;
    let firing = 0;
    scaler.handle('shared', (response) => {
      accept(response);
      void (async () => {
        // Nothing changes until the job does: there is time to look at the cause of the call.
        exportedBy = await eventually('both export it', async () => {
          const { result } = await ask<{ result: unknown[] }>(`/api/v1/query?query=${encodeURIComponent(diagnosis)}`);
          return result.length === 2 && result.length;
        });
        const { alerts } = await ask<{ alerts: PrometheusAlert[] }>('/api/v1/alerts');
        firing = alerts.filter(({ labels, state }) => state === 'firing' && labels['topology'] === 'shared').length;
        exporter.setJob('shared', HEALTHY);
      })().catch(() => undefined);
    });
    exporter.setJob('shared', UNDERPROVISIONED);
    t.equal(await outcomeOf(replicas[0], 'shared'), 'resolved');
    t.equal(exportedBy, 2);
    t.equal(firing, 1, 'and it is one alert');
    t.ok(isSameCall('shared'));
    const [seenByOne, seenByOther] = await toAll((replica) => replica.actions('shared'));
    t.equal(seenByOne?.length, 1);
    t.same(seenByOne, seenByOther);
    t.equal(scaler.calls('shared').length, 1);
    const heard = await toAll((replica) => replica.metric('dhalion_alerts_received_total', { status: 'firing' }));
    t.ok(
      heard.every((count) => (count ?? 0) > 0),
      `each was notified: ${heard.join(' and ')} times`,
    );
    const decisions = await replicas[0].decisions('shared');
    t.equal(decisions.filter(({ decision }) => decision === 'act').length, 1);
    t.ok(decisions.length > 1, 'the repeated alert was held');
    const counted = await toAll((replica) => replica.metric('dhalion_actions_total', { topology: 'shared' }));
    t.equal(
      counted.reduce<number>((sum, count) => sum + (count ?? 0), 0),
      1,
      'one of them judged it',
    );
  });

  await t.test('the other replica respects Retry-After, too', async (t) => {
    t.equal(await outcomeOf(replicas[0], 'delayed'), 'resolved');
    const [first = 0, second = 0] = delayedCallsAtMs;
    t.ok(second - first >= retryAfterMs, `${second - first} ms`);
    t.equal(delayedCallsAtMs.length, 2);
    t.equal(callerOf('delayed', 0), callerOf('delayed', 1));
  });

  await t.test('the other replica finishes and judges the action of a killed one after its lease', async (t) => {
    const calledAtMs: number[] = [];
    let killed: Promise<void> | undefined;
    scaler.handle('orphaned', (response, call, attempt) => {
      calledAtMs.push(Date.now());
      // The first call is accepted, and its caller is killed before the answer.
      if (attempt === 1) killed = replicas[callerOf('orphaned', 0)]?.kill();
      else carryOut(response, call, attempt);
    });
    exporter.setJob('orphaned', UNDERPROVISIONED);
    await eventually('a second call', () => calledAtMs.length === 2);
    await killed;
    const caller = callerOf('orphaned', 0);
    t.equal(await outcomeOf(survivorOf(caller), 'orphaned'), 'resolved');
    t.equal(callerOf('orphaned', 1), 1 - caller, 'by the other one');
    t.ok(isSameCall('orphaned'), 'with the same key and body');
    const actions = await survivorOf(caller).actions('orphaned');
    t.match(actions, [{ attempts: 2, state: 'judged' }]);
    // The lease was taken after the claim, just before the call left.
    const heldMs = (calledAtMs[1] ?? 0) - Date.parse(actions[0]?.claimed_at ?? '');
    t.ok(heldMs >= CALL_TIMEOUT_MS + LEASE_MS, `${heldMs} ms after the claim`);
    replicas[caller] = await start(caller);
  });

  await t.test('without their database both refuse alerts and do nothing; both continue when it is back', async (t) => {
    postgres.server.kill();
    await postgres.server.exited;
    await eventually('both are not ready', async () => !(await toAll(isReady)).includes(true));
    for (const { text } of await toAll((replica) => replica.get('/-/ready'))) {
      t.match(text, /the action log in PostgreSQL database log_\w+ at 127\.0\.0\.1:\d+/);
    }
    const notice = { topology: 'later', operator: 'split', diagnosis: 'underprovisioning' };
    t.same(await toAll((replica) => replica.notify(notice)), [503, 503]);
    t.same(await toAll((replica) => replica.metric('dhalion_storage_up')), [0, 0]);
    scaler.handle('later', carryOut);
    exporter.setJob('later', UNDERPROVISIONED);
    await eventually('the diagnosis is exported all the same', async () => {
      const values = await toAll((replica) => replica.metric('dhalion_diagnosis', notice));
      return values.every((value) => value === 1);
    });
    t.same(scaler.calls('later'), []);

    await postgres.start();
    await eventually('both are ready', async () => !(await toAll(isReady)).includes(false));
    t.equal(await outcomeOf(replicas[0], 'later'), 'resolved', 'and Alertmanager repeats the refused notification');
    t.ok(isSameCall('later'));
    t.same(await toAll((replica) => replica.metric('dhalion_storage_up')), [1, 1]);
  });

  await t.test('nothing is left open, and no action had two keys', async (t) => {
    const url = (await readFile(postgresUrlFile, 'utf8')).trim();
    t.same(await queryPostgres(url, "select id from actions where state <> 'judged'"), []);
    const actions = await replicas[0].actions();
    t.equal(new Set(scaler.calls().map(({ headers }) => headers['idempotency-key'])).size, actions.length);
    t.equal(actions.length, TOPOLOGIES.length);
  });
});
