// The built command line where too few files may be open, as `ulimit` and service managers set it: Node opens the files of
// modules at once and calls those that it could not open missing.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { spawnLimited } from '../support/limited-command-line.js';

t.setTimeout(240_000);

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const SOUND = `
prometheus: {url: "http://127.0.0.1:1"}
topologies: [{name: wordcount, engine: flink}]
`;
const TOO_FEW = /^dhalion: too few file descriptors: this process may have (\d+) open, and dhalion needs 512 .+\n$/;

for (const limit of [30, 42, 150]) {
  await t.test(`with ${limit} file descriptors the service says in one line that these are too few`, async (t) => {
    const folder = t.testdir({ 'dhalion.yml': SOUND });
    const { code, stderr } = await spawnLimited(t, limit, [CLI, 'serve', `--config.file=${folder}/dhalion.yml`]);
    t.equal(code, 1);
    t.equal(TOO_FEW.exec(stderr)?.[1], String(limit), stderr);
  });
}

await t.test('with as many as it says it needs, it finds fault with where it is to listen', async (t) => {
  const folder = t.testdir({ 'dhalion.yml': SOUND });
  const args = [`--config.file=${folder}/dhalion.yml`, `--storage.path=${folder}/data`];
  const { code, stderr } = await spawnLimited(t, 512, [CLI, 'serve', ...args, '--web.listen-address=127.0.0.1:99999']);
  t.equal(code, 1);
  t.match(stderr, /99999/);
  t.notMatch(stderr, /file descriptors/);
});

await t.test('a part that is really missing is called missing', async (t) => {
  const script = join(t.testdir(), 'cli.mjs');
  await cp(CLI, script);
  const { code, stderr } = await spawnLimited(t, 512, [script, '--version']);
  t.equal(code, 1);
  t.match(stderr, /Cannot find module .*run-command-line\.js/);
  t.notMatch(stderr, /file descriptors/);
});
