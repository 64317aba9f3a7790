// `dhalion status` and its like as they are typed: arguments, credentials, exit codes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { runCommandLine } from '../support/command-line.js';
import { serviceOf } from '../support/fleet-service.js';
import { startTestService } from '../support/http-service.js';
import { sampleFleet } from '../support/page-samples.js';

t.setTimeout(240_000);

const folder = await mkdtemp(join(tmpdir(), 'dhalion-service-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const TOKEN = 'a-token-that-nobody-guesses';

await t.test('a running service is asked and given orders from the command line', async (t) => {
  const asked: unknown[] = [];
  const { url } = await startTestService(t, {
    service: {
      ...serviceOf(sampleFleet(Date.now())),
      addPause: ({ durationMs, ...request }) => {
        asked.push({ durationMs, ...request });
        return Promise.resolve({ ...request, id: 'x', createdAtMs: 0, expiresAtMs: Date.now() + durationMs });
      },
    },
  });
  const flag = `--url=${url}`;
  t.match(await runCommandLine(t, 'status', flag), { code: 0, stdout: /^Dhalion at .* is ready\./, stderr: '' });
  t.match(await runCommandLine(t, 'explain', 'wordcount', flag), {
    code: 0,
    stdout: /^▲ held up: wordcount/,
    stderr: '',
  });
  t.match(await runCommandLine(t, 'explain', 'wordcoutn', flag), {
    code: 1,
    stdout: '',
    stderr: "dhalion: unknown topology 'wordcoutn'; did you mean 'wordcount'?\n",
  });
  const { stdout } = await runCommandLine(t, 'actions', '--output=json', '--limit=3', flag);
  t.equal((JSON.parse(stdout) as unknown[]).length, 5, 'the service decides how many');
  t.match(await runCommandLine(t, 'pause', flag), { code: 1, stderr: /required option '--reason <text>'/ });
  t.match(await runCommandLine(t, 'pause', 'billing', '--reason=load test', '--duration=30m', flag), {
    code: 0,
    stdout: /^billing is paused, ends in 30 min: “load test”/,
  });
  t.strictSame(asked, [{ topology: 'billing', resolver: null, durationMs: 1_800_000, reason: 'load test' }]);
  t.match(await runCommandLine(t, 'pause', '--reason=x', '--duration=soon', flag), {
    code: 1,
    stderr: /^dhalion: duration must be a duration as Prometheus writes it.*found "soon"\n$/,
  });
  t.match(await runCommandLine(t, 'status', `--url=http://127.0.0.1:${await freePort()}`), {
    code: 1,
    stdout: '',
    stderr: /^dhalion: cannot reach Dhalion at .*ECONNREFUSED.*--url.*\n$/,
  });
});

await t.test('credentials are given by file', async (t) => {
  await writeFile(join(folder, 'token'), `${TOKEN}\n`);
  const webConfigFile = join(folder, 'web.yml');
  await writeFile(webConfigFile, 'bearer_token_files: [token]\n');
  const { url } = await startTestService(t, { service: serviceOf(sampleFleet(Date.now())), webConfigFile });
  t.match(await runCommandLine(t, 'status', `--url=${url}`), {
    code: 1,
    stdout: '',
    stderr: /credentials.*--http\.config\.file/,
  });
  const httpConfig = join(folder, 'http.yml');
  await writeFile(httpConfig, `authorization: {credentials_file: ${JSON.stringify(join(folder, 'token'))}}\n`);
  const told = await runCommandLine(t, 'status', `--url=${url}`, `--http.config.file=${httpConfig}`);
  t.match(told, { code: 0, stdout: /is ready/ });
  await writeFile(httpConfig, 'authorization: {credentials: x}\n');
  t.match(await runCommandLine(t, 'status', `--url=${url}`, `--http.config.file=${httpConfig}`), {
    code: 1,
    stderr: /http\.yml:1:\d+: authorization\.credentials: .*use credentials_file/,
  });
});
