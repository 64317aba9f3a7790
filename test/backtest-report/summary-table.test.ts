import t from 'tap';
import { BacktestSummarizer } from '../../src/backtest-report/backtest-summary.js';
import { renderSummaryTable } from '../../src/backtest-report/summary-table.js';
import { widthOf } from '../../src/shorten-name.js';
import { operatorEvaluation, operatorMeasurement, topologyEvaluation } from '../support/evaluations.js';

const PLAN = `Calc(select=[${'CAST(order_id AS BIGINT) AS id, '.repeat(100)}]) -> Sink`;

function tableOf(width: number | null): string[] {
  const summarizer = new BacktestSummarizer({ fromMs: 0, toMs: 60_000, stepMs: 60_000 }, []);
  for (const atMs of [0, 60_000]) {
    summarizer.add({ atMs, evaluations: [topologyEvaluation('wordcount', [operatorEvaluation(PLAN)])] });
  }
  const lines = renderSummaryTable(summarizer.finish(), width).split('\n');
  return lines.filter((line) => /[│┌└]/.test(line));
}

void t.test('names are shortened in the middle to fit the terminal', (t) => {
  const lines = tableOf(180);
  t.ok(Math.max(...lines.map(widthOf)) <= 180);
  t.match(lines.join('\n'), /Calc\(select=.*….*-> Sink/);
  t.end();
});

void t.test('names are whole if the output is not a terminal', (t) => {
  t.match(tableOf(null).join('\n'), PLAN);
  t.end();
});

void t.test('names from labels of series do not steer the terminal', (t) => {
  const steering = '\u001b[2J\nforged';
  const operator = operatorEvaluation(`split${steering}`, {
    measurement: operatorMeasurement(`split${steering}`, { parallelism: 2 }),
    recommendedParallelism: 2,
    diagnoses: [{ diagnosis: 'slow_instances', operatorInstances: [`3${steering}`] }],
  });
  const range = { fromMs: 0, toMs: 600_000, stepMs: 60_000 };
  const summarizer = new BacktestSummarizer(range, [], { supports: () => true });
  for (const atMs of [0, 60_000, 120_000, 600_000]) {
    summarizer.add({ atMs, evaluations: [topologyEvaluation(`job${steering}`, [operator])] });
  }
  const text = renderSummaryTable(summarizer.finish());
  t.notMatch(text, /[^\P{C}\n]|^forged/mu);
  t.match(text, /instance 3 \[2J forged stands out/);
  t.match(text, / {2}job \[2J forged: nothing seen from /);
  t.end();
});
