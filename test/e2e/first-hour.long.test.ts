// The README's quick start as somebody follows it who has Debian's Prometheus and Alertmanager and exports a job's metrics: the
// configurations and commands are those of the documents, except for the ports, and for the intervals of "Trying it quickly".
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { runCommandLine, spawnDhalion } from '../support/command-line.js';
import { eventually } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { flinkRestServer } from '../support/flink-rest-server.js';
import { codeBlocksOf, readDocument } from '../support/markdown.js';
import { idsOf, NUMBERS_JOB, SCALED_NUMBERS_JOB } from '../support/numbers-job.js';
import { printRules } from '../support/print-rules.js';
import { alertmanagerFor, folderFor, prometheusFor } from '../support/real-parts.js';

t.setTimeout(900_000);
/** A window of a minute, an alert that waits, a notification: at most a few minutes, on a machine that is busy too. */
const PATIENCE_MS = 300_000;

const readme = codeBlocksOf(await readDocument('README.md'));
const rulesReadme = codeBlocksOf(await readDocument('rules/README.md'));
const [recommending = '', acting = ''] = readme
  .filter(({ language, heading }) => language === 'yaml' && heading === 'Quick start')
  .map(({ text }) => text);
const quickly = rulesReadme.find(({ heading, language }) => heading === 'Trying it quickly' && language === 'yaml');
const prometheusYml = rulesReadme.find(({ text }) => text.startsWith('rule_files:'))?.text ?? '';

/** What the README shows of the output of each step, as lines; ages, file names and the names of Flink's tasks aside. */
const [checkShown = [], decisionShown = [], explainShown = [], actionsShown = []] = readme
  .filter(({ language, heading }) => language === 'text' && heading === 'Quick start')
  .map(({ text }) =>
    comparable(text)
      .split('\n')
      .filter((line) => line !== ''),
  );

function comparable(output: string): string {
  return output
    .replace(/\bnow\b|\d+ (?:s|min|h) ago/g, 'N ago')
    .replaceAll('split:_a_b', 'split')
    .replace(/SUCCESS: \S+/, 'SUCCESS: dhalion.yml');
}

/** Every line of them is in the output as it is. */
function checkShownLines(t: Test, shown: readonly string[], output: string): void {
  t.ok(shown.length > 0, 'the README shows it');
  for (const line of shown) t.ok(comparable(output).includes(line), `${line}\nis in\n${comparable(output)}`);
}

