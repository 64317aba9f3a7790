// The real service on an action log in a file that cannot be written for a while: it says so, takes nothing, and goes on by
// itself. A PostgreSQL that is lost: replicas.test.ts and npm run outages; each fault of a file: action-log/storage-faults.
import Database from 'libsql';
import { copyFileSync, renameSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { crashWorld } from '../crash/crash-world.js';
import { serveFromCommandLine } from '../support/command-line.js';
import { eventually } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { HEALTHY, topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, startLoopWorld } from '../support/loop-world.js';
import { accept, scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(240_000);

const NOTICE = { topology: 'any', operator: 'split', diagnosis: 'underprovisioning' };

void t.test('an action log in a file', async (t) => {
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [] });
  const config = dhalionConfig({
    prometheusUrl: world.prometheus.url,
    folder: world.folder,
    webhookUrl: scaler.url,
    topologies: [topologyEntry('any')],
  });
  const dhalion = await serveFromCommandLine(t, { configFile: await world.writeConfig(config) });
  const file = join(world.folder, 'data', 'action-log.db');
  const isReady = async (): Promise<boolean> => (await dhalion.get('/-/ready')).status === 200;
  const linesOf = (message: string): number => dhalion.logLines().filter(({ msg }) => msg === message).length;

  await t.test(
    'while another process holds its lock nothing is taken; afterwards all is, without a restart',
    async (t) => {
      t.equal(await dhalion.notify(NOTICE), 202);
      const other = new Database(file);
      // The service may be writing just now.
      other.exec('pragma busy_timeout = 10000');
      other.exec('begin immediate');
      t.equal(await dhalion.notify(NOTICE), 503);
      const { status, text } = await dhalion.get('/-/ready');
      t.equal(status, 503, 'an alert gets the error at once');
      t.match(text, /action-log\.db is locked by another process/);
      t.equal(await dhalion.metric('dhalion_storage_up'), 0);
      t.equal((await dhalion.get('/-/healthy')).status, 200);
      await dhalion.get('/-/ready');
      t.equal(linesOf('the action log cannot be used'), 1, 'it is logged once');

      other.exec('rollback');
      other.close();
      await eventually('it is ready', isReady);
      t.equal(await dhalion.metric('dhalion_storage_up'), 1);
      t.equal(linesOf('the action log can be used again'), 1);
      t.equal(await dhalion.notify(NOTICE), 202);
      await eventually('both are decided', async () => (await dhalion.decisions('any')).length === 2);
    },
  );
});

/** Nothing that is done to the files of the log is to be met with a 2xx, or with a call, that a restart knows nothing of. */
void t.test('the files of an action log', async (t) => {
  const exporter = await flinkExporter(t, {});
  const shared = { exporter, world: await startLoopWorld(t, { scrape: [exporter.url] }) };

  /** A service that repeats a call answered with 503 until the endpoint obeys. */
  const callingService = async (t: Test, topology: string) => {
    const world = await crashWorld(t, shared, { topology, job: UNDERPROVISIONED });
    world.scaler.handle(topology, (response) => response.writeHead(503).end());
    const service = await world.start();
    await world.report('underprovisioning');
    await eventually('a call', () => world.scaler.calls().length > 0);
    const faults = (): number =>
      service.logLines().filter(({ msg }) => msg === 'the action log failed during a call').length;
    const obey = (): void => {
      world.scaler.handle(topology, (response) => {
        world.setJob(HEALTHY);
        accept(response);
      });
    };
    return {
      ...world,
      service,
      faults,
      obey,
      file: join(world.storage, 'action-log.db'),
      notice: { ...NOTICE, topology },
    };
  };

  const losses: Readonly<Record<string, (file: string) => void>> = {
    removed: unlinkSync,
    replaced: (file) => {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
    truncated: truncateSync,
    cut: (file) => {
      truncateSync(`${file}-wal`);
    },
  };
  for (const [what, lose] of Object.entries(losses)) {
    await t.test(`while one is ${what}, nothing is accepted and no webhook is called`, async (t) => {
      const { service, scaler, faults, file, notice } = await callingService(t, what);
      lose(file);
      t.equal(await service.notify(notice), 503);
      const { status, text } = await service.get('/-/ready');
      t.equal(status, 503);
      t.match(text, /action-log\.db was (?:removed or replaced|truncated|damaged by another process) /);
      await eventually('the call is not repeated', () => faults() > 0);
      const calls = scaler.calls().length;
      await eventually('nor is it later', () => faults() > 3);
      t.equal(scaler.calls().length, calls);
      t.equal(await service.notify(notice), 503);
    });
  }

  await t.test('one that is moved away and back is the same again, and all goes on', async (t) => {
    const { service, scaler, file, notice, obey, ...world } = await callingService(t, 'moved');
    renameSync(file, `${file}.elsewhere`);
    t.equal(await service.notify(notice), 503);
    renameSync(`${file}.elsewhere`, file);
    t.equal(await service.notify(notice), 202);
    obey();
    await world.action('the judgement', ({ outcome }) => outcome === 'resolved');
    t.equal(new Set(scaler.calls().map(({ headers }) => headers['idempotency-key'])).size, 1);
    await eventually('both are decided', () => world.log().decisions.length === 2);
    t.strictSame(world.violations(), []);
  });

  await t.test('the content of a removed write-ahead log is there after a kill, and later alerts, too', async (t) => {
    const { service, file, notice, obey, ...world } = await callingService(t, 'unlogged');
    unlinkSync(`${file}-wal`);
    await eventually('the loss is reported', () =>
      service.logLines().some(({ error }) => String(error).includes('lost its write-ahead log')),
    );
    await eventually('it is accepted again', async () => (await service.notify(notice)) === 202);
    await service.end();

    obey();
    await world.start();
    const action = await world.action('the judgement', ({ outcome }) => outcome === 'resolved');
    await eventually('both are decided', () => world.log().decisions.length === 2);
    t.match(world.log(), { alerts: [{ id: 1 }, { id: 2 }], actions: [{ id: action.id }] });
    t.strictSame(world.violations(), []);
  });
});
