// `dhalion backtest` as a user runs it: its reports, its output, and its errors.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import t, { type Test } from 'tap';
import { BACKTEST_JSON_SCHEMA } from '../support/backtest-json-schema.js';
import { chromiumFor } from '../support/chromium.js';
import { runCommandLine, startCommandLine, type RunResult } from '../support/command-line.js';
import { eventually } from '../support/dhalion-client.js';
import { folderFor, prometheusFor, prometheusWithHistory } from '../support/real-parts.js';
import { END_S, flinkSubtask } from '../support/sensing.js';

t.setTimeout(300_000);

const NASTY = '</script><b>"job"&';
const [FROM_S, TO_S] = [END_S - 900, END_S];

/** A job that is held up, with a gap, and a name that means something to HTML. */
const HISTORY = [
  { from: 1500, to: 600 },
  { from: 300, to: 0 },
].flatMap((span) => [
  ...flinkSubtask({
    job: NASTY,
    task: 'Source:_in',
    subtask: 0,
    backPressured: 400,
    recordsIn: 0,
    recordsOut: 50,
    busy: 300,
    ...span,
  }),
  ...flinkSubtask({
    job: NASTY,
    task: 'map',
    subtask: 0,
    backPressured: 0,
    queue: 40,
    recordsIn: 50,
    busy: 990,
    ...span,
  }),
]);

const { url } = await prometheusWithHistory(t, HISTORY, { extraArgs: ['--query.lookback-delta=30s'] });

async function configFor(
  t: Test,
  topologies: string,
  prometheusUrl = url,
): Promise<{ folder: string; config: string }> {
  const folder = await folderFor(t);
  const config = join(folder, 'dhalion.yml');
  await writeFile(config, `prometheus: {url: "${prometheusUrl}"}\nevaluation_interval: 1m\nwindow: 5m\n${topologies}`);
  return { folder, config };
}

const LISTED = `topologies: [{name: ${JSON.stringify(NASTY)}, engine: flink, policy: {mode: observe}}]\n`;
const NOBODY = 'topologies: [{name: nobody, engine: flink, policy: {mode: observe}}]\n';

function backtest(t: Test, config: string, ...flags: readonly string[]): Promise<RunResult> {
  return runCommandLine(t, 'backtest', `--config.file=${config}`, ...flags);
}

const RANGE = [`--from=${FROM_S}`, `--to=${TO_S}`];

void t.test('reports are written, and the table is printed', async (t) => {
  const { folder, config } = await configFor(t, LISTED);
  const [json, html] = [join(folder, 'report.json'), join(folder, 'report.html')];
  const result = await backtest(t, config, ...RANGE, `--output.json=${json}`, `--output.html=${html}`);
  t.equal(result.code, 0, result.stderr);
  t.equal(result.stderr, '', 'no progress bar without a terminal');
  t.match(result.stdout, /every 1m: 16 steps, 1 topology/);
  t.match(result.stdout, /map +│ +\d+ % │ +\d+ %/);
  t.match(
    result.stdout,
    /\d\d:\d\d:00Z scale up\n +map 1 → \d+, \+\d+\.\d operator-hours until .*, because input suspended \d+ % of the time because of it, /,
  );
  t.match(result.stdout, /nothing seen from 2023-11-14T22:06:00Z to 2023-11-14T22:09:00Z \(4 steps\)/);
  t.same((await readdir(folder)).sort(), ['dhalion.yml', 'report.html', 'report.json'], 'nothing else is left');
  const report: unknown = JSON.parse(await readFile(json, 'utf8'));
  const validate = new Ajv({ allowUnionTypes: true }).compile(BACKTEST_JSON_SCHEMA);
  t.ok(validate(report), JSON.stringify(validate.errors));
  t.match(report, { from: FROM_S, to: TO_S, step_seconds: 60, topologies: [{ topology: NASTY }] });
  const up = { resolver: 'scale_up', operators: [{ operator: 'map', until: TO_S }] };
  t.match(report, { topologies: [{ action_count: 1, actions: [up] }] });
  const { topologies } = report as {
    topologies: { steps: { time: number; operators: { diagnoses: string[] }[] }[] }[];
  };
  const steps = topologies[0]?.steps ?? [];
  t.same(
    steps.map(({ time }) => time),
    Array.from({ length: 16 }, (_, index) => FROM_S + 60 * index),
  );
  t.ok(steps.some(({ operators }) => operators.some(({ diagnoses }) => diagnoses.includes('underprovisioning'))));

  await t.test('the page is one file, accessible, and runs nothing but its own script', async (t) => {
    const browser = await chromiumFor(t);
    const page = await browser.newPage({ viewport: { width: 1280, height: 2400 } });
    const requests: string[] = [];
    const troubles: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.goto(`file://${html}`);
    await page.waitForSelector('canvas');
    t.equal(requests.length, 1, 'nothing is fetched');
    t.same(troubles, [], 'nothing is refused by its policy');
    t.equal(await page.locator('h2').innerText(), NASTY, 'names are text');
    t.equal(await page.locator('canvas').count(), await page.locator('figure').count(), 'every plot is drawn');
    t.ok((await page.locator('svg.band path.yes').count()) > 0);
    t.match(await page.locator('.actions ol > li').allInnerTexts(), [/Z scale up\s+map 1 → \d+, .* because input /]);
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe);
      const found = await page.evaluate<{ violations: { id: string }[] }>('axe.run()');
      t.same(
        found.violations.map(({ id }) => id),
        [],
        colorScheme,
      );
    }
    await page.setViewportSize({ width: 360, height: 740 });
    // The plots are drawn again a moment after the page has become narrower.
    await eventually(
      'a phone need not scroll sideways',
      async () => (await page.evaluate('document.documentElement.scrollWidth')) === 360,
    );
  });
});

