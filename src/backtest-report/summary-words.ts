// Formats the numbers of a summary, for the terminal and the page.
import { renderDuration } from '../grammar/duration.js';
import type { ActionsSummary, BacktestAction, BacktestActionOperator } from './backtest-actions.js';
import type { BacktestSummary, Extent, Gap, OperatorSummary, TopologySummary } from './backtest-summary.js';

export const SUMMARY_COLUMNS = [
  'operator',
  'backpressure',
  'under-\nprovisioned',
  'over-\nprovisioned',
  'slow\ninstances',
  'data\nskew',
  'unknown',
  'parallel-\nism',
  'recom-\nmended',
  'asked\nup / down',
  'operator-hours\nhad → recommended',
] as const;

/** One cell for each column. */
export function summaryRow(operator: OperatorSummary): string[] {
  const share = (steps: number): string => renderShare(steps, operator.steps);
  const { underprovisioning, overprovisioning, slow_instances, data_skew } = operator.diagnosisSteps;
  const { actual, recommended } = operator.operatorHours;
  return [
    operator.operator,
    ...[operator.backpressureSteps, underprovisioning, overprovisioning, slow_instances, data_skew].map(share),
    share(operator.unknownSteps),
    renderExtent(operator.parallelism),
    renderExtent(operator.recommended),
    `${operator.asks.up} / ${operator.asks.down}`,
    `${renderHours(actual)} → ${renderHours(recommended)}`,
  ];
}

/** Sums over all operators. */
export function topologyHours({ operators }: TopologySummary): { actual: number; recommended: number } {
  return {
    actual: operators.reduce((sum, { operatorHours }) => sum + operatorHours.actual, 0),
    recommended: operators.reduce((sum, { operatorHours }) => sum + operatorHours.recommended, 0),
  };
}

/** @param steps number of steps in the range */
export function describeTopology(topology: TopologySummary, steps: number): string {
  const { actual, recommended } = topologyHours(topology);
  const share = (part: number): string => renderShare(part, topology.steps);
  const seen = topology.steps < steps ? `seen in ${topology.steps} of ${steps} steps; ` : '';
  const time = seen === '' ? 'the time' : 'that time';
  return (
    `${seen}backpressure ${share(topology.backpressureSteps)} of ${time}, something unknown ${share(topology.unknownSteps)}; ` +
    `${renderHours(actual)} operator-hours had, ${renderHours(recommended)} recommended`
  );
}

export function describeRange({ fromMs, toMs, stepMs, steps, topologies }: BacktestSummary): string {
  const count = `${topologies.length} ${topologies.length === 1 ? 'topology' : 'topologies'}`;
  return `${renderTime(fromMs)} to ${renderTime(toMs)}, every ${renderDuration(stepMs)}: ${steps} steps, ${count}`;
}

/** One line for each gap. */
export function describeGaps({ topology, gaps, gapCount }: TopologySummary, stepMs: number): string[] {
  const lines = gaps.map((gap) => `${topology}: ${describeGap(gap, stepMs)}`);
  return gapCount > gaps.length
    ? [...lines, `${topology}: ${gapCount - gaps.length} more ${gapCount - gaps.length === 1 ? 'gap' : 'gaps'}`]
    : lines;
}

function describeGap({ fromMs, toMs }: Gap, stepMs: number): string {
  const steps = Math.round((toMs - fromMs) / stepMs) + 1;
  return `nothing seen from ${renderTime(fromMs)} to ${renderTime(toMs)} (${steps} ${steps === 1 ? 'step' : 'steps'})`;
}

export const ACTIONS_NOTE =
  'An action begins when its alert would have fired (after 1 min, for a scale down after 15 min), and lasts until the alert ends. ' +
  'Nothing is executed, so settling, cooldown and blacklist do not hold later actions.';

/** `2026-01-31T03:19:00Z scale up`, for a line of its own. */
export function describeAction({ atMs, resolver }: BacktestAction): string {
  return `${renderTime(atMs)} ${resolver.replace('_', ' ')}`;
}

/** `enrich 2 → 6, +1.7 operator-hours until 2026-01-31T03:44:00Z`; the name is the caller's, who may shorten it. */
export function describeActionOperator(operator: BacktestActionOperator, stepMs: number): string {
  const { currentParallelism: current, desiredParallelism: desired, untilMs, operatorHours, because } = operator;
  const change = current === desired ? `× ${current}` : `${current} → ${desired}`;
  const cost =
    current === desired ? '' : `, ${renderSigned(operatorHours)} operator-hours until ${renderTime(untilMs + stepMs)}`;
  return `${change}${cost}${because === null ? '' : `, because ${because}`}`;
}

/** `It would have taken 12 actions: 3.5 operator-hours more, 0.2 fewer`. */
export function describeActions({ count, operatorHours: { cost, saved } }: ActionsSummary): string {
  if (count === 0) return 'It would have done nothing';
  const actions = count === 1 ? '1 action' : `${count} actions`;
  return `It would have taken ${actions}: ${renderHours(cost)} operator-hours more, ${renderHours(saved)} fewer`;
}

/** null: all are listed. */
export function describeUnlisted({ count, listed }: ActionsSummary): string | null {
  const more = count - listed.length;
  return more === 0 ? null : `${more} more ${more === 1 ? 'action' : 'actions'}`;
}

/** With its sign, except a rounded zero. */
function renderSigned(hours: number): string {
  const text = renderHours(Math.abs(hours));
  return Number(text) === 0 ? text : `${hours < 0 ? '−' : '+'}${text}`;
}

/** RFC 3339 in UTC, without zero fractions. */
export function renderTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** A dash for zero, to make other values stand out. */
export function renderShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '–';
  const percent = (100 * part) / whole;
  if (percent < 1) return '< 1 %';
  return percent > 99 && part < whole ? '> 99 %' : `${Math.round(percent)} %`;
}

function renderExtent(extent: Extent | null): string {
  if (extent === null) return '?';
  return extent.min === extent.max ? String(extent.min) : `${extent.min}–${extent.max}`;
}

export function renderHours(hours: number): string {
  return hours >= 100 ? hours.toFixed(0) : hours.toFixed(1);
}
