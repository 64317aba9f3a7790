// The busy ratio at which an operator is full: one that waits for an outside system holds up its input without ever being
// busy.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import type { Attribution } from './attribution.js';

/** An operator at least this busy could be the culprit instead. */
const BUSY = 0.8;
/** A culprit with a smaller suspended ratio may hold up its input by chance. */
const CLEARLY_HELD_UP = 0.2;

/**
 * s = max u / (1 − v) of a culprit with b > 0.2, if that is below 0.8 and no operator of the topology is at least 0.8 busy:
 * 0.5 busy and never held up itself ⇒ 0.5. null: this look does not say. `remembered` is dropped when max u exceeds it.
 */
export function fullBusyOf(
  operator: OperatorMeasurement,
  topology: TopologyMeasurement,
  attribution: Attribution | undefined,
  remembered: number | null,
): number | null {
  const { busy, incompleteBecause } = operator;
  if (busy.kind !== 'measured' || incompleteBecause !== null) return remembered;
  const learnt = learntFrom(operator, busy.max, topology, attribution);
  if (learnt !== null) return learnt;
  return remembered !== null && busy.max <= remembered ? remembered : null;
}

function learntFrom(
  { backpressure }: OperatorMeasurement,
  busiest: number,
  { operators, backpressureReportedBy }: TopologyMeasurement,
  attribution: Attribution | undefined,
): number | null {
  if (attribution?.isCulprit !== 'yes' || (attribution.suspendedRatio ?? 0) <= CLEARLY_HELD_UP) return null;
  // A blocked operator is idle too, so every other operator has to be known to be idle.
  const areOthersIdle = operators.every(({ busy, incompleteBecause }) => {
    return (
      busy.kind === 'not_applicable' || (busy.kind === 'measured' && incompleteBecause === null && busy.max < BUSY)
    );
  });
  if (!areOthersIdle || busiest <= 0) return null;
  const heldUp = backpressureReportedBy === 'victim' && backpressure.kind === 'measured' ? backpressure.mean : 0;
  const full = heldUp < 1 ? busiest / (1 - heldUp) : 1;
  return full < BUSY ? full : null;
}
