// The table that `dhalion backtest` prints at its end.
import Table from 'cli-table3';
import type { BacktestSummary, TopologySummary } from './backtest-summary.js';
import { cleanText } from '../clean-text.js';
import { shortenName, widthOf } from '../shorten-name.js';
import {
  ACTIONS_NOTE,
  describeAction,
  describeActionOperator,
  describeActions,
  describeGaps,
  describeRange,
  describeTopology,
  describeUnlisted,
  SUMMARY_COLUMNS,
  summaryRow,
} from './summary-words.js';

/** Shortest recognizable length of an operator's name. */
const MIN_NAME_WIDTH = 12;
/** Actions of a topology; the reports have more. */
const MAX_LISTED_ACTIONS = 20;

/**
 * Ends with a newline.
 * @param width of the terminal in columns, to which names are shortened; null: no terminal, names are whole
 */
export function renderSummaryTable(written: BacktestSummary, width: number | null = null): string {
  const summary = cleanNames(written);
  const whole = renderTable(summary, Infinity);
  const ofTable = whole.split('\n').filter((line) => /^[┌│├└]/.test(line));
  const tooWide = width === null ? 0 : Math.max(...ofTable.map(widthOf)) - width;
  if (tooWide <= 0) return whole;
  const names = summary.topologies.flatMap(({ operators }) => operators.map(({ operator }) => widthOf(operator)));
  return renderTable(summary, Math.max(MIN_NAME_WIDTH, Math.max(0, ...names) - tooWide));
}

/** Names come from labels of series, whose authors must not control the terminal. */
function cleanNames(summary: BacktestSummary): BacktestSummary {
  const cleanOperator = <Named extends { readonly operator: string }>(named: Named): Named => ({
    ...named,
    operator: cleanText(named.operator),
  });
  const topologies = summary.topologies.map((topology) => ({
    ...topology,
    topology: cleanText(topology.topology),
    operators: topology.operators.map(cleanOperator),
    actions: {
      ...topology.actions,
      listed: topology.actions.listed.map((action) => ({ ...action, operators: action.operators.map(cleanOperator) })),
    },
  }));
  return { ...summary, topologies };
}

function renderTable(summary: BacktestSummary, maxNameWidth: number): string {
  const table = new Table({
    head: [...SUMMARY_COLUMNS],
    colAligns: SUMMARY_COLUMNS.map((_, column) => (column === 0 ? 'left' : 'right')),
    // No colours and no lines between rows: logs and mails show it too.
    style: { head: [], border: [], compact: true },
  });
  for (const topology of summary.topologies) {
    const title = `${shortenName(topology.topology, 2 * maxNameWidth)}: ${describeTopology(topology, summary.steps)}`;
    table.push([{ content: title, colSpan: SUMMARY_COLUMNS.length }]);
    table.push(
      ...topology.operators.map((operator) =>
        summaryRow(operator).map((cell, i) => (i === 0 ? `  ${shortenName(cell, maxNameWidth)}` : cell)),
      ),
    );
  }
  const actions = summary.topologies.flatMap((topology) => actionLines(topology, summary.stepMs, maxNameWidth));
  const gaps = summary.topologies.flatMap((topology) => describeGaps(topology, summary.stepMs));
  return [
    `Backtest ${describeRange(summary)}`,
    table.toString(),
    ...(actions.length === 0 ? [] : ['What it would have done:', ...actions]),
    ...(gaps.length === 0 ? [] : ['Gaps:', ...gaps.map((gap) => `  ${gap}`)]),
    ...(actions.length === 0 ? [] : [ACTIONS_NOTE]),
    'Shares are of the steps at which a topology was seen. Nothing was executed: each step is judged by the actual parallelism.',
    '',
  ].join('\n');
}

/** Empty for a topology without actions. */
function actionLines({ topology, actions }: TopologySummary, stepMs: number, maxNameWidth: number): string[] {
  if (actions.count === 0) return [];
  const shown = { ...actions, listed: actions.listed.slice(0, MAX_LISTED_ACTIONS) };
  const unlisted = describeUnlisted(shown);
  return [
    `  ${shortenName(topology, 2 * maxNameWidth)}. ${describeActions(actions)}.`,
    ...shown.listed.flatMap((action) => [
      `    ${describeAction(action)}`,
      ...action.operators.map(
        (operator) =>
          `      ${shortenName(operator.operator, maxNameWidth)} ${cleanText(describeActionOperator(operator, stepMs))}`,
      ),
    ]),
    ...(unlisted === null ? [] : [`    ${unlisted}`]),
  ];
}
