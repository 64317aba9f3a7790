// The detector interface: one symptom of one operator, from the measurements of its topology.
import type { OperatorMeasurement, Reading, TopologyMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { truthOf, type Truth } from '../model/truth.js';
import type { Attribution } from './attribution.js';

export interface DetectionContext {
  readonly topology: TopologyMeasurement;
  readonly settings: PolicySettings;
  /** By operator name, see attribute-backpressure.ts. */
  readonly attributions: ReadonlyMap<string, Attribution>;
}

export type Detector = (operator: OperatorMeasurement, context: DetectionContext) => Truth;

/**
 * `no` if the sensor is not applicable, `unknown` if the reading or instances are missing, else the truth of `statement`
 * about the statistics (null: unknown).
 */
export function truthOfReading<Statistics>(
  operator: OperatorMeasurement,
  reading: Reading<Statistics>,
  statement: (statistics: Statistics, parallelism: number) => boolean | null,
): Truth {
  if (reading.kind === 'not_applicable') return 'no';
  if (reading.kind === 'missing' || operator.incompleteBecause !== null || operator.parallelism === null) {
    return 'unknown';
  }
  return truthOf(statement(reading, operator.parallelism));
}
