// scale_up: how many instances let the operator keep up, from how long it held up its input.
import type { Demand } from '../model/evaluation.js';
import type { OperatorMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { clampedTo, FORGIVEN } from './parallelism-bounds.js';

export interface ScaleUpInput {
  readonly operator: OperatorMeasurement;
  /** b; null: unknown or not applicable. */
  readonly suspendedRatio: number | null;
  readonly demand: Demand;
  /** Whether the operator is a source that falls behind by itself. */
  readonly isGrowingSource: boolean;
  readonly settings: PolicySettings;
}

/**
 * Parallelism to ask for; null: none larger. ceil(p × min(1 / (1 − b), 1 + max_scale_up_factor, D × max u)): p 2, b 0.5 ⇒ 4;
 * p 2, b 0.75 ⇒ 8; 20 % suspended against 80 % flowing ⇒ +25 %. A source with growing backlog: ceil(p × D).
 * D × max u is how much of itself the operator would use under the whole load; at 1 or less the source merely could read faster.
 */
export function scaleUpParallelism(input: ScaleUpInput): number | null {
  const { operator, settings } = input;
  const factor = input.isGrowingSource ? sourceFactor(input) : suspensionFactor(input);
  if (operator.parallelism === null || factor === null) return null;
  const limited = Math.min(factor, 1 + settings.maxScaleUpFactor);
  const desired = clampedTo(operator.spec, Math.ceil(operator.parallelism * limited - FORGIVEN));
  return desired > operator.parallelism ? desired : null;
}

function sourceFactor({ demand }: ScaleUpInput): number | null {
  return demand.kind === 'bounded' ? demand.ratio : null;
}

function suspensionFactor({ operator, suspendedRatio, demand, settings }: ScaleUpInput): number | null {
  if (suspendedRatio === null || demand.kind === 'unknown') return null;
  const bySuspension = 1 / (1 - suspendedRatio);
  if (demand.kind === 'unbounded') return bySuspension;
  const busiest = operator.busy.kind === 'measured' ? operator.busy.max : 1;
  const byDemand = demand.ratio * busiest;
  return byDemand <= 1 + settings.backpressureThreshold ? null : Math.min(bySuspension, byDemand);
}
