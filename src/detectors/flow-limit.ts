// The flow limit: the bound that lets the least load through. Without it operators would be sized for load that never
// arrives.
import type { OperatorMeasurement } from '../model/measurement.js';
import type { FlowLimit, OperatorLoad } from '../model/operator-load.js';
import { ratioAtBound } from './enough-instances.js';

export interface Limited {
  readonly measurement: OperatorMeasurement;
  readonly load: Pick<OperatorLoad, 'effectiveBusy' | 'hotKey' | 'hiddenImbalance' | 'offeredRatio' | 'catchUpRatio'>;
}

/** See OperatorLoad: 4 instances that read 0.8 of the time, bound 6 ⇒ 1.875. */
export function boundRatioOf(
  measurement: OperatorMeasurement,
  load: Pick<OperatorLoad, 'effectiveBusy' | 'hotKey' | 'hiddenImbalance'>,
): number | null {
  const { role, maxParallelism } = measurement.spec;
  return role === 'source' && maxParallelism !== null ? ratioAtBound(measurement, load, maxParallelism) : null;
}

/**
 * G, the least of the ratios that the bounded operators let through: 10 full instances, bound 14, twice as much offered ⇒
 * 1.4. An operator that lets through what is offered to it limits nothing: with several sources, others may be offered more. So one
 * source limits only what it feeds, see offeredRatiosOf, unless it is held; all of them limit the flow to the largest of their ratios.
 * null: no known bound limits the flow.
 * @param held names of operators that stay at their present parallelism
 */
export function flowLimitOf(operators: readonly Limited[], held: ReadonlySet<string>): FlowLimit | null {
  const isFree = ({ measurement: { spec } }: Limited): boolean => spec.role === 'source' && !held.has(spec.name);
  const sources = operators.filter(isFree);
  const others = operators.filter((one) => !isFree(one));
  const ofSources = limitsOf(sources, held).sort(byRatio);
  const loosest = ofSources.length === sources.length ? ofSources.slice(-1) : [];
  return [...limitsOf(others, held), ...loosest].sort(byRatio)[0] ?? null;
}

function limitsOf(operators: readonly Limited[], held: ReadonlySet<string>): FlowLimit[] {
  return operators.flatMap((limited): FlowLimit[] => {
    const { measurement, load } = limited;
    const { name, maxParallelism } = measurement.spec;
    const bound = held.has(name) ? measurement.parallelism : maxParallelism;
    const ratio = bound === null ? null : ratioAtBound(measurement, load, bound);
    return ratio === null || ratio >= wholeRatioOf(limited) ? [] : [{ operator: name, ratio }];
  });
}

function byRatio(left: FlowLimit, right: FlowLimit): number {
  return left.ratio - right.ratio;
}

/** What is offered to it, over what it serves. Unknown: what a source feeds is unknown too, but an inner operator may limit others. */
function wholeRatioOf({ measurement, load: { offeredRatio, catchUpRatio } }: Limited): number {
  if (offeredRatio === null || catchUpRatio === null) return measurement.spec.role === 'source' ? 0 : Infinity;
  return Math.max(offeredRatio, catchUpRatio);
}

/** The ratio f or g of an operator, as far as its topology lets it through. */
export function limitedTo(
  limit: FlowLimit | null,
  { boundRatio }: Pick<OperatorLoad, 'boundRatio'>,
  ratio: number,
): number {
  return Math.min(ratio, limit?.ratio ?? Infinity, boundRatio ?? Infinity);
}
