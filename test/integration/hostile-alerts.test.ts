// The service as a separate process, with alerts of invented names: it does not hang on a name, adds no series for a name, and accepts no
// name that is too long.
import t from 'tap';
import { serveFromCommandLine } from '../support/command-line.js';
import { eventually, type Notice } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { HEALTHY } from '../support/flink-jobs.js';
import { dhalionConfig, startLoopWorld } from '../support/loop-world.js';
import { scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(180_000);

const about = (topology: string, operator = 'split'): Notice => ({
  topology,
  operator,
  diagnosis: 'underprovisioning',
});

void t.test('alerts with invented names', async (t) => {
  const exporter = await flinkExporter(t, { 'orders-1': HEALTHY });
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const configFile = await world.writeConfig(
    dhalionConfig({
      prometheusUrl: world.prometheus.url,
      folder: world.folder,
      webhookUrl: scaler.url,
      topologies: [
        `{name: listed, engine: flink, operators: [{name: split, match: "([a-z0-9]+-?)+"}]}`,
        `{discover: "([a-z0-9]+-?)+", engine: flink, webhook: scaler}`,
      ],
    }),
  );
  const dhalion = await serveFromCommandLine(t, { configFile });
  await eventually(
    'orders-1',
    async () => (await dhalion.metric('dhalion_operator_parallelism', { topology: 'orders-1' })) !== null,
  );
  const decided = async (topology: string): Promise<string> =>
    eventually(`a decision about ${topology.slice(0, 60)}`, async () => (await dhalion.decisions(topology))[0]?.reason);

  await t.test('one at which JavaScript would backtrack for ever is decided at once', async (t) => {
    const topology = `${'a'.repeat(52)}!`;
    t.equal(await dhalion.notify(about(topology)), 202);
    t.equal(await decided(topology), 'unknown_topology');
    t.equal((await dhalion.get('/-/healthy', 5000)).status, 200);
  });

  await t.test('an operator name of 100,000 characters is accepted, and decided unchanged', async (t) => {
    const operator = `Calc(select=[${'CAST(order_id AS BIGINT) AS id, '.repeat(3000)}])`;
    t.equal(await dhalion.notify(about('orders-1', operator)), 202);
    const decision = await eventually('a decision', async () =>
      (await dhalion.decisions('orders-1')).find((one) => one.operator === operator),
    );
    t.equal(decision.decision, 'hold');
  });

  await t.test('thousands of unknown topologies create no series', async (t) => {
    const invented = Array.from({ length: 3000 }, (_, i) => about(`invented-${i}`));
    t.equal(await dhalion.notify(...invented, about('orders-1')), 202);
    await eventually(
      'all are held',
      async () => ((await dhalion.metric('dhalion_holds_total', { topology: '' })) ?? 0) > 3000,
    );
    t.ok(
      await eventually('its own', async () => await dhalion.metric('dhalion_holds_total', { topology: 'orders-1' })),
    );
    const series = await dhalion.series();
    const named = new Set(
      series.flatMap(({ labels }) => (labels['topology'] === undefined ? [] : [labels['topology']])),
    );
    t.strictSame([...named].sort(), ['', 'listed', 'orders-1']);
  });
});