void t.test('errors are reported, with exit status 1', async (t) => {
  const { folder, config } = await configFor(t, LISTED);
  const { config: nobody } = await configFor(t, NOBODY);
  const { config: nowhere } = await configFor(t, LISTED, 'http://127.0.0.1:1');
  await mkdir(join(folder, 'taken'));
  const faults: readonly (readonly [string, readonly string[], RegExp])[] = [
    [config, [`--from=${TO_S}`, `--to=${FROM_S}`], /--from=1700000100 \(2023-.*\) is after --to=1699999200/],
    [
      config,
      ['--from=yesterday', '--to=now'],
      /--from=yesterday is not a time: use 2026-01-31T08:00:00Z, unix seconds, now-6h|or 6h/,
    ],
    [config, ['--from=now-1h', '--to=now+1h'], /--to=now\+1h is in the future/],
    [config, ['--from=now+1h'], /--from=now\+1h \(.*\) is after --to=now \(/],
    [config, [...RANGE, '--step=1s'], /--step=1s is finer than the data: 901 steps.*at least 15s.*61 steps/],
    [config, [...RANGE, '--step=often'], /--step=often is not a duration/],
    [config, [...RANGE, '--step=1h'], /--step=1h is longer than the range, 15m/],
    [nobody, RANGE, /no data from 2023-.* to 2023-.*\n.*flink, nobody: no query found series.*job_name=~\\?"nobody/],
    [nowhere, RANGE, /the query for \w+ failed.*Prometheus is unreachable/],
    [config, [...RANGE, `--output.json=${join(folder, 'none', 'x.json')}`], /cannot write .*none\/x\.json: .*ENOENT/],
    [config, [...RANGE, `--output.html=${join(folder, 'taken')}`], /cannot write .*taken: it is a folder/],
  ];
  const results = await Promise.all(faults.map(([file, flags]) => backtest(t, file, ...flags)));
  for (const [index, [, flags, message]] of faults.entries()) {
    t.match(results[index]?.stderr, message, flags.join(' '));
    t.equal(results[index]?.code, 1);
    t.equal(results[index]?.stdout, '');
  }
  t.same((await readdir(folder)).sort(), ['dhalion.yml', 'taken'], 'no half file');
});

void t.test('data beyond Prometheus’ retention is reported as such', async (t) => {
  const { url: forgetful } = await prometheusFor(t, { config: 'global: {}\n', retention: '15d' });
  const { config } = await configFor(t, NOBODY, forgetful);
  const result = await backtest(t, config, ...RANGE);
  t.match(result.stderr, /Prometheus keeps 15d: data since 20/);
  t.equal(result.code, 1);
});

void t.test('an error answer of Prometheus ends it', async (t) => {
  const broken = "engines: {flink: {sensors: {busy: 'up{$matchers} )'}}}\n";
  const { config } = await configFor(t, LISTED + broken);
  const result = await backtest(t, config, ...RANGE);
  t.match(result.stderr, /the query for busy failed.*Prometheus answered 400/);
  t.equal(result.code, 1);
});

void t.test('an interrupt leaves no partial file, and the exit status shows the signal', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1');
  t.teardown(() => silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const { folder, config } = await configFor(t, LISTED, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const json = join(folder, 'report.json');
  await writeFile(json, 'an earlier one');
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const isAsked = new Promise((resolve) => silent.once('connection', resolve));
    const child = startCommandLine(t, ['backtest', `--config.file=${config}`, ...RANGE, `--output.json=${json}`]);
    await isAsked;
    child.kill(signal);
    t.same(await child.ended, { code, signal: null });
    t.match(child.stderr(), 'interrupted, no report was written');
    t.same((await readdir(folder)).sort(), ['dhalion.yml', 'report.json']);
    t.equal(await readFile(json, 'utf8'), 'an earlier one');
  }
});