/** A command of the README that begins so, with its arguments; the configuration where it is. */
function commandOf(start: string, file: string): readonly string[] {
  const lines = readme.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
  const line = lines.find((text) => text.startsWith(`dhalion ${start}`));
  if (line === undefined) throw new Error(`the README has no command that begins with dhalion ${start}`);
  const words = [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
  return words.slice(1).map((word) => word.replace('dhalion.yml', file));
}

async function setUp(t: Test) {
  const exporter = await flinkExporter(t, { wordcount: NUMBERS_JOB });
  const flink = await flinkRestServer(
    t,
    (_, { method }) => {
      // A rescale shows in the series.
      if (method === 'PUT') exporter.setJob('wordcount', SCALED_NUMBERS_JOB);
      return false;
    },
    idsOf('wordcount'),
  );
  const port = await freePort();
  const dhalionUrl = `http://127.0.0.1:${port}`;
  const alertmanager = await alertmanagerFor(t, {
    config: await printRules({ part: 'alertmanager', evaluationInterval: '15s', dhalionUrl }),
  });
  const config = prometheusYml
    .replace('127.0.0.1:10017', `127.0.0.1:${port}`)
    .replace('127.0.0.1:9093', new URL(alertmanager.url).host)
    .replace('rules/dhalion-alerts.yml', 'dhalion-alerts-fast.yml')
    .replace('scrape_interval: 15s', 'scrape_interval: 5s')
    .replace(
      'scrape_configs:\n',
      `scrape_configs:\n  - {job_name: flink, scrape_interval: 5s, static_configs: [{targets: ["${new URL(exporter.url).host}"]}]}\n`,
    );
  const prometheus = await prometheusFor(t, {
    config,
    extraFiles: { 'dhalion-alerts-fast.yml': await printRules({ evaluationInterval: '15s', scaleDownAfter: '2m' }) },
  });
  const folder = await folderFor(t);
  const file = join(folder, 'dhalion.yml');
  const onThisMachine = (text: string): string =>
    text
      .replace('http://127.0.0.1:9090', prometheus.url)
      .replace('http://127.0.0.1:8081', flink.url)
      .replace('evaluation_interval: 1m\nwindow: 2m\n', '');
  const write = (text: string): Promise<void> =>
    writeFile(file, `${onThisMachine(text)}\n${quickly?.text ?? ''}\nstorage: {path: ${join(folder, 'data')}}\n`);
  return { flink, port, file, write };
}

await t.test('the README leads to the closed loop, step by step', async (t) => {
  const { flink, port, file, write } = await setUp(t);
  const service = (...args: readonly string[]) => runCommandLine(t, ...args, `--url=http://127.0.0.1:${port}`);

  t.comment('1. Recommend');
  await write(recommending);
  const checked = await runCommandLine(t, ...commandOf('check config', file));
  t.equal(checked.code, 0);
  checkShownLines(t, checkShown, checked.stdout);
  const dhalion = spawnDhalion({ configFile: file, port });
  t.teardown(() => dhalion.end());
  t.ok(await dhalion.ready(), dhalion.stderr());
  const recommended = { topology: 'wordcount', operator: 'split:_a_b' };
  const isRecommended = async (): Promise<boolean> =>
    (await dhalion.metric('dhalion_operator_recommended_parallelism', recommended)) === 4;
  await eventually('4 instances of split are recommended', isRecommended, PATIENCE_MS);
  t.match(await service(...commandOf('status', file)), { code: 0, stdout: /wordcount/ });

  t.comment('2. Wire the loop');
  const observed = await eventually(
    'an alert is held',
    async () => (await dhalion.decisions('wordcount')).find(({ decision }) => decision === 'hold'),
    PATIENCE_MS,
  );
  t.match(observed, { reason: 'observe_only', operator: 'split:_a_b', diagnosis: 'underprovisioning' });
  checkShownLines(t, decisionShown, (await dhalion.get('/api/v1/decisions?topology=wordcount')).text);

  t.comment('3. Rehearse');
  await write(acting);
  t.match(await runCommandLine(t, ...commandOf('check config', file)), { code: 0 });
  dhalion.kill('SIGHUP');
  const [rehearsed] = await eventually(
    'a rehearsal',
    async () => {
      const actions = await dhalion.actions('wordcount');
      return actions.length > 0 && actions;
    },
    PATIENCE_MS,
  );
  t.match(rehearsed, { resolver: 'scale_up', operator: 'split', current_parallelism: 2, desired_parallelism: 4 });
  t.ok(((await dhalion.metric('dhalion_holds_total', { reason: 'dry_run' })) ?? 0) > 0);
  t.strictSame(flink.puts(), [], 'no webhook was called');
  const explained = await service(...commandOf('explain wordcount', file));
  t.equal(explained.code, 0);
  checkShownLines(t, explainShown, explained.stdout);
  t.match(await service('cancel', rehearsed?.id ?? ''), { code: 0 });

  t.comment('4. Act');
  await write(acting.replace('mode: dry_run', 'mode: enforce'));
  dhalion.kill('SIGHUP');
  const acted = await eventually(
    'a judgement',
    async () => {
      const [newest] = await dhalion.actions('wordcount');
      return newest?.state === 'judged' && newest.id !== rehearsed?.id && newest;
    },
    PATIENCE_MS,
  );
  t.match(acted, { resolver: 'scale_up', operator: 'split', desired_parallelism: 4, outcome: 'resolved' });
  t.equal(flink.puts().length, 1, 'one call');
  t.equal(flink.puts()[0]?.['vertex_split:_a_b']?.parallelism.upperBound, 4);

  t.comment('At three in the morning');
  const listed = await service(...commandOf('actions wordcount', file));
  t.equal(listed.code, 0);
  checkShownLines(t, actionsShown, listed.stdout);
  t.match(await service(...commandOf('pause wordcount', file)), { code: 0 });
  t.match(await service(...commandOf('status', file)), { stdout: /paused/ });
  t.match(await service(...commandOf('resume wordcount', file)), { code: 0 });
  t.match(await dhalion.end('SIGTERM'), { code: 0 });
});
