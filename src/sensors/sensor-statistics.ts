// PURE: the numbers of one sensor and operator as the model has them; null if one that it cannot do without is absent.
import type {
  BackpressureStatistics,
  BusyStatistics,
  PendingPacketsStatistics,
  ProcessingRateStatistics,
  SourceBacklogStatistics,
} from '../model/measurement.js';
import { sumAboveStatistic, type StatisticName } from './sensor-queries.js';

/** Finite statistics by name; null: absent or not finite. */
export type Numbers = (name: StatisticName | `sum_above_${number}`) => number | null;

/** A slope through two points is whatever the noise of one says. */
const MIN_SLOPE_POINTS = 3;

/** A minimum over the window is one only if nearly all of the window was seen. */
const MIN_COVERAGE = 0.9;

export function backpressureOf(numbers: Numbers, threshold: number): BackpressureStatistics | null {
  const [mean, max] = [numbers('mean'), numbers('max')];
  if (mean === null || max === null) return null;
  // Where no instance exceeds the threshold there is nothing to sum, hence no series.
  const sumAboveThreshold = max > threshold ? numbers(sumAboveStatistic(threshold)) : 0;
  return sumAboveThreshold === null ? null : { mean, max, sumAboveThreshold };
}

export function pendingPacketsOf(numbers: Numbers): PendingPacketsStatistics | null {
  const [mean, max] = [numbers('mean'), numbers('max')];
  return mean === null || max === null ? null : { mean, max, slopePerSecond: slopeOf(numbers) };
}

/** @param steps of the sub-query in a window */
export function processingRateOf(numbers: Numbers, steps: number): ProcessingRateStatistics | null {
  const [mean, max, min, count] = [numbers('mean'), numbers('max'), numbers('min'), numbers('count')];
  if (mean === null || max === null || min === null || count === null) return null;
  const isCovered = (numbers('points') ?? 0) >= MIN_COVERAGE * steps;
  return { mean, max, min, total: mean * count, lowestTotal: isCovered ? numbers('lowest') : null };
}

export function busyOf(numbers: Numbers): BusyStatistics | null {
  const [mean, max] = [numbers('mean'), numbers('max')];
  return mean === null || max === null ? null : { mean, max };
}

export function sourceBacklogOf(numbers: Numbers): SourceBacklogStatistics | null {
  const total = numbers('total');
  return total === null ? null : { total, slopePerSecond: slopeOf(numbers) };
}

function slopeOf(numbers: Numbers): number | null {
  return (numbers('points') ?? 0) >= MIN_SLOPE_POINTS ? numbers('slope') : null;
}
