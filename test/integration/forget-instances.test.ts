// A person scales down a topology whose engine does not show restarts: that looks like lost series, and is unknown until somebody
// confirms it.
import t from 'tap';
import { SYMPTOMS } from '../../src/model/symptom.js';
import { eventually } from '../support/dhalion-client.js';
import { flinkExporter, type FlinkJob } from '../support/flink-exporter.js';
import { OVERPROVISIONED, SOURCE, topologyEntry } from '../support/flink-jobs.js';
import { dhalionConfig, dhalionFor, startLoopWorld, type RunningDhalion } from '../support/loop-world.js';
import { scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(240_000);

const BY_HAND: FlinkJob = { [SOURCE]: { parallelism: 1 }, split: { parallelism: 2, busy: 400 } };

void t.test('fewer instances than before are believed when a person says so', async (t) => {
  const exporter = await flinkExporter(t, { orders: OVERPROVISIONED, payments: OVERPROVISIONED });
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const yaml = dhalionConfig({
    prometheusUrl: world.prometheus.url,
    folder: world.folder,
    webhookUrl: scaler.url,
    topologies: [topologyEntry('orders'), topologyEntry('payments')],
  });
  const configFile = await world.writeConfig(
    // As in Heron: its series do not distinguish attempts.
    yaml.replace('engines: {flink: {resolution: 1s}}', 'engines: {flink: {resolution: 1s, identity: {attempt: []}}}'),
  );
  const split = async (dhalion: RunningDhalion, topology = 'orders') =>
    (await dhalion.topology(topology)).operators.find(({ operator }) => operator === 'split');
  const isKnown = async (dhalion: RunningDhalion, parallelism: number, topology?: string): Promise<boolean> => {
    const seen = await split(dhalion, topology);
    if (seen?.parallelism !== parallelism || seen.incomplete_because !== null) return false;
    return seen.missing_sensors.length === 0 && SYMPTOMS.every((symptom) => seen.symptoms[symptom] !== 'unknown');
  };
  const becauseOf = (dhalion: RunningDhalion, topology?: string): Promise<string> =>
    eventually('instances are missing', async () => (await split(dhalion, topology))?.incomplete_because);
  const forget = async (dhalion: RunningDhalion, path: string): Promise<unknown> => {
    const response = await fetch(`${dhalion.url}/api/v1/topologies/${path}`, { method: 'DELETE' });
    return [response.status, await response.json()];
  };

  let dhalion = await dhalionFor(t, { configFile });
  const restart = async (): Promise<void> => {
    await dhalion.stop();
    dhalion = await dhalionFor(t, { configFile });
  };
  await eventually('four of both', async () => (await isKnown(dhalion, 4)) && (await isKnown(dhalion, 4, 'payments')));
  for (const job of ['orders', 'payments']) exporter.setJob(job, BY_HAND);

  await t.test('before, it is unknown, also after a restart, and the reason names the remedy', async (t) => {
    const because =
      /^2 operator instances are seen, 4 were seen before, and .* DELETE \/api\/v1\/topologies\/\{name\}\/instances/;
    t.match(await becauseOf(dhalion), because);
    await restart();
    t.match(await becauseOf(dhalion), because);
    t.equal((await split(dhalion))?.recommended_parallelism, null);
  });

  await t.test('an unknown topology or operator cannot be forgotten', async (t) => {
    t.match(await forget(dhalion, 'nowhere/instances'), [404, { error: /^unknown topology 'nowhere'; / }]);
    t.match(await forget(dhalion, 'orders/instances?operator=spilt'), [404, { error: /has no operator 'spilt'/ }]);
    t.match(await becauseOf(dhalion), /4 were seen before/);
  });

  await t.test('then it is known, also after a restart, and no other topology is concerned', async (t) => {
    t.strictSame(await forget(dhalion, 'orders/instances?operator=split'), [
      200,
      { status: 'success', data: { topology: 'orders', forgotten: [{ operator: 'split', parallelism: 4 }] } },
    ]);
    const told = dhalion.logLines.find(({ msg }) => msg === 'remembered instances forgotten by hand');
    t.match(told, { topology: 'orders', operator: 'split', forgotten: [{ operator: 'split', parallelism: 4 }] });
    await eventually('two of them', () => isKnown(dhalion, 2));
    await restart();
    await eventually('two of them after a restart', () => isKnown(dhalion, 2));
    t.match(await becauseOf(dhalion, 'payments'), /4 were seen before/);
    t.match(await forget(dhalion, 'payments/instances'), [200, { data: { forgotten: [{}, {}] } }]);
    await eventually('two of the other', () => isKnown(dhalion, 2, 'payments'));
  });

  await t.test('a scrape that is lost afterwards is missing data, as before', async (t) => {
    exporter.change('orders', 'split', { hidden: [1] });
    t.match(await becauseOf(dhalion), /^1 operator instances are seen, 2 were seen before/);
  });
});
