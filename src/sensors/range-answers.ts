// PURE: what the range queries answered, folded step by step into the answers that a live look has, statistic for statistic.
import type { Engine } from '../config/configuration.js';
import type { SensorName } from '../model/measurement.js';
import { isNow } from './instance-vectors.js';
import { indexOf, PRESENCE_SENSORS } from './presence-query.js';
import type { RangeSeries } from './prometheus-client.js';
import type { RangeQuery } from './range-queries.js';
import { entryOf, type Answer, type SensorAnswers, type StatisticsByOperator } from './sensor-answers.js';
import { STATISTICS, sumAboveStatistic, type StatisticName } from './sensor-queries.js';

/** A series by the engine's labels, with its values by step: flat, since there may be millions of them. */
interface StepSeries {
  /** The same for every series of one operator instance. */
  readonly instance: string;
  readonly topology: string;
  readonly operator: string;
  readonly operatorInstance: string;
  readonly values: Float64Array;
  /** By step, 1: there is a value, which may be NaN. */
  readonly present: Uint8Array;
}

export interface RangeAnswer extends Omit<RangeQuery, 'promql'> {
  readonly series: readonly StepSeries[];
}

export interface FoldContext {
  readonly engine: Engine;
  readonly backpressureThresholds: readonly number[];
  /** By topology label: position of the first discovery that matches. */
  readonly discoveries: ReadonlyMap<string, number>;
}

type MutableStatistics = Map<string, Map<string, Map<string, number>>>;

/** Series without the topology label belong to no topology and are left out. Where a query was halved, labels come twice. */
export function stepSeriesOf(matrix: readonly RangeSeries[], { labels }: Engine, stepCount: number): StepSeries[] {
  const found = new Map<string, StepSeries>();
  for (const { labels: own, steps, values } of matrix) {
    const topology = own[labels.topology];
    if (topology === undefined) continue;
    const [operator, operatorInstance] = [own[labels.operator] ?? '', own[labels.operatorInstance] ?? ''];
    const instance = JSON.stringify([topology, operator, operatorInstance]);
    const series = entryOf(found, instance, () => {
      const none = { values: new Float64Array(stepCount), present: new Uint8Array(stepCount) };
      return { instance, topology, operator, operatorInstance, ...none };
    });
    for (const [index, step] of steps.entries()) {
      series.values[step] = values[index] ?? NaN;
      series.present[step] = 1;
    }
  }
  return [...found.values()];
}

/** undefined: it has no value then. */
function valueAt({ values, present }: StepSeries, step: number): number | undefined {
  return present[step] === 1 ? values[step] : undefined;
}

/** How many operators there are, whatever was answered of them. */
export function countOperators(answers: readonly RangeAnswer[]): number {
  const operators = new Map<string, Set<string>>();
  for (const { series } of answers) {
    for (const { topology, operator } of series) entryOf(operators, topology, () => new Set<string>()).add(operator);
  }
  return [...operators.values()].reduce((sum, ofTopology) => sum + ofTopology.size, 0);
}

/** All topology labels that any instance has at any step. */
export function topologiesIn(answers: readonly RangeAnswer[]): ReadonlySet<string> {
  return new Set(presentIn(answers).flatMap(({ series }) => series.map(({ topology }) => topology)));
}

export function foldAnswers(context: FoldContext, answers: readonly RangeAnswer[], step: number): SensorAnswers {
  const sensors = new Map<SensorName, Answer<StatisticsByOperator>>();
  for (const purpose of new Set(answers.map((answer) => answer.purpose))) {
    if (purpose === 'presence') continue;
    const own = answers.filter((answer) => answer.purpose === purpose);
    sensors.set(purpose, { kind: 'answered', content: foldSensor(context, purpose, own, step) });
  }
  const presence = { statistics: foldPresence(context, answers, step), discoveries: context.discoveries };
  return { presence: { kind: 'answered', content: onlyPresent(presence) }, sensors };
}

function foldSensor(
  { backpressureThresholds }: FoldContext,
  sensor: SensorName,
  answers: readonly RangeAnswer[],
  step: number,
): StatisticsByOperator {
  const statistics: MutableStatistics = new Map();
  const now = new Set<string>();
  for (const { part, series } of answers) {
    if (part === 'latest') foldLatest(statistics, wantedOf(sensor), series, step, now);
  }
  for (const { part, series } of answers) {
    if (part === 'latest' || part === 'sources') continue;
    if (part === 'past_mean') {
      const thresholds = sensor === 'backpressure' ? backpressureThresholds : [];
      foldMeans(statistics, { wanted: wantedOf(sensor), thresholds, now }, series, step);
    } else {
      for (const one of series) {
        const value = valueAt(one, step);
        if (value !== undefined) operatorOf(statistics, one).set(part, value);
      }
    }
  }
  return statistics;
}

