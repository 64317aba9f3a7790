// The flow limit: the bound that lets the least load through. Without it operators would be sized for load that never
// arrives.
import type { OperatorMeasurement } from '../model/measurement.js';
import type { FlowLimit, OperatorLoad } from '../model/operator-load.js';
import { ratioAtBound } from './enough-instances.js';

export interface Limited {
  readonly measurement: OperatorMeasurement;
  readonly load: Pick<OperatorLoad, 'effectiveBusy' | 'hotKey' | 'hiddenImbalance' | 'offeredRatio' | 'catchUpRatio'>;
}

/**
 * G, the least of the ratios that the bounded operators let through: 10 full instances, bound 14, twice as much offered ⇒
 * 1.4. An operator that lets through what is offered to it limits nothing: with several sources, others may be offered more. null: no
 * known bound limits the flow.
 * @param held names of operators that stay at their present parallelism
 */
export function flowLimitOf(operators: readonly Limited[], held: ReadonlySet<string>): FlowLimit | null {
  const limits = operators.flatMap((limited): FlowLimit[] => {
    const { measurement, load } = limited;
    const { name, maxParallelism } = measurement.spec;
    const bound = held.has(name) ? measurement.parallelism : maxParallelism;
    const ratio = bound === null ? null : ratioAtBound(measurement, load, bound);
    return ratio === null || ratio >= wholeRatioOf(limited) ? [] : [{ operator: name, ratio }];
  });
  return limits.reduce<FlowLimit | null>(
    (tightest, one) => (tightest === null || one.ratio < tightest.ratio ? one : tightest),
    null,
  );
}

/** What is offered to it, over what it serves. Unknown: what a source feeds is unknown too, but an inner operator may limit others. */
function wholeRatioOf({ measurement, load: { offeredRatio, catchUpRatio } }: Limited): number {
  if (offeredRatio === null || catchUpRatio === null) return measurement.spec.role === 'source' ? 0 : Infinity;
  return Math.max(offeredRatio, catchUpRatio);
}

export function limitedTo(limit: FlowLimit | null, ratio: number): number {
  return limit === null ? ratio : Math.min(ratio, limit.ratio);
}
