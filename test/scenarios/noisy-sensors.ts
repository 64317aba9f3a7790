// Realistic sensors: every reading is slightly off, and sometimes an operator's sensors are missing.
import { READINGS, type OperatorMeasurement, type TopologyMeasurement } from '../../src/model/measurement.js';
import { createSeededRandom } from '../../src/simulator/seeded-random.js';
import { MISSING } from '../support/measurements.js';

export interface SensorNoise {
  /** Relative standard deviation of each reading. */
  readonly share: number;
  /** Probability that an operator's sensors are missing at a look. */
  readonly missing: number;
}

export function createNoisySensors(
  { share, missing }: SensorNoise,
  seed: number,
): (measurement: TopologyMeasurement) => TopologyMeasurement {
  const random = createSeededRandom(seed);
  const factor = (): number => Math.max(0, 1 + share * random.gaussian());
  return (measurement) => ({
    ...measurement,
    operators: measurement.operators.map((operator) =>
      random.uniform() < missing ? withoutSensors(operator) : withNoise(operator, factor),
    ),
  });
}

export function withoutSensors(operator: OperatorMeasurement): OperatorMeasurement {
  const without = { ...operator };
  for (const [reading] of READINGS) if (operator[reading].kind === 'measured') without[reading] = MISSING;
  return without;
}

function withNoise(operator: OperatorMeasurement, factor: () => number): OperatorMeasurement {
  const { backpressure, pendingPackets, processingRate, busy } = operator;
  return {
    ...operator,
    backpressure: scaled(backpressure, factor(), 1),
    pendingPackets: scaled(pendingPackets, factor(), Infinity),
    processingRate: scaled(processingRate, factor(), Infinity),
    busy: scaled(busy, factor(), 1),
  };
}

/** Scales all numbers of a reading alike, so that the largest stays the largest. */
function scaled<R extends OperatorMeasurement[keyof OperatorMeasurement] & { readonly kind: string }>(
  reading: R,
  factor: number,
  most: number,
): R {
  const entries = Object.entries(reading).map(([name, value]): [string, unknown] => [
    name,
    typeof value === 'number' ? Math.min(most, value * factor) : value,
  ]);
  return Object.fromEntries(entries) as R;
}
