// PURE: the second look, at single instances, taken only of operators whose pending packets are skewed.
import type { SensorName } from '../model/measurement.js';
import {
  instanceGrouping,
  operatorGrouping,
  renderSensor,
  renderWindowMean,
  type QueryScope,
} from './instance-vectors.js';
import { renderSeries, renderUnion } from './promql-literals.js';

/** By the engine's label values. */
export interface OperatorKey {
  readonly topology: string;
  readonly operator: string;
}

export interface InstanceKey extends OperatorKey {
  readonly operatorInstance: string;
}

/** At most so many instances of one operator are looked at. */
export const MAX_OUTLIERS = 10;

/** Window means of the instances with the most pending packets, of these operators. Null without the sensor. */
export function renderTopPendingQuery(scope: QueryScope, operators: readonly OperatorKey[]): string | null {
  const expression = renderSensor(scope, 'pending_packets');
  if (expression === null || operators.length === 0) return null;
  const { labels } = scope.engine;
  const by = operatorGrouping(scope.engine);
  const wanted = renderUnion(
    operators.map((key) => renderSeries({ [labels.topology]: key.topology, [labels.operator]: key.operator })),
  );
  return `topk by (${by}) (${MAX_OUTLIERS}, (${renderWindowMean(scope, expression)}) and on (${by}) (${wanted}))`;
}

/** Window means of exactly these instances. Null without the sensor. */
export function renderInstancesQuery(
  scope: QueryScope,
  sensor: SensorName,
  instances: readonly InstanceKey[],
): string | null {
  const expression = renderSensor(scope, sensor);
  if (expression === null || instances.length === 0) return null;
  const { labels } = scope.engine;
  const wanted = renderUnion(
    instances.map((key) =>
      renderSeries({
        [labels.topology]: key.topology,
        [labels.operator]: key.operator,
        [labels.operatorInstance]: key.operatorInstance,
      }),
    ),
  );
  return `(${renderWindowMean(scope, expression)}) and on (${instanceGrouping(scope.engine)}) (${wanted})`;
}
