// growing_source_backlog: the backlog outside a source grows steadily, and is more than `min_backlog` of its work.
import { ifMeasured, type OperatorMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { and, type Truth } from '../model/truth.js';
import { truthOfReading, type Detector } from './detector.js';

/** Records/s below which growth is sampling noise, whatever the rate (Heron's limit). */
const MIN_GROWTH_PER_SECOND = 10;

/** At 1,000 records/s: slope > max(10, 0.01 × 1,000) = 10 records/s, and backlog > 30 s × 1,000 = 30,000 records. */
export const detectGrowingSourceBacklog: Detector = (operator, { settings }) => {
  // The visible instances may have no partition while the unseen ones have a backlog.
  if (operator.spec.role === 'source' && operator.incompleteBecause !== null) return 'unknown';
  const grows = truthOfReading(operator, operator.sourceBacklog, ({ slopePerSecond }) => {
    const rate = rateOf(operator);
    if (slopePerSecond === null || rate === null) return null;
    return slopePerSecond > Math.max(MIN_GROWTH_PER_SECOND, settings.growingBacklogShare * rate);
  });
  return and(grows, hasLargeBacklog(operator, settings));
};

/** Whether a source has more than `min_backlog` of its own work waiting. */
export function hasLargeBacklog(operator: OperatorMeasurement, settings: PolicySettings): Truth {
  return truthOfReading(operator, operator.sourceBacklog, ({ total }) => {
    const rate = rateOf(operator);
    return rate === null ? null : total > (settings.minBacklogMs / 1000) * rate;
  });
}

/**
 * Whether a source works off its backlog fast enough to finish within `catch_up`, or finished within the window, in which
 * case the window still shows the catching up. Kafka's lag is never 0: up to 5 s of work count as none. At 1,000 records/s,
 * 2,000 records that shrink by 50/s in a window of 120 s were 8,000 at its start, more than 5,000: yes.
 */
export function isDraining(operator: OperatorMeasurement, settings: PolicySettings, windowMs: number): Truth {
  const shrinks = truthOfReading(operator, operator.sourceBacklog, ({ total, slopePerSecond }) =>
    slopePerSecond === null ? null : slopePerSecond < 0 && total <= -slopePerSecond * (settings.catchUpMs / 1000),
  );
  const isWorthIt = truthOfReading(operator, operator.sourceBacklog, ({ total, slopePerSecond }) => {
    const rate = rateOf(operator);
    const doneWithInWindow = Math.max(0, -(slopePerSecond ?? 0)) * (windowMs / 1000);
    return rate === null ? null : total + doneWithInWindow > NORMAL_BACKLOG_SECONDS * rate;
  });
  return and(shrinks, isWorthIt);
}

/** Seconds of a source's work that may wait outside it without counting as a backlog. */
export const NORMAL_BACKLOG_SECONDS = 5;

function rateOf(operator: OperatorMeasurement): number | null {
  return ifMeasured(operator.processingRate, ({ total }) => total);
}
