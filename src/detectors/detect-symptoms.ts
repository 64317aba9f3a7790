// All symptoms of one operator, one detector each.
import type { OperatorMeasurement } from '../model/measurement.js';
import type { Symptoms } from '../model/symptom.js';
import { detectBackpressure } from './backpressure-detector.js';
import type { DetectionContext } from './detector.js';
import { detectGrowingPendingPackets } from './growing-pending-packets-detector.js';
import { detectGrowingSourceBacklog } from './growing-source-backlog-detector.js';
import { detectPendingPacketsNearZero } from './pending-packets-near-zero-detector.js';
import { detectPendingPacketsSkew } from './pending-packets-skew-detector.js';
import { detectProcessingRateSkew } from './processing-rate-skew-detector.js';
import { detectStalled } from './stalled-detector.js';

export function detectSymptoms(operator: OperatorMeasurement, context: DetectionContext): Symptoms {
  return {
    backpressure: detectBackpressure(operator, context),
    pending_packets_near_zero: detectPendingPacketsNearZero(operator, context),
    pending_packets_skew: detectPendingPacketsSkew(operator, context),
    processing_rate_skew: detectProcessingRateSkew(operator, context),
    stalled: detectStalled(operator, context),
    growing_pending_packets: detectGrowingPendingPackets(operator, context),
    growing_source_backlog: detectGrowingSourceBacklog(operator, context),
  };
}
