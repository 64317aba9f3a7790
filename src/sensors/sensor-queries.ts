// PURE: one query a sensor, the union of its statistics, told apart by the label `dhalion_stat`. Statistics are taken in
// Prometheus, so that an answer grows with the operators and not with their instances.
import type { SensorName } from '../model/measurement.js';
import {
  operatorGrouping,
  renderNow,
  renderOperatorTotal,
  renderRange,
  renderSensor,
  renderWindowMean,
  type QueryScope,
} from './instance-vectors.js';
import { renderLabelled, renderUnion } from './promql-literals.js';

export const STATISTIC_LABEL = 'dhalion_stat';

/**
 * - `mean`, `max`, `min`: over the instances, of each one's mean over the window
 * - `count`: how many instances have a value now, and so a mean, unless they appeared since the last step (a pass over the
 *   window costs far more than one over the instant)
 * - `total`: sum over the instances now; `slope`: its least-squares slope, per second; `lowest`: its minimum over the window;
 *   `points`: at how many steps of the window it has a value
 * - `parallelism`: as the engine says
 */
export type StatisticName = 'mean' | 'max' | 'min' | 'count' | 'total' | 'slope' | 'lowest' | 'points' | 'parallelism';

/** Sum over the instances whose mean exceeds a threshold. */
export function sumAboveStatistic(threshold: number): `sum_above_${number}` {
  return `sum_above_${threshold}`;
}

export const STATISTICS: Readonly<Record<Exclude<SensorName, 'topology_suspended'>, readonly StatisticName[]>> = {
  backpressure: ['mean', 'max', 'count'],
  pending_packets: ['mean', 'max', 'count', 'slope', 'points'],
  processing_rate: ['mean', 'max', 'min', 'count', 'lowest', 'points'],
  busy: ['mean', 'max', 'count'],
  source_backlog: ['total', 'count', 'slope', 'points'],
  parallelism: ['parallelism'],
};

/**
 * The statistics of one sensor: by topology and operator, of topology_suspended by topology. Null if the engine has no
 * such sensor.
 * @param backpressureThresholds one sum a distinct threshold
 */
export function renderSensorQuery(
  scope: QueryScope,
  sensor: SensorName,
  backpressureThresholds: readonly number[],
): string | null {
  const expression = renderSensor(scope, sensor);
  if (expression === null) return null;
  if (sensor === 'topology_suspended') {
    return renderLabelled(renderSuspendedMean(scope, expression), STATISTIC_LABEL, 'mean');
  }
  const statistics = STATISTICS[sensor].map((name) =>
    renderLabelled(renderStatistic(scope, expression, name), STATISTIC_LABEL, name),
  );
  const sums = sensor === 'backpressure' ? [...new Set(backpressureThresholds)] : [];
  return renderUnion([...statistics, ...sums.map((threshold) => renderSumAbove(scope, expression, threshold))]);
}

/** One statistic by itself, without a label that says which it is. */
export function renderStatistic(scope: QueryScope, expression: string, name: StatisticName): string {
  const by = `by (${operatorGrouping(scope.engine)})`;
  const overTime = (aggregation: string): string =>
    `${aggregation}((${renderOperatorTotal(scope, expression)})${renderRange(scope)})`;
  switch (name) {
    case 'mean':
      return `avg ${by} (${renderWindowMean(scope, expression)})`;
    case 'max':
    case 'min':
      return `${name} ${by} (${renderWindowMean(scope, expression)})`;
    case 'count':
      return `count ${by} (${renderNow(scope, expression)})`;
    case 'total':
      return renderOperatorTotal(scope, expression);
    case 'slope':
      return overTime('deriv');
    case 'lowest':
      return overTime('min_over_time');
    case 'points':
      return overTime('count_over_time');
    case 'parallelism':
      return `max ${by} (${expression})`;
  }
}

function renderSumAbove(scope: QueryScope, expression: string, threshold: number): string {
  const above = `(${renderWindowMean(scope, expression)}) > ${threshold}`;
  const sum = `sum by (${operatorGrouping(scope.engine)}) (${above})`;
  return renderLabelled(sum, STATISTIC_LABEL, sumAboveStatistic(threshold));
}

/** The most suspended of the series a topology has (Heron: its stream managers), its mean over the window. */
export function renderSuspendedMean(scope: QueryScope, expression: string): string {
  const byTopology = `max by (${scope.engine.labels.topology}) (${expression}) < Inf`;
  return `avg_over_time((${byTopology})${renderRange(scope)})`;
}
