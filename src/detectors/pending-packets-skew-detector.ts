// pending_packets_skew: one instance has several times the pending packets of the mean of the others.
import type { OperatorMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { Truth } from '../model/truth.js';
import { truthOfReading, type Detector } from './detector.js';

export const detectPendingPacketsSkew: Detector = (operator, { settings }) =>
  judgePendingPacketsSkew(operator, settings);

/** By instance (90, 10, 10): 90 ≥ 4 × 10 and 90 > 50 ⇒ yes; (60, 20): 60 < 4 × 20 ⇒ no. */
export function judgePendingPacketsSkew(operator: OperatorMeasurement, settings: PolicySettings): Truth {
  return truthOfReading(operator, operator.pendingPackets, ({ mean, max }, parallelism) => {
    if (parallelism === 1) return false;
    const meanOfOthers = (mean * parallelism - max) / (parallelism - 1);
    return max > settings.minPendingPacketsForSkew && max >= settings.pendingPacketsSkewRatio * meanOfOthers;
  });
}
