// `dhalion serve` as a separate process: its start, its end on request, and its recovery after a kill.
// More crash windows: test/README.md.
import t from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { eventually, reportUntil } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { HEALTHY, topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, startLoopWorld } from '../support/loop-world.js';
import { accept, scalingEndpoint, type Handling } from '../support/scaling-endpoint.js';
import { serveFromCommandLine, startCommandLine, type ServedDhalion } from '../support/command-line.js';

t.setTimeout(280_000);

/** A call in flight has 5 s to be answered; the rest is for a loaded machine. */
const GRACEFUL_MS = 15_000;

/** As in every configuration of seconds. */
const EVALUATION_INTERVAL_S = 1;

void t.test('serve', async (t) => {
  const names = ['hanging', 'waiting', 'undecided', 'settling'];
  const exporter = await flinkExporter(t, Object.fromEntries(names.map((name) => [name, UNDERPROVISIONED])));
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const configFile = await world.writeConfig(
    dhalionConfig({
      prometheusUrl: world.prometheus.url,
      folder: world.folder,
      webhookUrl: scaler.url,
      scaler: 'timeout: 1m',
      topologies: names.map((name) => topologyEntry(name)),
    }),
  );
  const port = await freePort();
  const serve = (): Promise<ServedDhalion> => serveFromCommandLine(t, { configFile, port });
  const carryOut: Handling = (response, { body }) => {
    exporter.setJob(body.topology, HEALTHY);
    accept(response);
  };
  const tooSmall = (topology: string) => ({ topology, operator: 'split', diagnosis: 'underprovisioning' });
  const diagnosed = (dhalion: ServedDhalion, topology: string): Promise<true> =>
    eventually(`${topology} is too small`, async () => {
      const value = await dhalion.metric('dhalion_diagnosis', { topology, diagnosis: 'underprovisioning' });
      return value === 1 && true;
    });
  const outcomeOf = (dhalion: ServedDhalion, topology: string): Promise<string> =>
    eventually('an outcome', async () => (await dhalion.actions(topology))[0]?.outcome);
  const endGracefully = async (dhalion: ServedDhalion): Promise<number> => {
    const toldAtMs = Date.now();
    dhalion.kill('SIGTERM');
    t.same(await dhalion.ended, { code: 0, signal: null });
    t.same(dhalion.logLines().slice(-1), [{ ...dhalion.logLines().at(-1), msg: 'stopped' }]);
    return Date.now() - toldAtMs;
  };

  await t.test('it logs its address, and ends with 0 on request', async (t) => {
    const dhalion = await serve();
    t.match(
      dhalion.logLines().find(({ msg }) => msg === 'listening'),
      { level: 'info', url: dhalion.url, topologies: 4, config: configFile, storage: /^\/.*\/action-log\.db$/ },
    );
    t.equal((await dhalion.get('/-/ready')).status, 200);
    const tookMs = await endGracefully(dhalion);
    t.ok(tookMs < GRACEFUL_MS, `${tookMs} ms`);
    t.equal(dhalion.stdout(), '', 'logs go to stderr');
  });

  await t.test('its log is logfmt by default', async (t) => {
    const child = startCommandLine(t, [
      'serve',
      `--config.file=${configFile}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await eventually('it listens', () => /^level=info time=\S+ .*msg=listening$/m.test(child.stderr()));
    child.kill('SIGINT');
    t.same(await child.ended, { code: 0, signal: null });
  });

  await t.test('a Prometheus that hangs does not keep it from ending', async (t) => {
    const dhalion = await serve();
    await eventually('it has looked', () => dhalion.metric('dhalion_operator_parallelism'));
    world.prometheus.suspend();
    t.teardown(() => {
      world.prometheus.resume();
    });
    await eventually('an evaluation is late, since it waits', async () => {
      const lastS = (await dhalion.metric('dhalion_last_evaluation_timestamp_seconds')) ?? Infinity;
      return Date.now() / 1000 - lastS > 2 * EVALUATION_INTERVAL_S;
    });
    const tookMs = await endGracefully(dhalion);
    t.ok(tookMs < GRACEFUL_MS, `${tookMs} ms`);
  });

  await t.test('a call that is not answered is parked, and repeated under its key after the restart', async (t) => {
    scaler.handle('hanging', (response, call, attempt) => {
      // The first call is taken, and never answered.
      if (attempt > 1) carryOut(response, call, attempt);
    });
    const first = await serve();
    await diagnosed(first, 'hanging');
    await reportUntil('a call', first, [tooSmall('hanging')], () => scaler.calls('hanging').length === 1);
    const tookMs = await endGracefully(first);
    t.ok(tookMs < GRACEFUL_MS, `${tookMs} ms`);

    const second = await serve();
    t.equal(await outcomeOf(second, 'hanging'), 'resolved');
    const calls = scaler.calls('hanging');
    t.equal(calls.length, 2);
    t.equal(new Set(calls.map(({ headers }) => headers['idempotency-key'])).size, 1);
    t.equal(new Set(calls.map(({ rawBody }) => rawBody)).size, 1);
    t.equal((await second.actions('hanging')).length, 1);
    await endGracefully(second);
  });

  await t.test('an accepted alert that was not decided is decided after a kill', async (t) => {
    scaler.handle('undecided', carryOut);
    const first = await serve();
    await diagnosed(first, 'undecided');
    world.prometheus.suspend();
    t.teardown(() => {
      world.prometheus.resume();
    });
    t.equal(await first.notify(tooSmall('undecided')), 202);
    t.same(await first.decisions('undecided'), []);
    first.kill('SIGKILL');
    t.same(await first.ended, { code: null, signal: 'SIGKILL' });
    world.prometheus.resume();

    const second = await serve();
    t.equal(await outcomeOf(second, 'undecided'), 'resolved');
    t.match(await second.decisions('undecided'), [{ decision: 'act' }]);
    t.equal(scaler.calls('undecided').length, 1);
    await endGracefully(second);
  });

  await t.test('an action that was settling is judged after a kill, and not called again', async (t) => {
    scaler.handle('settling', carryOut);
    const first = await serve();
    await diagnosed(first, 'settling');
    await reportUntil('the call is completed', first, [tooSmall('settling')], async () => {
      const [action] = await first.actions('settling');
      return action?.state === 'completed';
    });
    first.kill('SIGKILL');
    await first.ended;

    const second = await serve();
    t.equal(await outcomeOf(second, 'settling'), 'resolved');
    t.match(await second.actions('settling'), [{ attempts: 1, state: 'judged', desired_parallelism: 4 }]);
    t.equal(scaler.calls('settling').length, 1);
    await endGracefully(second);
  });
});
