import { existsSync } from 'node:fs';
import t from 'tap';
import { checkConfigCommand, type CheckConfigOptions } from '../../src/commands/check-config-command.js';
import { readConfiguration } from '../../src/commands/load-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';

const VALID = 'prometheus: {url: http://127.0.0.1:9090}\ntopologies: [{name: wordcount, engine: flink}]\n';

async function check(
  file: string,
  checkOnline?: CheckConfigOptions['checkOnline'],
): Promise<{ exitCode: number; lines: string[] }> {
  let written = '';
  const exitCode = await checkConfigCommand({
    file,
    builtInEngines: BUILT_IN_ENGINES,
    readFile: readConfiguration,
    fileExists: existsSync,
    write: (text) => {
      written += text;
    },
    ...(checkOnline === undefined ? {} : { checkOnline }),
  });
  return { exitCode, lines: written.trimEnd().split('\n') };
}

await t.test('a sound configuration is summarized and the exit code is 0', async (t) => {
  const file = `${t.testdir({ 'dhalion.yml': VALID })}/dhalion.yml`;
  const { exitCode, lines } = await check(file);
  t.equal(exitCode, 0);
  t.equal(lines[0], `SUCCESS: ${file} is a valid configuration`);
  t.equal(lines[1], '  looks at wordcount; calls nobody');
  t.equal(lines[2], '  prometheus: http://127.0.0.1:9090 (POST, timeout 30s)');
});

await t.test('every fault is a line with its place, and the exit code is 1', async (t) => {
  const file = `${t.testdir({ 'dhalion.yml': `${VALID}windw: 5m\npolicy: {mode: off}\n` })}/dhalion.yml`;
  const { exitCode, lines } = await check(file);
  t.equal(exitCode, 1);
  t.match(lines, [
    new RegExp(`^${file}:3:1: windw: is not a known key; did you mean "window"\\?$`),
    `${file}:4:16: policy.mode: must be one of enforce, dry_run, observe; found off`,
    `FAILED: 2 faults in ${file}`,
  ]);
});

await t.test('a secret file that is not there is a fault', async (t) => {
  const folder = t.testdir({ token: 'x' });
  const file = t.testdir({
    'dhalion.yml': `${VALID}webhooks:
  a: {url: http://127.0.0.1/, signing_secret_file: ${folder}/nothing}
`,
  });
  const { exitCode, lines } = await check(`${file}/dhalion.yml`);
  t.equal(exitCode, 1);
  t.match(lines[0], /webhooks\.a\.signing_secret_file: must be a regular file that can be read/);
});

await t.test('a file that cannot be read is named', async (t) => {
  const file = `${t.testdir({})}/nothing.yml`;
  const { exitCode, lines } = await check(file);
  t.equal(exitCode, 1);
  t.match(lines, [new RegExp(`^${file}: cannot be read \\(ENOENT`), `FAILED: 1 fault in ${file}`]);
});

await t.test('an online finding counts like a fault, and a faulty file has no online check', async (t) => {
  const folder = t.testdir({ 'good.yml': VALID, 'bad.yml': 'window: 5m\n' });
  let asked = 0;
  const checkOnline =
    (problems: string[], warnings: string[] = []) =>
    () => {
      asked += 1;
      return Promise.resolve({ problems, warnings, seen: ['seen: flink listed: 1 topology'] });
    };
  const online = await check(`${folder}/good.yml`, checkOnline(['flink: busy: no such metric']));
  t.equal(online.exitCode, 1);
  t.equal(online.lines[0], 'flink: busy: no such metric');
  const well = await check(`${folder}/good.yml`, checkOnline([]));
  t.equal(well.exitCode, 0);
  t.equal(well.lines.at(-1), '  seen: flink listed: 1 topology');
  const doubtful = await check(`${folder}/good.yml`, checkOnline([], ['warning: the clocks differ']));
  t.equal(doubtful.exitCode, 0);
  t.equal(doubtful.lines[0], 'warning: the clocks differ');
  t.equal((await check(`${folder}/bad.yml`, checkOnline([]))).exitCode, 1);
  t.equal(asked, 3);
});
