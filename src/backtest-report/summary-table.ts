// The table that `dhalion backtest` prints at its end.
import Table from 'cli-table3';
import type { BacktestSummary } from './backtest-summary.js';
import { describeGaps, describeRange, describeTopology, SUMMARY_COLUMNS, summaryRow } from './summary-words.js';

/** Ends its last line. */
export function renderSummaryTable(summary: BacktestSummary): string {
  const table = new Table({
    head: [...SUMMARY_COLUMNS],
    colAligns: SUMMARY_COLUMNS.map((_, column) => (column === 0 ? 'left' : 'right')),
    // Neither colours nor a line between any two rows: it is read in logs and mails too.
    style: { head: [], border: [], compact: true },
  });
  for (const topology of summary.topologies) {
    const title = `${topology.topology}: ${describeTopology(topology, summary.steps)}`;
    table.push([{ content: title, colSpan: SUMMARY_COLUMNS.length }]);
    table.push(
      ...topology.operators.map((operator) => summaryRow(operator).map((cell, i) => (i === 0 ? `  ${cell}` : cell))),
    );
  }
  const gaps = summary.topologies.flatMap((topology) => describeGaps(topology, summary.stepMs));
  return [
    `Backtest ${describeRange(summary)}`,
    table.toString(),
    ...(gaps.length === 0 ? [] : ['Gaps:', ...gaps.map((gap) => `  ${gap}`)]),
    'Shares are of the steps at which a topology was seen. Nothing was acted upon: each step is judged by what really ran.',
    '',
  ].join('\n');
}