function wantedOf(sensor: SensorName): readonly StatisticName[] {
  return sensor === 'topology_suspended' ? [] : STATISTICS[sensor];
}

/** @param now takes the instances that have a value */
function foldLatest(
  statistics: MutableStatistics,
  wanted: readonly StatisticName[],
  series: readonly StepSeries[],
  step: number,
  now: Set<string>,
): void {
  const hasTotal = wanted.includes('total');
  for (const one of series) {
    const value = valueAt(one, step);
    if (value === undefined || !isNow(value)) continue;
    now.add(one.instance);
    const operator = operatorOf(statistics, one);
    operator.set('count', (operator.get('count') ?? 0) + 1);
    if (hasTotal) operator.set('total', (operator.get('total') ?? 0) + value);
  }
}

interface MeanFolding {
  readonly wanted: readonly StatisticName[];
  readonly thresholds: readonly number[];
  /** Instances that have a value now: the others linger. */
  readonly now: ReadonlySet<string>;
}

function foldMeans(
  statistics: MutableStatistics,
  { wanted, thresholds, now }: MeanFolding,
  series: readonly StepSeries[],
  step: number,
): void {
  const hasMin = wanted.includes('min');
  const counts = new Map<Map<string, number>, number>();
  for (const one of series) {
    const value = valueAt(one, step);
    if (value === undefined || !now.has(one.instance)) continue;
    const operator = operatorOf(statistics, one);
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
    operator.set('mean', (operator.get('mean') ?? 0) + value);
    operator.set('max', Math.max(operator.get('max') ?? -Infinity, value));
    if (hasMin) operator.set('min', Math.min(operator.get('min') ?? Infinity, value));
    for (const threshold of thresholds) {
      if (value <= threshold) continue;
      const name = sumAboveStatistic(threshold);
      operator.set(name, (operator.get(name) ?? 0) + value);
    }
  }
  for (const [operator, count] of counts) operator.set('mean', (operator.get('mean') ?? 0) / count);
}

/** An instance is present if any of the sensors that every engine has shows it, whatever the value. */
function foldPresence({ engine }: FoldContext, answers: readonly RangeAnswer[], step: number): MutableStatistics {
  const statistics: MutableStatistics = new Map();
  const counted = new Set<string>();
  for (const { series } of presentIn(answers)) {
    for (const one of series) {
      if (valueAt(one, step) === undefined || counted.has(one.instance)) continue;
      counted.add(one.instance);
      const operator = operatorOf(statistics, one);
      operator.set('instances', (operator.get('instances') ?? 0) + 1);
      if (engine.contiguousInstances) {
        operator.set('index_sum', (operator.get('index_sum') ?? 0) + indexOf(one.operatorInstance));
      }
    }
  }
  for (const { part, series } of answers) {
    if (part !== 'sources') continue;
    for (const one of series) {
      const value = valueAt(one, step);
      if (value !== undefined) operatorOf(statistics, one).set('sources', value);
    }
  }
  return statistics;
}

function presentIn(answers: readonly RangeAnswer[]): RangeAnswer[] {
  return answers.filter(
    ({ purpose, part }) => part === 'latest' && (PRESENCE_SENSORS as readonly string[]).includes(purpose),
  );
}

/** A discovery is told of a topology while instances of it are present. */
function onlyPresent({
  statistics,
  discoveries,
}: {
  statistics: StatisticsByOperator;
  discoveries: ReadonlyMap<string, number>;
}): { statistics: StatisticsByOperator; discoveries: ReadonlyMap<string, number> } {
  const isPresent = (topology: string): boolean =>
    [...(statistics.get(topology)?.values() ?? [])].some((operator) => operator.has('instances'));
  return { statistics, discoveries: new Map([...discoveries].filter(([topology]) => isPresent(topology))) };
}

function operatorOf(statistics: MutableStatistics, { topology, operator }: StepSeries): Map<string, number> {
  const operators = entryOf(statistics, topology, () => new Map<string, Map<string, number>>());
  return entryOf(operators, operator, () => new Map<string, number>());
}
