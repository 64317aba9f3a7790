// scale_up: how many instances let an operator keep up with the offered load, catch up, and not be scaled again soon.
import { enoughInstances, hasIncurableHotKey } from '../detectors/enough-instances.js';
import type { Demand } from '../model/evaluation.js';
import type { OperatorMeasurement } from '../model/measurement.js';
import type { FlowLimit } from '../model/operator-load.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { alignParallelism } from './align-parallelism.js';
import { clampedTo, FORGIVEN } from './parallelism-bounds.js';
import { isNextToBe, isTooSmall, limitedLoadOf, type LimitedLoad } from '../detectors/limited-load.js';
import type { PlanContext, PlannableOperator } from './plan-context.js';

/** At most this many times the present instances at once, whatever is offered. */
const MOST_TIMES = 50;

/**
 * Parallelism to ask for; null: none larger. ceil(max(P(f, target_busy), P(g, 1), floors)): one full instance that is offered
 * ten times what it serves ⇒ ceil(max(11.8, 10)) = 12. If f or û is unknown, the suspended ratio decides. Aligned to what its input
 * comes in.
 */
export function scaleUpParallelism(
  operator: PlannableOperator,
  limit: FlowLimit | null,
  context: Pick<PlanContext, 'demand' | 'experience' | 'settings'>,
): number | null {
  const { parallelism, spec } = operator.measurement;
  // Rates that restarted with the job understate what is served.
  if (parallelism === null || !operator.load.isClean) return null;
  const enough = isSized(operator)
    ? enoughUnderLoad(operator, limit, context)
    : enoughBySuspension(operator, context.demand, context.settings);
  if (enough === null || enough === Infinity) return null;
  const atMost = Math.min(Math.ceil(enough - FORGIVEN), MOST_TIMES * parallelism);
  const desired = clampedTo(spec, Math.max(atMost, floorOf(operator, context)));
  if (desired <= parallelism) return null;
  const bound = Math.min(spec.maxParallelism ?? Infinity, MOST_TIMES * parallelism);
  return alignParallelism(desired, operator.measurement.inputShares, Math.max(desired, bound));
}

function isSized({ load }: PlannableOperator): boolean {
  return limitedLoadOf(load, null) !== null;
}

/** null: it is not too small. Infinity: no parallelism is enough. */
function enoughUnderLoad(
  operator: PlannableOperator,
  limit: FlowLimit | null,
  { settings }: Pick<PlanContext, 'settings'>,
): number | null {
  const load = limitedLoadOf(operator.load, limit);
  if (load === null || !isAsking(operator, load, settings)) return null;
  const { measurement } = operator;
  // The flow limit must not hide that no parallelism is enough.
  if (hasIncurableHotKey(measurement, operator.load)) return Infinity;
  const offered = enoughInstances(measurement, operator.load, load.offered, settings.targetBusy);
  const catchUp = enoughInstances(measurement, operator.load, load.catchUp, 1);
  if (offered === null || offered === Infinity) return offered;
  // If no parallelism can catch up, keeping up still counts.
  return catchUp === null || catchUp === Infinity ? offered : Math.max(offered, catchUp);
}

function isAsking(operator: PlannableOperator, load: LimitedLoad, settings: PolicySettings): boolean {
  if (operator.symptoms.backpressure === 'yes') return isTooSmall(load, settings);
  return operator.symptoms.growing_source_backlog === 'yes' || isNextToBe(load);
}

/** Instances that were taken away within the hour, or needed at the peak of the memory, are asked for in the same step. */
function floorOf(
  { measurement, load }: PlannableOperator,
  { experience, settings }: Pick<PlanContext, 'experience' | 'settings'>,
): number {
  const { name } = measurement.spec;
  const before = experience.scaledDownFrom.get(name) ?? 0;
  const peak = experience.hasReversed ? experience.neededPeaks.get(name)?.maxOverMemory : undefined;
  if (peak === undefined) return before;
  return Math.max(before, Math.ceil((peak * (load.imbalance ?? 1)) / settings.targetBusy - FORGIVEN));
}

/**
 * p × min(1 / (1 − b), 1 + max_scale_up_factor, D × max u): p 2, b 0.5 ⇒ 4; p 2, b 0.75 ⇒ 8; 20 % suspended against 80 %
 * flowing ⇒ +25 %. At D × max u of 1 or less the source merely could read faster. A source that falls behind: p × D.
 */
function enoughBySuspension(
  { measurement, suspendedRatio, symptoms }: PlannableOperator,
  demand: Demand,
  settings: PolicySettings,
): number | null {
  if (measurement.parallelism === null) return null;
  const isFallingBehind = symptoms.growing_source_backlog === 'yes' && symptoms.backpressure !== 'yes';
  const factor = isFallingBehind
    ? demandRatioOf(demand)
    : suspensionFactor(measurement, suspendedRatio, demand, settings);
  return factor === null ? null : measurement.parallelism * Math.min(factor, 1 + settings.maxScaleUpFactor);
}

function demandRatioOf(demand: Demand): number | null {
  return demand.kind === 'bounded' ? demand.ratio : null;
}

function suspensionFactor(
  { busy }: OperatorMeasurement,
  suspendedRatio: number | null,
  demand: Demand,
  { backpressureThreshold }: PolicySettings,
): number | null {
  if (suspendedRatio === null || demand.kind === 'unknown') return null;
  const bySuspension = 1 / (1 - suspendedRatio);
  if (demand.kind === 'unbounded') return bySuspension;
  const byDemand = demand.ratio * (busy.kind === 'measured' ? busy.max : 1);
  return byDemand <= 1 + backpressureThreshold ? null : Math.min(bySuspension, byDemand);
}
