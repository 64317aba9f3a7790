// The built command line: help, faults, and what `check config` says, each with its exit code.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { VERSION } from '../../src/version.js';
import { prometheusWithHistory } from '../support/real-parts.js';
import { healthySubtask } from '../support/sensing.js';
import { runCommandLine } from '../support/command-line.js';

t.setTimeout(240_000);

const SOUND = `
prometheus: {url: "http://127.0.0.1:9090"}
topologies: [{name: wordcount, engine: flink}]
`;
const FAULTY = `
prometheus: {url: "http://127.0.0.1:9090", timout: 3s}
evaluation_interval: soon
topologies: [{name: wordcount, engine: fink}]
`;
const FAULTS = [
  /:2:\d+: prometheus\.timout: .*timeout/,
  /:3:\d+: evaluation_interval: /,
  /:4:\d+: topologies\[0\]\.engine: .*flink/,
];

const folder = await mkdtemp(join(tmpdir(), 'dhalion-cli-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

async function fileWith(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

void t.test('--version and --help are answered on stdout', async (t) => {
  t.same(await runCommandLine(t, '--version'), { code: 0, stdout: `dhalion ${VERSION}\n`, stderr: '' });
  const help = await runCommandLine(t, '--help');
  t.equal(help.code, 0);
  for (const command of ['serve', 'check', 'demo']) t.match(help.stdout, new RegExp(`^ +${command}\\b`, 'm'));
  const serveHelp = await runCommandLine(t, 'serve', '--help');
  t.equal(serveHelp.code, 0);
  for (const flag of ['--config.file', '--web.listen-address', '--storage.path', '--log.level', '--log.format']) {
    t.match(serveHelp.stdout, flag);
  }
});

void t.test('invalid arguments are refused on stderr', async (t) => {
  const refusals: readonly (readonly [string[], RegExp])[] = [
    [['serve', '--config.file=x', '--log.levle=info'], /unknown option '--log\.levle=info'/],
    [['serve'], /required option '--config\.file <file>'/],
    [['serve', '--config.file=x', '--log.level=loud'], /loud.*(debug|info)/],
    [['sevre'], /unknown command 'sevre'/],
    [['check', 'config'], /missing required argument 'file'/],
  ];
  const results = await Promise.all(refusals.map(([args]) => runCommandLine(t, ...args)));
  for (const [index, { code, stdout, stderr }] of results.entries()) {
    const [args, expected] = refusals[index] ?? [[], /$^/];
    t.equal(code, 1, args.join(' '));
    t.match(stderr, expected);
    t.match(stderr, /--help/, 'it says where help is');
    t.equal(stdout, '');
  }
});

void t.test('serve with a faulty configuration ends with every fault', async (t) => {
  const file = await fileWith('faulty.yml', FAULTY);
  const { code, stderr } = await runCommandLine(t, 'serve', `--config.file=${file}`);
  t.equal(code, 1);
  for (const fault of FAULTS) t.match(stderr, fault);
  t.notMatch(stderr, /\n +at /, 'a stack is of no use here');
});

void t.test('serve without a configuration to read, or a place to listen, ends with the reason', async (t) => {
  const sound = await fileWith('sound.yml', `${SOUND}\nstorage: {path: ${JSON.stringify(folder)}}\n`);
  const missing = await runCommandLine(t, 'serve', `--config.file=${folder}/none.yml`);
  t.equal(missing.code, 1);
  t.match(missing.stderr, /none\.yml.*ENOENT/s);

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const refused = await runCommandLine(t, 'serve', `--config.file=${sound}`, `--web.listen-address=127.0.0.1:${port}`);
  t.equal(refused.code, 1);
  t.match(refused.stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1, port ${port}.*EADDRINUSE`, 's'));

  const beyondLoopback = ['0.0.0.0:0', ':0', '[::]:0'].map((address) => `--web.listen-address=${address}`);
  for (const result of beyondLoopback.map((flag) => runCommandLine(t, 'serve', `--config.file=${sound}`, flag))) {
    t.match(await result, { code: 1, stderr: /refusing to listen.*--web\.allow-unauthenticated/s });
  }
});

void t.test('check config says that a configuration is sound, or all that is wrong with it', async (t) => {
  const sound = await runCommandLine(t, 'check', 'config', await fileWith('sound.yml', SOUND));
  t.match(sound, { code: 0, stdout: /^SUCCESS: .*sound\.yml/, stderr: '' });
  const faulty = await runCommandLine(t, 'check', 'config', await fileWith('faulty.yml', FAULTY));
  t.equal(faulty.code, 1);
  for (const fault of FAULTS) t.match(faulty.stdout, fault);
  t.match(faulty.stdout, /^FAILED: 3 faults/m);
  t.match(await runCommandLine(t, 'check', 'config', `${folder}/none.yml`), { code: 1, stdout: /cannot be read/ });
});

void t.test('check config --online asks the real Prometheus', async (t) => {
  const now = Date.now() / 1000;
  const shift = now - 1_700_000_100;
  const history = healthySubtask({ job: 'wordcount', task: 'split', subtask: 0 }).map((series) => ({
    ...series,
    samples: series.samples.map(([atS, value]) => [atS + shift, value] as const),
  }));
  const { url } = await prometheusWithHistory(t, history);
  const check = async (topology: string, prometheus = url) => {
    const yaml = `prometheus: {url: "${prometheus}", timeout: 20s}\ntopologies: [${topology}]\n`;
    const file = await fileWith(`online-${randomUUID()}.yml`, yaml);
    return runCommandLine(t, 'check', 'config', '--online', file);
  };
  t.match(await check('{name: wordcount, engine: flink}'), {
    code: 0,
    stdout: /^SUCCESS(.|\n)*^ {2}seen: flink listed: 1 topology \(wordcount\), 1 operator$/m,
  });
  t.match(await check('{discover: "word.*", engine: flink}'), {
    code: 0,
    stdout: /^ {2}seen: flink "word\.\*": 1 topology \(wordcount\), 1 operator$/m,
  });
  // Its topologies may start later.
  t.match(await check('{discover: "payments.*", engine: flink}'), {
    code: 0,
    stdout: /^ {2}warning: flink "payments\.\*": no job_name matches now$/m,
  });
  t.match(await check('{name: other, engine: flink}'), {
    code: 1,
    stdout: /topology other: no series with job_name="other"; known: wordcount$/m,
  });
  t.match(await check('{name: wordcoutn, engine: flink}'), {
    code: 1,
    stdout: /topology wordcoutn: no series with job_name="wordcoutn"; did you mean "wordcount"\?$/m,
  });
  t.match(await check('{name: wordcount, engine: flink, operators: [{name: splt}]}'), {
    code: 1,
    stdout: /topology wordcount: operator splt matches no task_name; there are split$/m,
  });
  t.match(await check('{name: wordcount, engine: flink}', `${url}/elsewhere`), {
    code: 1,
    stdout:
      /^prometheus\.url: http:.*\/elsewhere: none of the 15 queries was answered: .*404.*\nFAILED: 1 fault in .*\n$/,
  });
  t.match(await check('{name: wordcount, engine: flink}', `http://127.0.0.1:${await freePort()}`), {
    code: 1,
    stdout: /^prometheus\.url: http:.*: none of the 15 queries was answered: .*unreachable.*\nFAILED: 1 fault in .*\n$/,
  });
});
