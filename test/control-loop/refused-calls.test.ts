// Permanently refused calls of the real service, between a real Prometheus and a refusing receiver: made once until something changes,
// even across a restart; and made with a lower parallelism if the refusal names a limit.
import { writeFile } from 'node:fs/promises';
import t from 'tap';
import { answerJson } from '../support/answering-server.js';
import { eventually, type DhalionClient } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { flinkRestServer, JOB_ID, VERTEX_IDS, type Requirements } from '../support/flink-rest-server.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(300_000);

const TOPOLOGIES = ['refused', 'mended', 'widest'];
/** The message of Flink's Dispatcher. */
const tooMuch = (asked: number, allowed: number): string =>
  'org.apache.flink.runtime.rest.handler.RestHandlerException: The newly requested parallelism ' +
  `${asked} for the job vertex vertex_split exceeds its maximum parallelism ${allowed}.\n\tat org.apache.flink.X.y(X.java:1)\n`;

void t.test('a permanently refused call', async (t) => {
  const exporter = await flinkExporter(t, Object.fromEntries(TOPOLOGIES.map((name) => [name, UNDERPROVISIONED])));
  const scaler = await scalingEndpoint(t);
  for (const topology of TOPOLOGIES)
    scaler.handle(topology, (response) => {
      answerJson(response, 400, { error: 'no such operator' });
    });
  const ids = { [JOB_ID]: 'id_of_widest', [VERTEX_IDS.split]: 'vertex_split' };
  const isTooMuch = (body: string): boolean =>
    Object.values(JSON.parse(body) as Requirements).some(({ parallelism }) => parallelism.upperBound > 3);
  const flink = await flinkRestServer(
    t,
    (response, { method, body }) => {
      if (method !== 'PUT' || !isTooMuch(body)) return false;
      answerJson(response, 400, { errors: [tooMuch(4, 3)] });
      return true;
    },
    ids,
  );
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const configWith = (scalerSettings: string): string =>
    dhalionConfig({
      prometheusUrl: world.prometheus.url,
      folder: world.folder,
      webhookUrl: scaler.url,
      scaler: scalerSettings,
      webhooks: [`flink: {type: flink, url: "${flink.url}"}`],
      topologies: TOPOLOGIES.map((name) => topologyEntry(name, { webhook: name === 'widest' ? 'flink' : 'scaler' })),
    }).replace('max_actions_per_hour: 1000', 'max_actions_per_hour: 4');
  const configFile = await world.writeConfig(configWith('timeout: 3s'));
  let dhalion = await dhalionFor(t, { configFile });

  const recommended = (topology: string, parallelism: number): Promise<unknown> =>
    eventually(`${parallelism} are recommended for ${topology}`, async () => {
      const labels = { topology, operator: 'split' };
      return (await dhalion.metric('dhalion_operator_recommended_parallelism', labels)) === parallelism;
    });
  /** Notifies and resolves with the reason for the hold; null: an action, which is judged. */
  const decide = async (topology: string): Promise<string | null | undefined> => {
    const before = (await dhalion.decisions(topology)).length;
    await dhalion.notify({ topology, operator: 'split', diagnosis: 'underprovisioning' });
    const [decision] = await eventually(`a decision about ${topology}`, async () => {
      const decisions = await dhalion.decisions(topology);
      return decisions.length > before && decisions;
    });
    await eventually('nothing is in flight', async () => (await openOf(dhalion, topology)) === 0);
    // On a busy machine a look may miss scrapes.
    return decision?.reason === 'unknown_measurements' ? decide(topology) : decision?.reason;
  };

  await t.test('is not made again at the next notification', async (t) => {
    await recommended('refused', 4);
    t.equal(await decide('refused'), null);
    t.match(await dhalion.actions('refused'), [{ outcome: 'failed', attempts: 1 }]);
    for (let again = 0; again < 3; again += 1) t.equal(await decide('refused'), 'call_refused');
    t.equal(scaler.calls('refused').length, 1);
    t.equal(await dhalion.metric('dhalion_holds_total', { topology: 'refused', reason: 'call_refused' }), 3);
  });

  await t.test('nor after a restart', async (t) => {
    await dhalion.stop();
    dhalion = await dhalionFor(t, { configFile });
    await recommended('refused', 4);
    t.equal(await decide('refused'), 'call_refused');
    t.equal(scaler.calls('refused').length, 1);
    await dhalion.stop();
  });

  await t.test('is made again after a change of its webhook or its parallelism', async (t) => {
    dhalion = await dhalionFor(t, { configFile });
    await recommended('refused', 4);
    await writeFile(configFile, configWith('timeout: 3s, headers: {x-fleet: streams}'));
    await dhalion.stop();
    dhalion = await dhalionFor(t, { configFile });
    await recommended('refused', 4);
    t.equal(await decide('refused'), null);
    t.equal(await decide('refused'), 'call_refused');
    exporter.setJob('refused', { ...UNDERPROVISIONED, split: { parallelism: 3, busy: 1000, queue: 50 } });
    await recommended('refused', 6);
    t.equal(await decide('refused'), null);
    t.equal(await decide('refused'), 'call_refused');
    t.same(
      scaler.calls('refused').map(({ body }) => body.desired_parallelism),
      [4, 4, 6],
    );
    await dhalion.stop();
  });

  await t.test('does not count for limits, and is then made with the maximum that Flink reports', async (t) => {
    dhalion = await dhalionFor(t, { configFile });
    await recommended('mended', 4);
    await recommended('widest', 4);
    // With the three earlier refusals and this one, the fleet's four an hour would be used up.
    t.equal(await decide('mended'), null);
    t.equal(await decide('mended'), 'call_refused');
    t.equal(await decide('widest'), null);
    t.match(await dhalion.actions('widest'), [{ outcome: 'failed', desired_parallelism: 4 }]);
    await recommended('widest', 3);
    t.equal(await decide('widest'), null);
    const [second] = await dhalion.actions('widest');
    t.match(second, { desired_parallelism: 3, attempts: 1 });
    t.not(second?.outcome, 'failed');
    t.same(
      flink.puts().map((put) => put['vertex_split']?.parallelism.upperBound),
      [4, 3],
    );
  });
});

async function openOf(dhalion: DhalionClient, topology: string): Promise<number> {
  return (await dhalion.actions(topology)).filter(({ state }) => state !== 'judged').length;
}
