// The built command line when its output has no reader.
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { dhalionClient, eventually } from '../support/dhalion-client.js';

t.setTimeout(240_000);

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = t.testdir({
  'dhalion.yml':
    'prometheus: {url: "http://127.0.0.1:1"}\ntopologies: [{name: a, engine: flink}]\nevaluation_interval: 3s\n',
  'faulty.yml': Array.from({ length: 100 }, (_, index) => `key${index}: 1\n`).join(''),
});

void t.test('a closed output ends a printing command without a message', async (t) => {
  const child = spawn(process.execPath, [CLI, 'check', 'config', join(folder, 'faulty.yml')], { env: {} });
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  t.equal(await new Promise((resolve) => child.once('close', resolve)), 141);
  t.equal(said, '');
});

void t.test('output that cannot be written is a fault, in one line', async (t) => {
  const full = openSync('/dev/full', 'w');
  const args = [CLI, 'check', 'config', join(folder, 'dhalion.yml')];
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', full, 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  t.equal(await new Promise((resolve) => child.once('close', resolve)), 1);
  t.match(said, /^dhalion: the output cannot be written: ENOSPC: [^\n]*\n$/);
});

async function goesOn(t: Test, stderr: number | 'pipe'): Promise<void> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [CLI, 'serve', `--config.file=${join(folder, 'dhalion.yml')}`, `--storage.path=${t.testdir()}`].concat([
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=debug',
    ]),
    { env: {}, stdio: ['ignore', 'ignore', stderr] },
  );
  child.stderr?.destroy();
  t.teardown(() => child.kill('SIGKILL'));
  const client = dhalionClient(`http://127.0.0.1:${port}`);
  const linesLost = async (): Promise<number> => {
    const answer = await client.get('/metrics').catch(() => null);
    return Number(/^dhalion_log_lines_lost_total (\d+)$/m.exec(answer?.text ?? '')?.[1] ?? 0);
  };
  // That it listens, and that Prometheus does not answer.
  await eventually('lines are lost, and counted', async () => (await linesLost()) >= 2);
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  t.equal(await ended, 0);
}

void t.test('a log on a full disk does not end the service', (t) => goesOn(t, openSync('/dev/full', 'w')));

void t.test('a log whose reader has gone does not end the service', (t) => goesOn(t, 'pipe'));
