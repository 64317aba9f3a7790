// stalled: nothing was processed throughout the window, although input waits or is held up. A job that restores its state
// looks like that, and so does a sink whose outside system hangs: more instances would only hang too.
import type { OperatorMeasurement } from '../model/measurement.js';
import { and, or, truthOf, type Truth } from '../model/truth.js';
import { truthOfReading, type DetectionContext, type Detector } from './detector.js';

export const detectStalled: Detector = (operator, context) =>
  and(processesNothing(operator), or(hasInputWaiting(operator, context), holdsUpOrIsHeldUp(operator, context)));

/**
 * Rates are never below 0, so a mean of 0 means 0 throughout, for every instance. If the series do not cover the window, it
 * is known only that nothing was processed since they began.
 */
function processesNothing(operator: OperatorMeasurement): Truth {
  return truthOfReading(operator, operator.processingRate, ({ max, lowestTotal }) => {
    if (max > 0) return false;
    return lowestTotal === null ? null : true;
  });
}

function hasInputWaiting(operator: OperatorMeasurement, { settings }: DetectionContext): Truth {
  return or(
    truthOfReading(operator, operator.pendingPackets, ({ max }) => max > settings.nearZeroPendingPackets),
    truthOfReading(operator, operator.sourceBacklog, ({ total }) => total > 0),
  );
}

function holdsUpOrIsHeldUp(
  operator: OperatorMeasurement,
  { topology, settings, attributions }: DetectionContext,
): Truth {
  const threshold = settings.backpressureThreshold;
  const isCulprit = attributions.get(operator.spec.name)?.isCulprit ?? 'unknown';
  if (topology.backpressureReportedBy === 'victim') {
    return or(
      isCulprit,
      truthOfReading(operator, operator.backpressure, ({ mean }) => mean > threshold),
    );
  }
  return operator.spec.role === 'source' ? or(isCulprit, isSuspendedThroughout(topology, threshold)) : isCulprit;
}

/** All sources are suspended together, even one with nothing to emit: a source is stalled only if it could never emit. */
function isSuspendedThroughout({ suspendedRatio }: DetectionContext['topology'], threshold: number): Truth {
  if (suspendedRatio.kind === 'not_applicable') return 'no';
  return truthOf(suspendedRatio.kind === 'missing' ? null : suspendedRatio.ratio > 1 - threshold);
}
