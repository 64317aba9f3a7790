// An operator with unseen instances: the reports of the others do not describe it as a whole.
import { READINGS, type OperatorMeasurement } from './measurement.js';

/** The operator with all its measurements missing. Keeps an earlier reason. */
export function asIncomplete(operator: OperatorMeasurement, because: string): OperatorMeasurement {
  const reason = operator.incompleteBecause ?? because;
  const incomplete = { ...operator, incompleteBecause: reason, outliers: [] };
  for (const [reading] of READINGS) {
    if (operator[reading].kind === 'measured') incomplete[reading] = { kind: 'missing', because: reason };
  }
  return incomplete;
}
