// The real service on an action log in a file that cannot be written for a while: it says so, takes nothing, and goes on by
// itself. A PostgreSQL that is lost: replicas.test.ts and npm run outages; each fault of a file: action-log/storage-faults.
import Database from 'libsql';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { serveFromCommandLine } from '../support/command-line.js';
import { eventually } from '../support/dhalion-client.js';
import { topologyEntry } from '../support/flink-jobs.js';
import { dhalionConfig, startLoopWorld } from '../support/loop-world.js';
import { scalingEndpoint } from '../support/scaling-endpoint.js';

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
      t.equal(status, 503, 'what an alert met is told at once');
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

  await t.test('one that is moved away is noticed, though it could still be written', async (t) => {
    renameSync(file, `${file}.elsewhere`);
    await eventually('it is not ready', async () => !(await isReady()));
    t.match((await dhalion.get('/-/ready')).text, /action-log\.db was removed or replaced/);
    renameSync(`${file}.elsewhere`, file);
    await eventually('it is ready', isReady);
    t.equal(await dhalion.notify(NOTICE), 202);
  });
});
