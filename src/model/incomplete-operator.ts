// An operator with unseen instances: the reports of the others do not describe it as a whole.
import type { OperatorMeasurement, Reading } from './measurement.js';

/** The operator with all its measurements missing. Keeps an earlier reason. */
export function asIncomplete(operator: OperatorMeasurement, because: string): OperatorMeasurement {
  const reason = operator.incompleteBecause ?? because;
  const missing = <Statistics>(reading: Reading<Statistics>): Reading<Statistics> =>
    reading.kind === 'measured' ? { kind: 'missing', because: reason } : reading;
  return {
    ...operator,
    incompleteBecause: reason,
    backpressure: missing(operator.backpressure),
    pendingPackets: missing(operator.pendingPackets),
    processingRate: missing(operator.processingRate),
    busy: missing(operator.busy),
    sourceBacklog: missing(operator.sourceBacklog),
    outliers: [],
  };
}
