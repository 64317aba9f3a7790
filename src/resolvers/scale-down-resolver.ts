// scale_down: what the peak of the memory needs, with the busiest instance at its target; never based on unknown values.
import { enoughInstances } from '../detectors/enough-instances.js';
import type { ScaleDownFloor } from '../model/experience.js';
import type { OperatorMeasurement } from '../model/measurement.js';
import type { BusyBefore } from '../model/operator-load.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { clampedTo, FORGIVEN } from './parallelism-bounds.js';
import type { PlanContext, PlannableOperator } from './plan-context.js';

/** The peak is about to leave the memory if it is more than this many times that of the newer part. */
const LEAVING_FACTOR = 1.1;

export type ScaleDownSize =
  | { readonly kind: 'smaller'; readonly parallelism: number }
  | { readonly kind: 'none' }
  /** Wait: it may be too large, but an input is unknown, or about to change. */
  | { readonly kind: 'wait'; readonly because: string; readonly isUnknown: boolean };

const NONE: ScaleDownSize = { kind: 'none' };

/**
 * ceil(I × max N over M / target_busy), I over at least a quarter of an hour; not below ceil((1 − max_scale_down_factor) ×
 * p), nor below the floor of a harmful scale-down: 40 instances, at most 16 needed, the busiest 1.05 times as busy as the
 * mean ⇒ ceil(19.8) = 20. Without the sensor busy: floor(p × (1 − scale_down_factor)), see enoughWithoutBusy.
 */
export function scaleDownSize(
  operator: PlannableOperator,
  { experience, settings }: Pick<PlanContext, 'experience' | 'settings'>,
): ScaleDownSize {
  const { measurement } = operator;
  const { parallelism, spec } = measurement;
  if (parallelism === null) return waitFor(`the parallelism of ${spec.name} is unknown`);
  // The flow is not the whole offered load, however idle the operators on its way are.
  if (operator.load.mayBeRefused)
    return waitFor(operator.load.unsizedBecause ?? `load may be refused before ${spec.name}`);
  const enough =
    measurement.busy.kind === 'not_applicable'
      ? enoughWithoutBusy(operator, parallelism, { experience, settings })
      : enoughForPeak(operator, { experience, settings });
  if (typeof enough !== 'number') return enough;
  const least = Math.ceil(parallelism * (1 - settings.maxScaleDownFactor) - FORGIVEN);
  const floor = experience.floors.get(spec.name);
  const forbidden = floor === undefined ? 0 : floorAfterHarm(measurement, parallelism, floor, settings);
  if (forbidden === null) return waitFor(`the processing rate of ${spec.name} is unknown`);
  const desired = clampedTo(spec, Math.max(1, Math.min(parallelism - 1, enough), least, forbidden));
  return enough < parallelism && desired < parallelism ? { kind: 'smaller', parallelism: desired } : NONE;
}

/**
 * floor(p × (1 − scale_down_factor)), but, as long as its capacity counts as proven, not so few that the present load would make them
 * busier than target_busy, by what an instance could do when the operator last was too small: 10 ⇒ 8, and 9 if they do what 7.5 could do
 * then. Fewer would be scaled up again, and down again.
 */
function enoughWithoutBusy(
  { measurement, load }: PlannableOperator,
  parallelism: number,
  { experience, settings: { scaleDownFactor, targetBusy } }: Pick<PlanContext, 'experience' | 'settings'>,
): number {
  const fifth = Math.floor(parallelism * (1 - scaleDownFactor) + FORGIVEN);
  if (!experience.provenCapacity.has(measurement.spec.name)) return fifth;
  const filled = enoughInstances(measurement, load, Math.max(1, load.offeredRatio ?? 1), targetBusy) ?? 0;
  return Math.max(fifth, Math.ceil(filled - FORGIVEN));
}

function enoughForPeak(
  { measurement, load }: PlannableOperator,
  { experience, settings }: Pick<PlanContext, 'experience' | 'settings'>,
): number | ScaleDownSize {
  const { name } = measurement.spec;
  if (load.neededInstances === null) return waitFor(load.unsizedBecause ?? `the need of ${name} is unknown`);
  const peaks = experience.neededPeaks.get(name);
  if (peaks === undefined) return waitFor(`the need of ${name} is not known over all of scale_down_memory`);
  const peak = Math.max(peaks.maxOverMemory, load.neededInstances);
  const imbalance = imbalanceOver(measurement, experience.busyBefore.get(name)) ?? load.imbalance ?? 1;
  const enough = Math.ceil((imbalance * peak) / settings.targetBusy - FORGIVEN);
  const newest = Math.max(peaks.maxOverNewerPart, load.neededInstances);
  const isLeaving = peaks.maxOverMemory > LEAVING_FACTOR * newest;
  if (!isLeaving || enough >= (measurement.parallelism ?? 0)) return enough;
  return { kind: 'wait', because: `the peak need of ${name} is about to leave scale_down_memory`, isUnknown: false };
}

/**
 * I, at least 1: max over mean of how busy the instances were in this look and earlier ones. 0.6 of 0.4 now, and twice 0.42
 * of 0.4 before ⇒ 1.44 / 1.2 = 1.2. The busiest instance may differ from look to look, so this is never less than I of the
 * instances' means over the whole time.
 */
function imbalanceOver({ busy }: OperatorMeasurement, before: BusyBefore | undefined): number | null {
  if (busy.kind !== 'measured' || before === undefined) return null;
  const mean = before.sumOfMean + busy.mean;
  return mean <= 0 ? null : Math.max(1, (before.sumOfMax + busy.max) / mean);
}

/**
 * The parallelism below which no scale-down goes after harm, which may exceed the present one; null: unknown.
 *
 * Harm at 300 records/s on each of the remaining instances: with a margin of 0.2, 700 records/s need at least ceil(700 / 240)
 * = 3, and no step is larger than `scale_down_factor`.
 */
export function floorAfterHarm(
  { processingRate }: Pick<OperatorMeasurement, 'processingRate'>,
  parallelism: number,
  floor: ScaleDownFloor,
  { blacklistLoadMargin, scaleDownFactor }: PolicySettings,
): number | null {
  const step = Math.floor(parallelism * (1 - scaleDownFactor) + FORGIVEN);
  // Without the load at that time, forbidden and allowed sizes cannot be told apart.
  if (floor.harmfulRatePerInstance === null) return parallelism;
  if (processingRate.kind !== 'measured') return null;
  const bearable = (1 - blacklistLoadMargin) * floor.harmfulRatePerInstance;
  return Math.max(step, bearable > 0 ? Math.ceil(processingRate.total / bearable - FORGIVEN) : parallelism);
}

function waitFor(because: string): ScaleDownSize {
  return { kind: 'wait', because, isUnknown: true };
}
