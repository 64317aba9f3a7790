// scale_down: the next smaller parallelism, never one at which the instances would be too busy.
import type { BusyStatistics, OperatorMeasurement, OperatorSpec } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { clampedTo, FORGIVEN } from './parallelism-bounds.js';

/**
 * Parallelism to ask for; null: none smaller. max(1, min(p − 1, floor(p × (1 − scale_down_factor)))), and where busy is
 * known at least p × mean u / scale_down_max_expected_busy: p 10, factor 0.2 ⇒ 8; with mean u 0.72 ⇒ ceil(10 × 0.9) = 9.
 * For a source max u instead: no queue of its own tells that one instance (of a large partition) is full while others idle.
 */
export function scaleDownParallelism(operator: OperatorMeasurement, settings: PolicySettings): number | null {
  const { parallelism, busy } = operator;
  if (parallelism === null || busy.kind === 'missing') return null;
  const smaller = Math.floor(parallelism * (1 - settings.scaleDownFactor) + FORGIVEN);
  const stillEnough =
    busy.kind === 'measured'
      ? Math.ceil((parallelism * busyOf(operator.spec, busy)) / settings.scaleDownMaxExpectedBusy - FORGIVEN)
      : 1;
  const desired = clampedTo(operator.spec, Math.max(1, stillEnough, Math.min(parallelism - 1, smaller)));
  return desired < parallelism ? desired : null;
}

function busyOf({ role }: OperatorSpec, { mean, max }: BusyStatistics): number {
  return role === 'source' ? max : mean;
}
