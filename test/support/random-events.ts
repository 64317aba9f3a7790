// Events that may happen to a topology and its health manager over some hours: other loads, slow instances, hot keys,
// somebody else changing the parallelism, missing sensors, webhooks that fail or lie. Drawn by fast-check, so that a failure
// can be shrunk.
import fc from 'fast-check';
import type { FluidTopology } from '../../src/simulator/fluid-topology.js';
import { READINGS, type OperatorMeasurement, type TopologyMeasurement } from '../../src/model/measurement.js';
import type { SendResult } from '../../src/webhooks/webhook-sender.js';
import { MISSING } from './measurements.js';

/** What a webhook does with a call, and how it answers. */
export const WEBHOOK_MOODS = ['obeys', 'lies', 'refuses', 'hangs', 'obeys_unheard'] as const;
export type WebhookMood = (typeof WEBHOOK_MOODS)[number];

/** none: all report · sensor: one reading is missing · operator: all of one operator are · instance: one instance is unseen */
export const SENSOR_FAULTS = ['none', 'sensor', 'operator', 'instance'] as const;
export type SensorFault = (typeof SENSOR_FAULTS)[number];

/** A span of time in one condition, and what happens at its start. */
export interface Episode {
  readonly minutes: number;
  /** Records/s of all sources together; null: unchanged. */
  readonly offered: number | null;
  readonly mood: WebhookMood;
  readonly sensors: SensorFault;
  /** Operator that the rest is about, modulo their number. */
  readonly operator: number;
  readonly isSlow: boolean;
  readonly isHot: boolean;
  /** Whether the remaining instances become slow as soon as capacity is given away. */
  readonly isAmbush: boolean;
  /** Parallelism that somebody else sets; null: nobody does. */
  readonly otherHand: number | null;
}

/** No faults. */
export const CALM: Episode = {
  minutes: 0,
  offered: null,
  mood: 'obeys',
  sensors: 'none',
  operator: 0,
  isSlow: false,
  isHot: false,
  isAmbush: false,
  otherHand: null,
};

export function randomEpisode(maxParallelism: number): fc.Arbitrary<Episode> {
  return fc.record({
    minutes: fc.integer({ min: 10, max: 60 }),
    offered: fc.option(fc.integer({ min: 0, max: 300 })),
    mood: fc.oneof({ weight: 3, arbitrary: fc.constant('obeys' as const) }, fc.constantFrom(...WEBHOOK_MOODS)),
    sensors: fc.oneof({ weight: 3, arbitrary: fc.constant('none' as const) }, fc.constantFrom(...SENSOR_FAULTS)),
    operator: fc.nat(99),
    isSlow: fc.boolean(),
    isHot: fc.boolean(),
    isAmbush: fc.boolean(),
    otherHand: fc.option(fc.integer({ min: 1, max: maxParallelism }), { freq: 5 }),
  });
}

export function begin({ offered, operator, isSlow, isHot, otherHand }: Episode, topology: FluidTopology): void {
  const { operators } = topology.state();
  const { name } = operators[operator % operators.length] ?? { name: '' };
  if (offered !== null) topology.setOfferedRate(offered);
  topology.setSlowInstance(name, isSlow ? { index: 0, factor: 4 } : null);
  topology.setHotKey(name, isHot ? { share: 0.3, instance: 1 } : null);
  if (otherHand !== null) topology.rescale(name, otherHand);
}

export function answerOf(mood: WebhookMood, carryOut: () => void): SendResult {
  if (mood === 'obeys' || mood === 'obeys_unheard') carryOut();
  if (mood === 'refuses') return { result: 'refused', failure: 'answered with 400', limits: {} };
  if (mood === 'hangs' || mood === 'obeys_unheard') return { result: 'expired', failure: 'timed out' };
  return { result: 'succeeded' };
}

export function distorted(measurement: TopologyMeasurement, { sensors, operator }: Episode): TopologyMeasurement {
  if (sensors === 'none') return measurement;
  const struck = operator % measurement.operators.length;
  const operators = measurement.operators.map((one, index) => {
    if (index !== struck) return one;
    if (sensors === 'sensor') return { ...one, processingRate: MISSING };
    if (sensors === 'operator') {
      const busy = one.busy.kind === 'measured' ? MISSING : one.busy;
      return { ...one, parallelism: null, processingRate: MISSING, backpressure: MISSING, busy };
    }
    return { ...one, parallelism: one.parallelism === null ? null : Math.max(1, one.parallelism - 1) };
  });
  return { ...measurement, operators };
}

/** Whether no sensor and no instance is known to be missing. */
export function isFullyKnown({ operators, suspendedRatio }: TopologyMeasurement): boolean {
  return suspendedRatio.kind !== 'missing' && operators.every(isOperatorKnown);
}

function isOperatorKnown(operator: OperatorMeasurement): boolean {
  return (
    operator.parallelism !== null &&
    operator.incompleteBecause === null &&
    READINGS.every(([reading]) => operator[reading].kind !== 'missing')
  );
}
