// PURE: turns a sensor's expression into vectors of the selected topologies with one number for each operator instance.
// sensing-queries.ts chooses the vectors.
import type { Engine } from '../config/configuration.js';
import { replaceSelectors } from './linear-expression.js';
import { escapeString, quoteRegex, renderDuration } from './promql-literals.js';

/** The common part of all queries of one evaluation of one engine. */
export interface QueryScope {
  readonly engine: Engine;
  readonly windowMs: number;
}

/** Topologies by the value of the engine's topology label. */
export interface TopologySelection {
  readonly labelValues: readonly string[];
  /** RE2 expressions that match whole label values. */
  readonly patterns: readonly string[];
}

/**
 * The engine's matchers and a selector of the topologies, such as `cluster="prod", job_name=~"a|b"`: valid between braces,
 * alone or followed by `, …`. Throws if nothing is selected, since that would select everything.
 */
export function renderMatchers(engine: Engine, { labelValues, patterns }: TopologySelection): string {
  const label = engine.labels.topology;
  const alternatives = [...labelValues.map(quoteRegex), ...patterns.map((pattern) => `(?:${pattern})`)];
  if (alternatives.length === 0) throw new RangeError('no topology is selected');
  const selector = `${label}=~"${escapeString(alternatives.join('|'))}"`;
  const own = engine.matchers.replace(/[\s,]+$/, '');
  // A pattern such as .* also matches series without the label, which belong to no topology.
  const parts = [...(own === '' ? [] : [own]), ...(patterns.length === 0 ? [] : [`${label}!=""`]), selector];
  return parts.join(', ');
}

/** An engine's expression, `$matchers` filled in, in parentheses. */
export function renderExpression(expression: string, matchers: string): string {
  const filled = expression.trim().replaceAll('$matchers', () => matchers);
  // A comment at its end must not swallow what follows.
  return `(${filled}${filled.includes('#') ? '\n' : ''})`;
}

/** A slope through two points is mere noise. */
const MIN_SLOPE_POINTS = 3;

/** An instance counts as present at the window's start if it was seen within this share of a window before it. */
const START_SHARE = 0.5;

/** `start`: the last value before the window, of what was there at its start. */
type WindowValue = 'mean' | 'lowest' | 'slope' | 'start';

/**
 * One series an operator instance:
 * - `mean` over the window: of the instances that have a value now, since a removed one would linger for a window
 * - `lowest` over the window: also of what an instance was before it restarted
 * - `slope` over the window: least squares, per second, of at least 3 points; also of instances that have no value now
 * - `throughout`: the lowest, of the instances that were there at the window's start
 * - `now`: the value now, whatever it is
 *
 * One an operator: `sources`, whatever its value, and `told`, the largest. One a topology: `suspended`, of the most suspended
 * of its series (Heron: its stream managers) the mean over the window.
 */
export type QueryPart = Exclude<WindowValue, 'start'> | 'throughout' | 'now' | 'sources' | 'told' | 'suspended';

/**
 * A part of an expression as a query. Of an instance one series for each value of the labels that `identities` adds. A label
 * that changes at a restart makes two of one instance: the larger is taken, and the smaller of what is the lowest.
 *
 * Over the window, of an expression that is linear in its selectors the samples count, each once and of one series; of any
 * other its values at the steps of a sub-query, where a step repeats the newest sample. The two differ where scrapes come
 * at irregular times; where an instance has restarted in the window, of which samples tell only what the new one did; and
 * at NaN, which makes a mean of samples NaN, while a step without a finite value is left out.
 * @param expression `$matchers` filled in
 */
export function renderPart(
  scope: QueryScope,
  expression: string,
  part: QueryPart,
  identities: readonly string[] = [],
): string {
  const { engine, windowMs } = scope;
  const { topology, operator, operatorInstance } = engine.labels;
  const byOperator = `${topology}, ${operator}`;
  const byInstance = [byOperator, operatorInstance, ...identities].join(', ');
  const overWindow = (value: WindowValue): string => renderOverWindow(scope, expression, value, byInstance);
  switch (part) {
    case 'now':
      return `max by (${byInstance}) (${expression})`;
    case 'sources':
      return `group by (${byOperator}) (${expression})`;
    case 'told':
      return `max by (${byOperator}) (${expression})`;
    case 'suspended': {
      const byTopology = `max by (${topology}) (${expression}) < Inf`;
      return `avg_over_time((${byTopology})[${renderDuration(windowMs)}:${renderDuration(engine.resolutionMs)}])`;
    }
    case 'throughout':
      return `${overWindow('lowest')} and ${overWindow('start')}`;
    default:
      return overWindow(part);
  }
}

function renderOverWindow(
  { windowMs, engine }: QueryScope,
  expression: string,
  value: WindowValue,
  by: string,
): string {
  const before = Math.max(START_SHARE * windowMs, engine.resolutionMs);
  const [window, offset] = value === 'start' ? [before, ` offset ${renderDuration(windowMs)}`] : [windowMs, ''];
  const render = (vector: string, step = ''): string =>
    STATISTICS[value](vector, `${vector}[${renderDuration(window)}${step}]${offset}`);
  const direct = replaceSelectors(expression, (selector) => render(selector));
  if (direct !== null) return `${value === 'lowest' ? 'min' : 'max'} by (${by}) (${direct})`;
  const now = `max by (${by}) (${expression})`;
  const finite = `(${now} < Inf)`;
  const ofSteps = render(finite, `:${renderDuration(engine.resolutionMs)}`);
  // An instance without a finite value is present all the same.
  return value === 'mean' ? `${ofSteps} or (${now} unless ${finite})` : ofSteps;
}

/** Of a vector now and its range. */
const STATISTICS: Readonly<Record<WindowValue, (vector: string, range: string) => string>> = {
  mean: (vector, range) => `(avg_over_time(${range}) and ${vector})`,
  lowest: (_vector, range) => `min_over_time(${range})`,
  // Few have too few points, and what is matched against little costs little.
  slope: (_vector, range) => `(deriv(${range}) unless (count_over_time(${range}) < ${MIN_SLOPE_POINTS}))`,
  start: (_vector, range) => `last_over_time(${range})`,
};
