// `dhalion demo --once` tests itself: every step of its story is observed, or it fails. Here: both. While the story goes on,
// the Grafana dashboards are asked of its Prometheus: nowhere else does so much happen in so short a time.
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startCommandLine, type StartedCommandLine } from '../support/command-line.js';
import {
  inOrderOfTime,
  marksFor,
  marksOf,
  targetsWithoutData,
  valuesOfVariable,
  type Stretch,
} from '../support/dashboard-data.js';
import { readDashboards } from '../support/dashboards.js';
import { dhalionClient, eventually } from '../support/dhalion-client.js';
import { programPath } from '../support/real-parts.js';

t.setTimeout(600_000);
t.jobs = 2;

// As `npm run demo` does before it.
for (const name of ['prometheus', 'alertmanager'] as const) await programPath(name);

/** Accepts alerts and notifies no receiver. */
const MUTE_ALERTMANAGER = `#!/usr/bin/env node
const [, host, port] = /--web.listen-address=(.+):(\\d+)/.exec(process.argv.join(' '));
require('node:http')
  .createServer((request, response) => {
    request.resume();
    response.end(request.method === 'GET' ? '[{}]' : '');
  })
  .listen(Number(port), host);
`;

/** An empty folder for temporary files, so that leftovers are visible. */
async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-demo-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Addresses that it said its parts have. */
function partsOf(stdout: string): string[] {
  return [...stdout.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url);
}

async function leavesNothing(t: Test, stdout: string, folder: string): Promise<void> {
  const urls = partsOf(stdout);
  t.equal(urls.length, 3);
  for (const url of urls)
    await t.rejects(fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(5000) }), `${url} is gone`);
  t.same(await readdir(folder), []);
}

/** Older data has been scraped, even if the machine missed some scrapes. */
const SCRAPED_AFTER_S = 5;
/** The last step of the story: everything on the dashboards has happened before, and its judgement takes a while. */
const LAST_STEP = '… split is scaled down to 2, without harm';

async function fillsDashboards(t: Test, demo: StartedCommandLine, startedAtS: number): Promise<void> {
  const [dhalionUrl = '', prometheusUrl = ''] = partsOf(demo.stdout());
  const dashboards = await readDashboards();
  // Two seconds ago everything was scraped.
  const to = Math.floor(Date.now() / 1000) - 2;
  const stretch: Stretch = { prometheusUrl, topology: 'wordcount', from: startedAtS, to, step: 1, rateInterval: 10 };
  t.strictSame(await targetsWithoutData(dashboards, stretch), [], 'every target of every panel has data');

  const variables = dashboards.flatMap(({ templating }) => templating.list).filter(({ type }) => type === 'query');
  const values = new Map<string, readonly string[]>();
  for (const { name, query = '' } of variables) values.set(name, await valuesOfVariable(query, stretch));
  t.match(values.get('job'), ['dhalion']);
  t.strictSame(values.get('instance'), [new URL(dhalionUrl).host]);
  t.strictSame(values.get('topology'), ['wordcount']);
  t.strictSame(values.get('operator'), ['count', 'source', 'split']);

  const scraped = (await dhalionClient(dhalionUrl).actions()).filter(
    ({ claimed_at }) => Date.parse(claimed_at) < (to - SCRAPED_AFTER_S) * 1000,
  );
  const annotations = dashboards.flatMap((dashboard) => dashboard.annotations.list);
  const marks = (await Promise.all(annotations.map((annotation) => marksOf(annotation, stretch)))).flat();
  const inOrder = inOrderOfTime(marks.filter(({ atMs }) => atMs < (to - SCRAPED_AFTER_S) * 1000));
  const expected = inOrderOfTime(marksFor(scraped));
  t.strictSame(inOrder, expected, 'one mark for each operator of an action, at the time it was claimed');
  t.ok(inOrder.length >= 5);
}

void t.test('the whole story is observed, step by step', { buffered: true }, async (t) => {
  const folder = await temporaryFolder(t);
  const startedAtS = Math.floor(Date.now() / 1000);
  const demo = startCommandLine(t, ['demo', '--once'], { TMPDIR: folder });
  const lastStep = eventually('the last step', () => demo.stdout().includes(LAST_STEP), 540_000);
  if (await Promise.race([lastStep, demo.ended.then(() => false)])) await fillsDashboards(t, demo, startedAtS);
  const ended = await demo.ended;
  const stdout = demo.stdout();
  if (ended.code !== 0) t.comment(stdout, demo.stderr());
  t.same(ended, { code: 0, signal: null });
  const marks = [...stdout.matchAll(/^\[ *\d+\.\d s\] ([…✓])/gm)].map(([, mark]) => mark).join('');
  t.match(marks, /^(…✓){10,}$/, 'an announced step is observed before the next one');
  for (const seen of [
    /dhalion_diagnosis\{operator="split",diagnosis="underprovisioning"\} 1/,
    /dhalion_diagnosis\{operator="count",diagnosis="underprovisioning"\} 1/,
    /Alertmanager holds the alert for split, underprovisioning/,
    /dhalion\.scale_up: split 1 → \d+, count 1 → \d+, answered 202/,
    /scale_up of split 1 → \d+, count 1 → \d+: resolved/,
    /scale_down of (?=.*split 5 → 3).*count \d → \d.*: resolved/,
    /scale_down of .*split 3 → 2.*: harmful/,
    /revert of .*split 2 → 3.*: resolved/,
    /dhalion_blacklisted\{operator="split",resolver="scale_down"\} 1, and no scale down goes below 3 instances/,
    /restart of instance \d of split \(of \d\): resolved/,
  ]) {
    t.match(stdout, seen);
  }
  t.match(stdout, /Every step of the story was observed\.\n$/);
  t.notMatch(stdout, '\u001b', 'no colours but on a terminal');
  await leavesNothing(t, stdout, folder);
});

void t.test('a step that is not observed fails it, by name', { buffered: true }, async (t) => {
  const folder = await temporaryFolder(t);
  const programs = await temporaryFolder(t);
  const program = join(programs, 'alertmanager');
  await writeFile(program, MUTE_ALERTMANAGER);
  await chmod(program, 0o755);
  const path = [programs, process.env['PATH']].join(':');
  const demo = startCommandLine(t, ['demo', '--once'], { TMPDIR: folder, PATH: path });
  t.same(await demo.ended, { code: 1, signal: null });
  t.match(demo.stderr(), /not observed within \d+ s: Alertmanager notifies Dhalion/);
  t.notMatch(demo.stdout(), 'Every step');
  await leavesNothing(t, demo.stdout(), folder);
});
