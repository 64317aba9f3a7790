// Need: the offered load as a number of instances' worth of work. Scale-downs remember it, so only clean windows count.
import type { OperatorMeasurement } from '../model/measurement.js';

/**
 * N = p × f × mean u / s: 20 instances, on average 0.4 busy, as much offered as served ⇒ 8. null: unknown.
 * @param isClean whether the window contains no part of a restart, see isCleanWindow
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

/** Flink's rates are means over this long, so they include the time before; with windows of seconds, a window is enough. */
const RATE_MEMORY_MS = 60_000;

/**
 * Whether the window begins after the last seen change and its rates no longer include the time before, and the series cover
 * it: a window of 2 min that ends 3 min after the change is the first.
 * @param changedAtMs when another parallelism, or all sensors after a gap, were last seen; null: not in the memory of this
 * process
 */
export function isCleanWindow(
  { processingRate }: OperatorMeasurement,
  { atMs, windowMs }: { readonly atMs: number; readonly windowMs: number },
  changedAtMs: number | null,
): boolean {
  // The lowest rate is known only if the series cover 90 % of the window.
  if (processingRate.kind !== 'measured' || processingRate.lowestTotal === null) return false;
  return changedAtMs === null || atMs - windowMs >= changedAtMs + Math.min(RATE_MEMORY_MS, windowMs);
}
