// What is taken of a window whose samples are not one each step: of samples where the expression is linear, of the steps of a
// sub-query where it is not. The numbers are worked out by hand; the look is beside the steps, where no sample and no step falls
// on an end of the window.
import t from 'tap';
import type { Engine } from '../../src/config/configuration.js';
import type { SensorName } from '../../src/model/measurement.js';
import {
  clientWithHistory,
  END_S,
  engineOf,
  flinkSubtask,
  healthySubtask,
  listed,
  measured,
  near,
  operatorIn,
  senseAt,
  series,
} from '../support/sensing.js';
import type { History } from '../support/real-parts.js';

const AT_MS = END_S * 1000 + 500;
const PREFIX = 'flink_taskmanager_job_task_';
const BUSY = `${PREFIX}busyTimeMsPerSecond{$matchers}`;

const FLINK = engineOf('flink');
const withSensor = (sensor: SensorName, expression: string): Engine => ({
  ...FLINK,
  sensors: { ...FLINK.sensors, [sensor]: [expression] },
});
/** Adding zero changes no value, and is not provably linear. */
const DIRECT = withSensor('busy', BUSY);
const STEPPED = withSensor('busy', `${BUSY} + 0`);

const withoutBusy = (task: string): History[] =>
  flinkSubtask({ job: 'wordcount', task, subtask: 0, backPressured: 0, queue: 0, recordsIn: 100 });
const labelsOf = (task: string): Readonly<Record<string, string>> => ({
  job_name: 'wordcount',
  task_name: task,
  subtask_index: '0',
});
/** Busy time at these seconds before the end. */
const busyAt = (task: string, samples: readonly (readonly [number, number])[]): History[] => [
  ...withoutBusy(task),
  {
    name: `${PREFIX}busyTimeMsPerSecond`,
    labels: labelsOf(task),
    samples: [...samples].sort(([a], [b]) => b - a).map(([before, value]) => [END_S - before, value] as const),
  },
];
const every = (seconds: number, from: number, to: number, value: number): (readonly [number, number])[] =>
  Array.from({ length: Math.floor((from - to) / seconds) + 1 }, (_, index) => [from - index * seconds, value] as const);

void t.test('a mean over samples and one over steps', async (t) => {
  const client = await clientWithHistory(t, [
    // Every 20 s at first, then every 5 s.
    ...busyAt('irregular', [...every(20, 300, 80, 0), ...every(5, 60, 0, 100)]),
    ...busyAt('gap', [...every(15, 301, 241, 100), ...every(15, 31, 1, 0)]),
    ...busyAt('not a number at first', [...every(15, 420, 75, NaN), ...every(15, 60, 0, 300)]),
    ...withoutBusy('restarted'),
    series(`${PREFIX}busyTimeMsPerSecond`, { ...labelsOf('restarted'), tm_id: 'a' }, 1000, { from: 421, to: 121 }),
    series(`${PREFIX}busyTimeMsPerSecond`, { ...labelsOf('restarted'), tm_id: 'b' }, 200, { from: 105 }),
  ]);
  const request = { listed: [listed('wordcount')], atMs: AT_MS };
  const direct = await senseAt(client, { ...request, engine: DIRECT });
  const stepped = await senseAt(client, { ...request, engine: STEPPED });
  t.same([...direct.failures, ...stepped.failures], []);
  const means = (task: string): (number | string)[] =>
    [direct, stepped].map((sensing) => {
      const { busy } = operatorIn(sensing, 'wordcount', task);
      return busy.kind === 'measured' ? Number(busy.mean.toFixed(6)) : busy.kind;
    });

  await t.test('irregular scrapes: each sample counts once, or as long as it is the newest', (t) => {
    // 13 of 24 samples, 5 of 20 steps.
    t.same(means('irregular'), [54.166667, 25]);
    t.end();
  });

  await t.test('a gap: what is there counts, with the steps for which a sample is still the newest', (t) => {
    // 4 of 7 samples; 5 of 8 steps, since one more looks back to the last sample before the gap.
    t.same(means('gap'), [57.142857, 62.5]);
    t.end();
  });

  await t.test('a restart: the samples of the series that is there now, or the larger at each step', (t) => {
    // 13 steps of 1000, of which one has both, and 7 of 200.
    t.same(means('restarted'), [200, 720]);
    t.end();
  });

  await t.test('NaN: no sample of the window may be one, a step that is one is left out', (t) => {
    t.same(means('not a number at first'), ['missing', 300]);
    t.end();
  });
});

void t.test('a restart within the window', async (t) => {
  const before = { attempt: 0, from: 421, to: 121 };
  const after = { attempt: 1, from: 105 };
  const subtask = { job: 'wordcount', task: 'map', subtask: 0 };
  const overlapping = { job: 'overlap', subtask: 0, busy: 100 };
  const client = await clientWithHistory(t, [
    ...healthySubtask({ ...subtask, ...before, idle: 50, recordsIn: 10, queue: 0 }),
    ...healthySubtask({ ...subtask, ...after, idle: 900, recordsIn: 100, queue: 20 }),
    // Both are there still: nothing marked the first one stale.
    ...healthySubtask({ ...overlapping, task: 'falls', ...before, to: 16, backPressured: 300 }),
    ...healthySubtask({ ...overlapping, task: 'falls', ...after, backPressured: 100 }),
    ...healthySubtask({ ...overlapping, task: 'rises', ...before, to: 16, backPressured: 100 }),
    ...healthySubtask({ ...overlapping, task: 'rises', ...after, backPressured: 300 }),
  ]);
  const sensing = await senseAt(client, {
    engine: FLINK,
    listed: [listed('wordcount'), listed('overlap')],
    atMs: AT_MS,
  });
  t.same(sensing.failures, []);

  await t.test('means are of what runs now, the lowest is of what ran before too', (t) => {
    const { processingRate, pendingPackets, parallelism } = operatorIn(sensing, 'wordcount', 'map');
    t.equal(parallelism, 1);
    t.equal(measured(processingRate).total, 100);
    t.equal(measured(processingRate).lowestTotal, 10);
    // 5 % idle let 9 wait, 90 % none.
    near(t, measured(pendingPackets).mean, 9);
    t.end();
  });

  await t.test('of two attempts of one instance the larger value counts, whichever it is', (t) => {
    for (const task of ['falls', 'rises']) {
      const { backpressure, parallelism } = operatorIn(sensing, 'overlap', task);
      t.equal(parallelism, 1);
      near(t, measured(backpressure).mean, 0.3);
    }
    t.end();
  });
});
