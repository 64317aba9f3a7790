// pending_packets_near_zero: no instance has more than `near_zero_pending_packets` waiting.
import { truthOfReading, type Detector } from './detector.js';

export const detectPendingPacketsNearZero: Detector = (operator, { settings }) =>
  truthOfReading(operator, operator.pendingPackets, ({ max }) => max <= settings.nearZeroPendingPackets);
