// growing_pending_packets: the operator's queues grow faster than `growing_pending_packets_per_second` in total.
import { truthOfReading, type Detector } from './detector.js';

export const detectGrowingPendingPackets: Detector = (operator, { settings }) =>
  truthOfReading(operator, operator.pendingPackets, ({ slopePerSecond }) =>
    slopePerSecond === null ? null : slopePerSecond > settings.growingPendingPacketsPerSecond,
  );
