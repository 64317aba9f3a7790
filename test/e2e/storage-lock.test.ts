// Two `dhalion serve` on one folder, as processes of their own: one of them has it, and the other ends or waits.
import { hostname } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { runCommandLine, serveFromCommandLine, spawnDhalion } from '../support/command-line.js';
import { eventually } from '../support/dhalion-client.js';
import { topologyEntry } from '../support/flink-jobs.js';
import { dhalionConfig, startLoopWorld } from '../support/loop-world.js';

t.setTimeout(240_000);

const NOTICE = { topology: 'any', operator: 'split', diagnosis: 'underprovisioning' };
const WAITING = 'waiting: another process uses the folder of the action log';

void t.test('one folder', async (t) => {
  const world = await startLoopWorld(t, { scrape: [] });
  const configFile = await world.writeConfig(
    dhalionConfig({
      prometheusUrl: world.prometheus.url,
      folder: world.folder,
      webhookUrl: 'http://127.0.0.1:9',
      topologies: [topologyEntry('any')],
    }),
  );
  const hasSaid = (service: { logLines(): readonly Readonly<Record<string, unknown>>[] }, message: string) =>
    service.logLines().find(({ msg }) => msg === message);

  await t.test('a second service says who has it and ends with 1; checking a configuration needs none', async (t) => {
    const startedAtMs = Date.now();
    const first = await serveFromCommandLine(t, { configFile });
    const second = spawnDhalion({ configFile, port: await freePort() });
    t.same(await second.ended, { code: 1, signal: null });
    const file = join(world.folder, 'data', 'action-log.db');
    const [, pid, host, since = ''] =
      /is in use by process (\d+) on host (\S+), since (\S+)\n$/.exec(second.stderr()) ?? [];
    t.ok(second.stderr().startsWith(`dhalion: the action log at ${file} `), second.stderr());
    t.ok(Number(pid) > 1 && Number(pid) !== process.pid);
    t.equal(host, hostname());
    t.ok(Date.parse(since) >= startedAtMs - 1 && Date.parse(since) <= Date.now());
    t.equal(await first.notify(NOTICE), 202, 'the first one goes on');
    t.match(await runCommandLine(t, 'check', 'config', configFile), { code: 0 });
    await first.end();
  });

  await t.test('a service that waits goes on when the other one ends, or is killed', async (t) => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const first = await serveFromCommandLine(t, { configFile });
      const second = spawnDhalion({ configFile, port: await freePort(), args: ['--storage.wait'] });
      t.teardown(() => second.end());
      const waiting = await eventually('it waits', () => hasSaid(second, WAITING));
      t.match(waiting, { holder: new RegExp(`^process \\d+ on host ${hostname()}, since `) });
      t.equal(await first.notify(NOTICE), 202);
      t.notOk(hasSaid(second, 'listening'));
      await first.end(signal);
      t.ok(await second.ready());
      t.ok((await second.decisions()).length > 0, 'it is the same log');
      await second.end();
    }
  });

  await t.test('a waiting service ends on request', async (t) => {
    await serveFromCommandLine(t, { configFile });
    const second = spawnDhalion({ configFile, port: await freePort(), args: ['--storage.wait'] });
    t.teardown(() => second.end());
    await eventually('it waits', () => hasSaid(second, WAITING));
    second.kill('SIGTERM');
    t.same(await second.ended, { code: 0, signal: null });
  });
});
