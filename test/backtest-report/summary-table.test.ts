import t from 'tap';
import { BacktestSummarizer } from '../../src/backtest-report/backtest-summary.js';
import { renderSummaryTable } from '../../src/backtest-report/summary-table.js';
import { widthOf } from '../../src/shorten-name.js';
import { operatorEvaluation, topologyEvaluation } from '../support/evaluations.js';

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

void t.test('what is written to no terminal has whole names', (t) => {
  t.match(tableOf(null).join('\n'), PLAN);
  t.end();
});
