// PURE: a sensor's expression made into well-behaved vectors: selected topologies only, one number an operator instance.
// N is the instances' values now, W their means over the window; which statistics are taken of them is sensor-queries.ts'.
import type { Engine } from '../config/configuration.js';
import type { SensorName } from '../model/measurement.js';
import { escapeString, quoteRegex, renderDuration } from './promql-literals.js';

/** What all queries of one evaluation of one engine share. */
export interface QueryScope {
  readonly engine: Engine;
  readonly windowMs: number;
  /** What `$matchers` stands for; never empty. */
  readonly matchers: string;
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

/** A sensor's expression as the engine has it; null if it has none. */
export function renderSensor({ engine, matchers }: QueryScope, sensor: SensorName): string | null {
  const expression = engine.sensors[sensor];
  return expression === undefined ? null : renderExpression(expression, matchers);
}

/** One series an instance that is there now, whatever its value. */
export function renderLatest(scope: QueryScope, expression: string): string {
  return `max by (${instanceGrouping(scope.engine)}) (${expression})`;
}

/** N: one series an instance that has a value now. A label that changes at a restart makes two of one instance; NaN and +Inf are no values. */
export function renderNow(scope: QueryScope, expression: string): string {
  return `${renderLatest(scope, expression)} < Inf`;
}

/** What `renderNow` keeps of a value. */
export function isNow(value: number): boolean {
  return value < Infinity;
}

/** Means over the window, also of instances that are gone by now. */
export function renderPastMean(scope: QueryScope, expression: string): string {
  return `avg_over_time((${renderNow(scope, expression)})${renderRange(scope)})`;
}

/** W: the mean over the window of each instance in N. Without the intersection, a removed instance would linger for a window. */
export function renderWindowMean(scope: QueryScope, expression: string): string {
  const now = renderNow(scope, expression);
  return `${renderPastMean(scope, expression)} and on (${instanceGrouping(scope.engine)}) (${now})`;
}

/** N summed over each operator's instances. */
export function renderOperatorTotal(scope: QueryScope, expression: string): string {
  return `sum by (${operatorGrouping(scope.engine)}) (${renderNow(scope, expression)})`;
}

/** The sub-query's `[window:resolution]`. */
export function renderRange({ windowMs, engine }: QueryScope): string {
  return `[${renderDuration(windowMs)}:${renderDuration(engine.resolutionMs)}]`;
}

/** As a grouping: the labels that tell operators apart. */
export function operatorGrouping({ labels }: Engine): string {
  return `${labels.topology}, ${labels.operator}`;
}

/** As a grouping: the labels that tell operator instances apart. */
export function instanceGrouping(engine: Engine): string {
  return `${operatorGrouping(engine)}, ${engine.labels.operatorInstance}`;
}
