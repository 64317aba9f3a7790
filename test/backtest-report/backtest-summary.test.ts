import t from 'tap';
import { BacktestSummarizer, MAX_GAPS, type TopologySummary } from '../../src/backtest-report/backtest-summary.js';
import { describeGaps, describeTopology } from '../../src/backtest-report/summary-words.js';
import { operatorEvaluation, operatorMeasurement, topologyEvaluation } from '../support/evaluations.js';

const STEP_MS = 60_000;

const SEEN = topologyEvaluation('job', [operatorEvaluation('map')], { backpressure: 'yes' });
const UNSEEN = topologyEvaluation(
  'job',
  [operatorEvaluation('map', { measurement: operatorMeasurement('map', { parallelism: null }) })],
  { backpressure: 'unknown' },
);

/** A listed topology that is seen at the steps with an x. */
function summaryOf(steps: string): TopologySummary {
  const summarizer = new BacktestSummarizer({ fromMs: 0, toMs: (steps.length - 1) * STEP_MS, stepMs: STEP_MS }, [
    'job',
  ]);
  for (const [step, seen] of Array.from(steps).entries()) {
    summarizer.add({ atMs: step * STEP_MS, evaluations: [seen === 'x' ? SEEN : UNSEEN] });
  }
  const [summary] = summarizer.finish().topologies;
  if (summary === undefined) throw new Error('no topology');
  return summary;
}

/** [first, last] step of each. */
function gapsOf({ gaps }: TopologySummary): (readonly [number, number])[] {
  return gaps.map(({ fromMs, toMs }) => [fromMs / STEP_MS, toMs / STEP_MS]);
}

void t.test('gaps are at both ends and in between', (t) => {
  const table: readonly (readonly [string, readonly (readonly [number, number])[]])[] = [
    ['xxxx', []],
    ['--xx', [[0, 1]]],
    ['xx--', [[2, 3]]],
    [
      '-x--x-',
      [
        [0, 0],
        [2, 3],
        [5, 5],
      ],
    ],
    ['----', [[0, 3]]],
  ];
  for (const [steps, gaps] of table) {
    const summary = summaryOf(steps);
    t.same(gapsOf(summary), gaps, steps);
    t.equal(summary.gapCount, gaps.length);
    t.equal(summary.gapSteps, steps.split('-').length - 1);
  }
  t.end();
});

void t.test('the first of very many gaps are listed, and the others are counted', (t) => {
  for (const [gapsInBetween, end] of [
    [MAX_GAPS - 2, ''],
    [MAX_GAPS - 1, ''],
    [MAX_GAPS, ''],
    [MAX_GAPS + 7, '-'],
  ] as const) {
    const summary = summaryOf(`--${'x-'.repeat(gapsInBetween)}x${end}`);
    const count = 1 + gapsInBetween + end.length;
    t.equal(summary.gapCount, count);
    t.equal(summary.gapSteps, count + 1);
    const listed = gapsOf(summary);
    t.same(listed.slice(0, 3), [
      [0, 1],
      [3, 3],
      [5, 5],
    ]);
    t.equal(listed.length, Math.min(count, MAX_GAPS));
    t.same(listed.at(-1), [2 * listed.length - 1, 2 * listed.length - 1]);
    const last = describeGaps(summary, STEP_MS).at(-1) ?? '';
    if (count <= MAX_GAPS) t.match(last, /^job: nothing seen from/);
    else t.equal(last, `job: ${count - MAX_GAPS} more ${count - MAX_GAPS === 1 ? 'gap' : 'gaps'}`);
  }
  t.end();
});

void t.test('shares are of the time a topology was seen', (t) => {
  const summary = summaryOf('----xx-x');
  t.match(summary, { steps: 3, backpressureSteps: 3, unknownSteps: 0, gapSteps: 5 });
  t.match(summary.operators, [{ operator: 'map', steps: 3, unknownSteps: 0 }]);
  t.same(summaryOf('----').operators, [], 'a topology that was never seen has no operators');
  t.end();
});

void t.test('a discovered topology shows its share of seen steps, and has gaps at the ends of the range too', (t) => {
  const summarizer = new BacktestSummarizer({ fromMs: 0, toMs: 9 * STEP_MS, stepMs: STEP_MS }, []);
  for (const step of [6, 7]) summarizer.add({ atMs: step * STEP_MS, evaluations: [SEEN] });
  const { steps, topologies } = summarizer.finish();
  const [summary] = topologies;
  if (summary === undefined) throw new Error('it was seen');
  t.same(gapsOf(summary), [
    [0, 5],
    [8, 9],
  ]);
  t.match(describeTopology(summary, steps), /^seen in 2 of 10 steps; backpressure 100 % of that time, /);
  t.match(describeTopology(summaryOf('xx'), 2), /^backpressure 100 % of the time, /, 'all of it');
  t.end();
});
