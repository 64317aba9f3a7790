// The flow limit: the bound that lets the least load through. Without it operators would be sized for load that never
// arrives.
import type { OperatorMeasurement } from '../model/measurement.js';
import type { FlowLimit, OperatorLoad } from '../model/operator-load.js';
import { ratioAtBound } from './enough-instances.js';

export interface Limited {
  readonly measurement: OperatorMeasurement;
  readonly load: Pick<OperatorLoad, 'effectiveBusy' | 'hotKey'>;
}

/**
 * G, the least of the ratios that the bounded operators let through: 10 full instances, bound 14 ⇒ 1.4, whatever is offered.
 * null: no known bound limits the flow.
 * @param held names of operators that stay at their present parallelism
 */
export function flowLimitOf(operators: readonly Limited[], held: ReadonlySet<string>): FlowLimit | null {
  const limits = operators.flatMap(({ measurement, load }): FlowLimit[] => {
    const { name, maxParallelism } = measurement.spec;
    const bound = held.has(name) ? measurement.parallelism : maxParallelism;
    const ratio = bound === null ? null : ratioAtBound(measurement, load, bound);
    return ratio === null || ratio === Infinity ? [] : [{ operator: name, ratio }];
  });
  return limits.reduce<FlowLimit | null>(
    (tightest, one) => (tightest === null || one.ratio < tightest.ratio ? one : tightest),
    null,
  );
}

export function limitedTo(limit: FlowLimit | null, ratio: number): number {
  return limit === null ? ratio : Math.min(ratio, limit.ratio);
}
