// The conclusions about three recorded runs of real jobs.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { folderFor } from '../support/real-parts.js';
import { backtestRuns } from './backtest-runs.js';
import { checkSettled, countFallingBehind, rememberedSteps, shareOf, stretchesWhere } from './check-recordings.js';
import type { ComparedStep, Recorded } from './confusion-table.js';
import { PIPELINE, renderFlinkSeries, SOURCE } from './flink-series.js';
import { parseRecordedRun, type RecordedRun } from './recorded-run.js';
import { isBackpressure, isUnderprovisioned } from './stretches.js';

t.setTimeout(300_000);

async function recordedRun(name: string): Promise<RecordedRun> {
  const file = fileURLToPath(new URL(`../fixtures/recorded-runs/${name}.csv`, import.meta.url));
  return parseRecordedRun(name, await readFile(file, 'utf8'));
}

void t.test('recorded runs are diagnosed', async (t) => {
  const names = ['query-3_dhalion_05', 'query-1_HPA_50', 'query-1_dhalion_05'];
  const runs = await Promise.all(names.map(recordedRun));
  const backtested = await backtestRuns({ runs, parallelism: 'largest', folder: await folderFor(t) });
  for (const { run, steps } of backtested) t.ok(steps.length > 550, `nearly every row of ${run.name} is compared`);
  const [query3, overprovisioned, behind] = backtested;
  if (query3 === undefined || overprovisioned === undefined || behind === undefined)
    throw new Error('a run is missing');

  await t.test('query-3_dhalion_05 is underprovisioned where it is held up, and not where it is free', (t) => {
    const settled = checkSettled(t, query3);
    t.ok(settled.above > 50);
    t.ok(settled.below > 0);
    const stretches = stretchesWhere(query3.steps, '> 500');
    t.ok(stretches.length > 20);
    // A window with a gap, as a restart leaves it, has nothing concluded from it.
    const covered = stretches.filter(({ steps }) => steps.length > 1 && steps[0]?.window !== null);
    t.ok(covered.length > 15);
    for (const { steps } of covered) {
      t.ok(steps.slice(0, 2).some(isUnderprovisioned), `the stretch from ${steps[0]?.atS ?? ''} is, by its second row`);
    }
    const means = (recorded: Recorded): ComparedStep[] => query3.steps.filter(({ window }) => window === recorded);
    t.ok(means('> 500').length > 100);
    t.ok(means('> 500').every(isBackpressure));
    t.ok(means('< 20').length > 0);
    t.notOk(means('< 20').some(isBackpressure));
    t.end();
  });

  await t.test('query-1_HPA_50 is never held up, and larger than it need be nearly half of the time', (t) => {
    t.notOk(overprovisioned.steps.some(isBackpressure));
    // It is sized by the peak of five minutes; not while that is about to be forgotten, or a backlog was worked off.
    t.ok(shareOf(rememberedSteps(overprovisioned.steps), 'overprovisioned') > 0.4);
    t.end();
  });

  await t.test('query-1_dhalion_05 is a source that falls behind, not one that is held up', (t) => {
    t.notOk(behind.steps.some(isBackpressure));
    t.ok(countFallingBehind(behind.steps) >= 3, 'at several times of the run');
    t.end();
  });
});

const HEAD = 'timestamp,input_rate,backpressure,busy_time,CPU_load,idle_time,lag,taskmanager';

function csv(...rows: readonly string[]): string {
  return [HEAD, ...rows, ''].join('\n');
}

void t.test('fillings of the first rows are not measurements', (t) => {
  const run = parseRecordedRun(
    'x',
    csv('100,5,0,0,0.1,0.7,0,2', '115,5,0,0.2,0.1,0.8,0,2', '130,,NaN,0.2,0.1,0.8,0,2'),
  );
  t.match(run.rows[0], { inputRate: 5, backpressureMs: null, busyRatio: null, lag: null, idleRatio: 0.7 });
  t.match(run.rows[1], { backpressureMs: 0, lag: 0 }, 'a later zero is one');
  t.match(run.rows[2], { inputRate: null, backpressureMs: null });
  t.end();
});

void t.test('a CSV in another format is refused with the missing columns', (t) => {
  t.throws(() => parseRecordedRun('x', 'timestamp,lag\n1,2\n'), /x: no column input_rate, backpressure, busy_time/);
  t.end();
});

void t.test('a row becomes the readings of its subtasks', (t) => {
  const rows = [0, 15, 30, 45, 60].map((s) => `${100 + s},1000,80,0.5,0.6,0.45,${s * 40},2`);
  const series = renderFlinkSeries(parseRecordedRun('x', csv(...rows)), 'recorded');
  const last = (task: string, metric: string): number | undefined =>
    series.find(({ name, labels }) => name.endsWith(metric) && labels['task_name'] === task)?.samples.at(-1)?.[1];
  t.equal(last(SOURCE, 'backPressuredTimeMsPerSecond'), 80, 'the largest of all subtasks');
  t.equal(last(SOURCE, 'busyTimeMsPerSecond'), 600, 'the CPU is busier than the mean of the tasks');
  t.equal(last(SOURCE, 'numRecordsOutPerSecond'), (1000 - 40) / 2, 'arrivals minus the growth of the lag');
  t.equal(last(SOURCE, 'operator_pendingRecords'), 1200);
  t.equal(last(PIPELINE, 'inputQueueLength'), 0.8);
  t.equal(
    series.find(({ name }) => name.endsWith('numRecordsOutPerSecond'))?.samples.length,
    1,
    'a minute must be covered',
  );
  t.end();
});
