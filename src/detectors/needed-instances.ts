// Need: how many instances' worth of work the offered load is. What scale-downs remember, so only what a clean window tells.
import type { OperatorMeasurement } from '../model/measurement.js';

/**
 * N = p × f × mean u / s: 20 instances, on average 0.4 busy, with as much offered as served ⇒ 8. null where that is not known.
 * @param isClean whether the window holds nothing of a restart, see isCleanWindow
 */
export function neededInstancesOf(
  { parallelism, busy, incompleteBecause }: OperatorMeasurement,
  offeredRatio: number | null,
  fullBusy: number,
  isClean: boolean,
): number | null {
  if (!isClean || parallelism === null || incompleteBecause !== null) return null;
  if (offeredRatio === null || busy.kind !== 'measured') return null;
  return (parallelism * offeredRatio * busy.mean) / fullBusy;
}

/** Flink's rates are means over this long: what was before shows in them until then; where all is seconds long, for a window. */
const RATE_MEMORY_MS = 60_000;

/**
 * Whether the window begins after the last change was seen and its rates forgotten, and the series cover it: a window of
 * 2 min that ends 3 min after the change is the first.
 * @param changedAtMs when another parallelism, or all sensors after a gap, were last seen; null: not in the memory of this process
 */
export function isCleanWindow(
  { processingRate }: OperatorMeasurement,
  { atMs, windowMs }: { readonly atMs: number; readonly windowMs: number },
  changedAtMs: number | null,
): boolean {
  // The lowest rate is only told where the series cover 90 % of the window.
  if (processingRate.kind !== 'measured' || processingRate.lowestTotal === null) return false;
  return changedAtMs === null || atMs - windowMs >= changedAtMs + Math.min(RATE_MEMORY_MS, windowMs);
}
