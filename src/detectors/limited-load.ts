// An operator's load, no more of it than what the tightest bound of the topology lets through; and whether it is too much.
import type { FlowLimit, OperatorLoad } from '../model/operator-load.js';
import type { OperatorMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { limitedTo } from './flow-limit.js';

/** f, g and û of one operator, f and g limited. */
export interface LimitedLoad {
  readonly offered: number;
  readonly catchUp: number;
  readonly busy: number;
}

/** null: one of them is not known. */
export function limitedLoadOf(load: OperatorLoad, limit: FlowLimit | null): LimitedLoad | null {
  const { offeredRatio, catchUpRatio, effectiveBusy } = load;
  if (offeredRatio === null || catchUpRatio === null || effectiveBusy === null) return null;
  return { offered: limitedTo(limit, offeredRatio), catchUp: limitedTo(limit, catchUpRatio), busy: effectiveBusy };
}

/** An operator beside one that is too small is next, if the whole load would make it busier than this. */
const FOLLOWS_ABOVE = 0.95;

/** max(f, g) × û: how busy the operator as it is would be under the whole load; ten times what it serves when 0.2 busy ⇒ 2. */
export function wholeLoadOf({ offered, catchUp, busy }: LimitedLoad): number {
  return Math.max(offered, catchUp) * busy;
}

/** max(f, g) × û > 1 + backpressure_threshold; at less, the source merely could read faster. */
export function isTooSmall(load: LimitedLoad, { backpressureThreshold }: PolicySettings): boolean {
  return wholeLoadOf(load) > 1 + backpressureThreshold;
}

/** max(f, g) × û > 0.95. */
export function isNextToBe(load: LimitedLoad): boolean {
  return wholeLoadOf(load) > FOLLOWS_ABOVE;
}

/** f × û × p / p′, f limited: one full instance that is offered ten times what it serves, and becomes 12 ⇒ 0.83. */
export function expectedBusyOf(
  { parallelism }: OperatorMeasurement,
  { offeredRatio, effectiveBusy }: OperatorLoad,
  limit: FlowLimit | null,
  desiredParallelism: number | null,
): number | null {
  if (parallelism === null || offeredRatio === null || effectiveBusy === null || desiredParallelism === null)
    return null;
  return (limitedTo(limit, offeredRatio) * effectiveBusy * parallelism) / desiredParallelism;
}
