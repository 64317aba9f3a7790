// The real service with its own wall clock, which is set while it runs; the clock of the real Prometheus stays right.
import t from 'tap';
import { systemClock } from '../../src/clock.js';
import { checkOnline } from '../../src/commands/check-online.js';
import { loadConfiguration } from '../../src/commands/load-configuration.js';
import { eventually, reportUntil } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { HEALTHY, topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { prometheusProxy } from '../support/prometheus-proxy.js';
import { accept, scalingEndpoint } from '../support/scaling-endpoint.js';

const HOUR_MS = 3_600_000;

t.setTimeout(240_000);

for (const byMs of [-2 * HOUR_MS, 2 * HOUR_MS]) {
  await t.test(`the loop and an open action continue if the clock is set by ${byMs / HOUR_MS} h`, async (t) => {
    let setMs = 0;
    const exporter = await flinkExporter(t, { wordcount: UNDERPROVISIONED });
    const scaler = await scalingEndpoint(t);
    const world = await startLoopWorld(t, { scrape: [exporter.url] });
    const config = dhalionConfig({
      prometheusUrl: world.prometheus.url,
      folder: world.folder,
      webhookUrl: scaler.url,
      topologies: [topologyEntry('wordcount')],
    });
    const dhalion = await dhalionFor(t, {
      configFile: await world.writeConfig(config),
      clock: { ...systemClock, now: () => Date.now() + setMs },
    });
    scaler.handle('wordcount', (response) => {
      exporter.setJob('wordcount', HEALTHY);
      accept(response);
      // While it settles.
      setMs = byMs;
    });
    await eventually('it is diagnosed', async () => {
      const labels = { topology: 'wordcount', operator: 'split', diagnosis: 'underprovisioning' };
      return (await dhalion.metric('dhalion_diagnosis', labels)) === 1;
    });
    t.equal(await dhalion.metric('dhalion_prometheus_clock_skew_seconds'), 0);
    const notice = { topology: 'wordcount', operator: 'split', diagnosis: 'underprovisioning' };
    const judged = await reportUntil('the action is judged', dhalion, [notice], async () => {
      const [action] = await dhalion.actions('wordcount');
      return action?.state === 'judged' ? action : null;
    });
    t.match(judged, { resolver: 'scale_up', outcome: 'resolved', desired_parallelism: 4 });
    t.ok(
      Math.abs(Date.parse(judged.judged_at ?? '') - Date.now() - byMs) < 60_000,
      'its times follow the clock as set',
    );
    t.equal(await dhalion.metric('dhalion_operator_parallelism', { topology: 'wordcount', operator: 'split' }), 4);
    t.equal(await dhalion.metric('dhalion_sensor_missing'), null);
    const skewSeconds = (await dhalion.metric('dhalion_prometheus_clock_skew_seconds')) ?? NaN;
    t.ok(Math.abs(skewSeconds + byMs / 1000) < 2, `${skewSeconds}`);
    const { text } = await dhalion.get('/-/ready');
    t.match(text, /Dhalion is ready[^]*The clock of Prometheus is 7\d{3} s (ahead of|behind) ours/);
    const warned = dhalion.logLines.filter(({ level }) => level === 'warn').map(({ msg }) => String(msg));
    t.equal(warned.filter((line) => line.startsWith('the wall clock was set')).length, 1);
    t.equal(
      warned.filter((line) => line.startsWith('The clock of Prometheus')).length,
      1,
      'once, not at each evaluation',
    );

    exporter.setJob('wordcount', UNDERPROVISIONED);
    await eventually('what changes afterwards is seen', async () => {
      const labels = { topology: 'wordcount', operator: 'split' };
      return (await dhalion.metric('dhalion_operator_parallelism', labels)) === 2;
    });
    setMs = 0;
    await eventually('the clock is set right, and that is said', () => {
      const said = dhalion.logLines.some(({ msg }) => msg === 'the clocks of Prometheus and Dhalion agree again');
      return Promise.resolve(said);
    });
    t.equal(await dhalion.metric('dhalion_prometheus_clock_skew_seconds'), 0);
    t.notMatch((await dhalion.get('/-/ready')).text, /clock/);
  });
}

await t.test('check config --online reports the difference between the clocks', async (t) => {
  const exporter = await flinkExporter(t, { wordcount: HEALTHY });
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const proxy = await prometheusProxy(t, world.prometheus.url);
  const config = dhalionConfig({
    prometheusUrl: proxy.url,
    folder: world.folder,
    webhookUrl: 'http://127.0.0.1:9',
    topologies: [topologyEntry('wordcount')],
  });
  const configuration = await loadConfiguration(await world.writeConfig(config));
  await eventually('it is scraped', async () => (await checkOnline(configuration)).problems.length === 0);
  t.notMatch((await checkOnline(configuration)).warnings.join(), 'clock');
  proxy.setClock(290_000);
  t.match((await checkOnline(configuration)).warnings, [/^warning: The clock of Prometheus is 290 s ahead of ours/]);
});
