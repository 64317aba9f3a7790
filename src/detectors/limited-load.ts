// An operator's load, capped by the topology's flow limit, and whether it is too much for the operator.
import type { FlowLimit, OperatorLoad } from '../model/operator-load.js';
import type { OperatorMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { limitedTo } from './flow-limit.js';

/** f, g and û of one operator; f and g are capped, û includes the hidden imbalance. */
export interface LimitedLoad {
  readonly offered: number;
  readonly catchUp: number;
  readonly busy: number;
}

/** null: one of them is unknown. */
export function limitedLoadOf(load: OperatorLoad, limit: FlowLimit | null): LimitedLoad | null {
  const { offeredRatio, catchUpRatio, effectiveBusy, hiddenImbalance } = load;
  if (offeredRatio === null || catchUpRatio === null || effectiveBusy === null) return null;
  const busy = effectiveBusy * hiddenImbalance;
  return { offered: limitedTo(limit, load, offeredRatio), catchUp: limitedTo(limit, load, catchUpRatio), busy };
}

/** Next to an operator that is too small, one that the whole load would make busier than this is scaled up as well. */
const FOLLOWS_ABOVE = 0.95;

/**
 * max(f, g) × û: how busy the operator would be under the whole load at its parallelism; offered 10 times what it serves, 0.2
 * busy ⇒ 2.
 */
export function wholeLoadOf({ offered, catchUp, busy }: LimitedLoad): number {
  return Math.max(offered, catchUp) * busy;
}

/** max(f, g) × û > 1 + backpressure_threshold; below that, the source merely could read faster. */
export function isTooSmall(load: LimitedLoad, { backpressureThreshold }: PolicySettings): boolean {
  return wholeLoadOf(load) > 1 + backpressureThreshold;
}

/** max(f, g) × û > 0.95. */
export function isNextToBe(load: LimitedLoad): boolean {
  return wholeLoadOf(load) > FOLLOWS_ABOVE;
}

/** f × û × p / p′, f capped: one full instance, offered ten times what it serves, with 12 instances ⇒ 0.83. */
export function expectedBusyOf(
  { parallelism }: OperatorMeasurement,
  load: OperatorLoad,
  limit: FlowLimit | null,
  desiredParallelism: number | null,
): number | null {
  const { offeredRatio, effectiveBusy, hiddenImbalance } = load;
  if (parallelism === null || offeredRatio === null || effectiveBusy === null || desiredParallelism === null)
    return null;
  return (limitedTo(limit, load, offeredRatio) * effectiveBusy * hiddenImbalance * parallelism) / desiredParallelism;
}
