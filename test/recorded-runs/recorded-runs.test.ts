// What the default policy concludes of three recorded runs. The sensors see means over 5 minutes, so a class of the recording is
// either that of the window's mean or, by row, allowed to be found up to a window later.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { folderFor } from '../support/real-parts.js';
import { backtestRuns } from './backtest-runs.js';
import { WINDOW_S, type ComparedStep, type Concluded } from './confusion-table.js';
import { PIPELINE, renderFlinkSeries, SOURCE } from './flink-series.js';
import { parseRecordedRun, type RecordedRun } from './recorded-run.js';

t.setTimeout(300_000);

/** A stretch of the recording that is too short for this is lost in the mean over a window. */
const LONG_STRETCH_S = 60;

async function recordedRun(name: string): Promise<RecordedRun> {
  const file = fileURLToPath(new URL(`../fixtures/recorded-runs/${name}.csv`, import.meta.url));
  return parseRecordedRun(name, await readFile(file, 'utf8'));
}

const BACKPRESSURE: readonly Concluded[] = ['underprovisioned: backpressure', 'backpressure, backlog draining'];

function isBackpressure({ concluded }: ComparedStep): boolean {
  return BACKPRESSURE.includes(concluded);
}

function shareOf(steps: readonly ComparedStep[], concluded: Concluded): number {
  return steps.filter((step) => step.concluded === concluded).length / steps.length;
}

/** [first, last] time of each run of rows above 500 ms/s. */
function stretchesAbove500(steps: readonly ComparedStep[]): [number, number][] {
  const stretches: [number, number][] = [];
  for (const [index, { row, atS }] of steps.entries()) {
    if (row !== '> 500') continue;
    const last = stretches.at(-1);
    if (last !== undefined && steps[index - 1]?.row === '> 500') last[1] = atS;
    else stretches.push([atS, atS]);
  }
  return stretches;
}

void t.test('recorded runs are diagnosed', async (t) => {
  const names = ['query-3_dhalion_05', 'query-1_HPA_50', 'query-1_dhalion_05'];
  const runs = await Promise.all(names.map(recordedRun));
  const backtested = await backtestRuns({ runs, parallelism: 'largest', folder: await folderFor(t) });
  const stepsOf = (name: string): readonly ComparedStep[] =>
    backtested.find(({ run }) => run.name === name)?.steps ?? [];

  await t.test('query-3_dhalion_05 is underprovisioned where it is held up, and only there', (t) => {
    const steps = stepsOf('query-3_dhalion_05');
    t.ok(steps.length > 550, 'nearly every row is compared');
    const heldUp = steps.filter(({ window }) => window === '> 500');
    t.ok(heldUp.length > 50);
    t.ok(heldUp.every(isBackpressure), 'every window above 500 ms/s is found');
    t.ok(shareOf(heldUp, 'underprovisioned: backpressure') > 0.75, 'unless a backlog is worked off in time');
    const stretches = stretchesAbove500(steps).filter(([from, to]) => to - from >= LONG_STRETCH_S);
    t.ok(stretches.length >= 10);
    for (const [from, to] of stretches) {
      const found = steps.filter(({ atS }) => atS >= from && atS <= to + WINDOW_S);
      t.ok(
        found.some(({ concluded }) => concluded === 'underprovisioned: backpressure'),
        `the stretch at ${from}`,
      );
    }
    const free = steps.filter(({ row }) => row === '< 20');
    t.ok(free.length > 5);
    for (const step of free.filter(isBackpressure)) {
      const before = steps.filter(({ atS }) => atS > step.atS - WINDOW_S && atS < step.atS);
      t.ok(
        before.some(({ row }) => row === '> 500'),
        `${step.atS}: the window still holds what was above 500 ms/s`,
      );
    }
    t.notOk(steps.filter(({ window }) => window === '< 20').some(isBackpressure));
    t.end();
  });

  await t.test('query-1_HPA_50 is never held up, and larger than it need be most of the time', (t) => {
    const steps = stepsOf('query-1_HPA_50');
    t.ok(steps.length > 550);
    t.notOk(steps.some(isBackpressure));
    t.ok(shareOf(steps, 'overprovisioned') > 0.8);
    t.end();
  });

  await t.test('query-1_dhalion_05 is a source that falls behind, not one that is held up', (t) => {
    const steps = stepsOf('query-1_dhalion_05');
    t.ok(steps.length > 550);
    t.notOk(steps.some(isBackpressure));
    const behind = steps.filter(({ concluded }) => concluded === 'underprovisioned: backlog grows');
    t.ok(behind.length >= 20);
    const beginnings = behind.filter(({ atS }) => !behind.some((other) => other.atS === atS - 15));
    t.ok(beginnings.length >= 3, 'at several times of the run');
    t.end();
  });
});

const HEAD = 'timestamp,input_rate,backpressure,busy_time,CPU_load,idle_time,lag,taskmanager';

function csv(...rows: readonly string[]): string {
  return [HEAD, ...rows, ''].join('\n');
}

void t.test('fillings of the first rows are no measurements', (t) => {
  const run = parseRecordedRun(
    'x',
    csv('100,5,0,0,0.1,0.7,0,2', '115,5,0,0.2,0.1,0.8,0,2', '130,,NaN,0.2,0.1,0.8,0,2'),
  );
  t.match(run.rows[0], { inputRate: 5, backpressureMs: null, busyRatio: null, lag: null, idleRatio: 0.7 });
  t.match(run.rows[1], { backpressureMs: 0, lag: 0 }, 'a later zero is one');
  t.match(run.rows[2], { inputRate: null, backpressureMs: null });
  t.end();
});

void t.test('a CSV of another form is refused with what it lacks', (t) => {
  t.throws(() => parseRecordedRun('x', 'timestamp,lag\n1,2\n'), /x: no column input_rate, backpressure, busy_time/);
  t.end();
});

void t.test('a row becomes the readings of its subtasks', (t) => {
  const rows = [0, 15, 30, 45, 60].map((s) => `${100 + s},1000,80,0.5,0.6,0.4,${s * 40},2`);
  const series = renderFlinkSeries(parseRecordedRun('x', csv(...rows)), 'recorded');
  const last = (task: string, metric: string): number | undefined =>
    series.find(({ name, labels }) => name.endsWith(metric) && labels['task_name'] === task)?.samples.at(-1)?.[1];
  t.equal(last(SOURCE, 'backPressuredTimeMsPerSecond'), 80, 'the means leave 100 ms/s, the largest is 80');
  t.equal(last(SOURCE, 'busyTimeMsPerSecond'), 600, 'the CPU is busier than the mean of the tasks');
  t.equal(last(SOURCE, 'numRecordsOutPerSecond'), (1000 - 40) / 2, 'what arrived less what the lag grew by');
  t.equal(last(SOURCE, 'operator_pendingRecords'), 1200);
  t.equal(last(PIPELINE, 'inputQueueLength'), 0.8);
  t.equal(
    series.find(({ name }) => name.endsWith('numRecordsOutPerSecond'))?.samples.length,
    1,
    'a minute must be covered',
  );
  t.end();
});
