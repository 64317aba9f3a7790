// A reload of the real service: a bad file changes nothing. A good file drops a topology with a settling action: the action is
// finished, judged and, if harmful, reverted, and no new action starts.
import t from 'tap';
import { serveFromCommandLine } from '../support/command-line.js';
import { eventually, reportUntil, type ApiAction, type Notice } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { HARMED, HEALTHY, OVERPROVISIONED, topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, startLoopWorld } from '../support/loop-world.js';
import { accept, scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(240_000);

const TOPOLOGIES = ['raised', 'harmed', 'kept'];
const tooSmall = (topology: string) => ({ topology, operator: 'split', diagnosis: 'underprovisioning' });
const tooLarge = (topology: string) => ({ topology, operator: 'split', diagnosis: 'overprovisioning' });

void t.test('a reload', async (t) => {
  const exporter = await flinkExporter(t, { raised: UNDERPROVISIONED, harmed: OVERPROVISIONED, kept: HEALTHY });
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const configWith = (topologies: readonly string[]): Promise<string> =>
    world.writeConfig(
      dhalionConfig({
        prometheusUrl: world.prometheus.url,
        folder: world.folder,
        webhookUrl: scaler.url,
        topologies: topologies.map((name) => topologyEntry(name)),
      }),
    );
  const dhalion = await serveFromCommandLine(t, { configFile: await configWith(TOPOLOGIES) });
  scaler.handle('raised', (response) => {
    exporter.setJob('raised', HEALTHY);
    accept(response);
  });
  scaler.handle('harmed', (response, { body }) => {
    exporter.setJob('harmed', body.resolver === 'revert' ? HEALTHY : HARMED);
    accept(response);
  });
  const actionOf = async (topology: string, resolver: string): Promise<ApiAction | undefined> =>
    (await dhalion.actions(topology)).find((action) => action.resolver === resolver);
  /** Notifies until the action settles. */
  const settling = (notice: Notice, resolver: string): Promise<true> =>
    reportUntil(`${resolver} of ${notice.topology} settles`, dhalion, [notice], async () => {
      return (await actionOf(notice.topology, resolver))?.state === 'completed';
    });
  const outcomeOf = (topology: string, resolver: string): Promise<string> =>
    eventually(`an outcome of ${topology}`, async () => (await actionOf(topology, resolver))?.outcome);
  const diagnosed = (notice: ReturnType<typeof tooSmall>): Promise<boolean> =>
    eventually('the diagnosis', async () => (await dhalion.metric('dhalion_diagnosis', notice)) === 1);

  await t.test('a bad file changes nothing, and all its faults are reported', async (t) => {
    const before = await dhalion.get('/api/v1/topologies');
    await world.writeConfig(
      'prometheus: {url: nowhere}\nevaluation_interval: soon\ntopologies: [{name: kept, engine: flnk}]\n',
    );
    const response = await fetch(`${dhalion.url}/-/reload`, { method: 'POST' });
    t.equal(response.status, 500);
    t.match(await response.text(), /prometheus\.url: (.|\n)*evaluation_interval: (.|\n)*did you mean "flink"/);
    t.equal(await dhalion.metric('dhalion_config_last_reload_successful'), 0);
    const told = dhalion.logLines().filter(({ level }) => level === 'error');
    t.match(told, [
      { msg: 'the configuration was not reloaded; the old one remains in force', error: /evaluation_interval/ },
    ]);
    const namesOf = ({ text }: { text: string }): string[] =>
      (JSON.parse(text) as { data: { topology: string }[] }).data.map(({ topology }) => topology);
    t.same(namesOf(await dhalion.get('/api/v1/topologies')), namesOf(before));
    t.same(namesOf(before), ['harmed', 'kept', 'raised']);
    const { status, text } = await dhalion.get('/-/ready');
    t.equal(status, 200);
    t.match(
      text,
      /^The last reload was refused, and a restart would fail: .*dhalion.*\.yml:1:\d+: .* \(and 2 more\)$/m,
    );
  });

  await Promise.all([diagnosed(tooSmall('raised')), diagnosed(tooLarge('harmed'))]);
  await Promise.all([settling(tooSmall('raised'), 'scale_up'), settling(tooLarge('harmed'), 'scale_down')]);
  await configWith(['kept']);
  dhalion.kill('SIGHUP');
  await eventually('it is reloaded', () => dhalion.logLines().some(({ msg }) => msg === 'configuration reloaded'));

  t.equal(await dhalion.metric('dhalion_config_last_reload_successful'), 1);
  t.notMatch((await dhalion.get('/-/ready')).text, /refused/);

  await t.test('they are gone from all current views, and their alerts are unknown', async (t) => {
    const operators = 'dhalion_operator_parallelism';
    t.equal(await dhalion.metric(operators, { topology: 'raised' }), null);
    await eventually('the one that is kept is looked at', () => dhalion.metric(operators, { topology: 'kept' }));
    t.equal((await dhalion.get('/api/v1/topologies/raised')).status, 404);
    await dhalion.notify(tooSmall('raised'));
    const held = await eventually('a decision', async () =>
      (await dhalion.decisions('raised')).find(({ decision }) => decision === 'hold'),
    );
    t.equal(held.reason, 'unknown_topology');
  });

  await t.test('an action in progress is judged', async (t) => {
    t.equal(await outcomeOf('raised', 'scale_up'), 'resolved');
    t.equal(await outcomeOf('harmed', 'scale_down'), 'harmful');
  });

  await t.test('harm is undone', async (t) => {
    t.equal(await outcomeOf('harmed', 'revert'), 'resolved');
    t.same(
      scaler.calls('harmed').map(({ body }) => [body.resolver, body.desired_parallelism]),
      [
        ['scale_down', 2],
        ['revert', 4],
      ],
    );
    t.equal(scaler.calls('raised').length, 1);
  });
});
