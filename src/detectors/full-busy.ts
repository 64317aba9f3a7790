// At what busy ratio an operator is full: one that waits for something outside holds up its input without ever being busy.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import type { Attribution } from './attribution.js';

/** Nobody who could be to blame instead is this busy. */
const BUSY = 0.8;
/** A culprit that holds up less may do so by chance. */
const CLEARLY_HELD_UP = 0.2;

/**
 * s = max u / (1 − v) of a culprit with b > 0.2, if that is below 0.8 and no operator of the topology is at least 0.8 busy:
 * busy 0.5 and held up itself for 0 ⇒ 0.5. null: this look does not tell. `remembered` is given up when max u exceeds it.
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
  // A blocked operator is idle too, so all others have to be known not to be what blocks it.
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
