// PURE: what is asked for a range of instants. What a live look has Prometheus aggregate over the instances is asked instance by
// instance here and folded by range-answers.ts: one pass over each window serves all of its statistics, where Prometheus would
// make one for each, at every step. What is taken over time is the same expression as in a live look.
import { SENSORS, type SensorName } from '../model/measurement.js';
import {
  operatorGrouping,
  renderExpression,
  renderLatest,
  renderPastMean,
  renderSensor,
  type QueryScope,
} from './instance-vectors.js';
import { renderStatistic, renderSuspendedMean, STATISTICS, type StatisticName } from './sensor-queries.js';
import { isAsked, type SensingScope, queryScopeOf } from './sensing-queries.js';

/**
 * - `latest`: the value of each instance at the step, NaN included: who is there, and what `count` and `total` are of
 * - `past_mean`: each instance's mean over the window, also of those that are gone: what `mean`, `max` and `min` are of
 * - `sources`: above 0 for an operator that is a source
 * - a statistic that is not of instances but of the operator over time, as live
 */
export type RangePart = 'latest' | 'past_mean' | 'sources' | StatisticName;

export interface RangeQuery {
  readonly purpose: SensorName | 'presence';
  readonly part: RangePart;
  readonly promql: string;
}

const OF_LATEST: readonly StatisticName[] = ['count', 'total'];
const OF_PAST_MEANS: readonly StatisticName[] = ['mean', 'max', 'min'];

/** None if there is no topology to look at. */
export function planRangeQueries(sensing: SensingScope): RangeQuery[] {
  const scope = queryScopeOf(sensing);
  if (scope === null) return [];
  const sensors = SENSORS.filter((sensor) => isAsked(sensing.engine, sensor));
  return [...sourceQueries(scope), ...sensors.flatMap((sensor) => queriesOf(scope, sensor))];
}

function sourceQueries({ engine, matchers }: QueryScope): RangeQuery[] {
  if (engine.sources === null) return [];
  const promql = `count by (${operatorGrouping(engine)}) ${renderExpression(engine.sources, matchers)}`;
  return [{ purpose: 'presence', part: 'sources', promql }];
}

function queriesOf(scope: QueryScope, sensor: SensorName): RangeQuery[] {
  const expression = renderSensor(scope, sensor);
  if (expression === null) return [];
  if (sensor === 'topology_suspended') {
    return [{ purpose: sensor, part: 'mean', promql: renderSuspendedMean(scope, expression) }];
  }
  const statistics = STATISTICS[sensor];
  const ofInstances = statistics.some((name) => OF_LATEST.includes(name))
    ? [{ purpose: sensor, part: 'latest' as const, promql: renderLatest(scope, expression) }]
    : [];
  const ofWindows = statistics.some((name) => OF_PAST_MEANS.includes(name))
    ? [{ purpose: sensor, part: 'past_mean' as const, promql: renderPastMean(scope, expression) }]
    : [];
  const ofOperators = statistics
    .filter((name) => !OF_LATEST.includes(name) && !OF_PAST_MEANS.includes(name))
    .map((part) => ({ purpose: sensor, part, promql: renderStatistic(scope, expression, part) }));
  return [...ofInstances, ...ofWindows, ...ofOperators];
}
