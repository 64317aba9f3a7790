// The fleet's brakes: they keep one wrong metric from moving everything at once.
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { ResolverName } from '../model/resolver.js';

export interface FleetState {
  readonly openActions: number;
  readonly actionsInLastHour: number;
  /** The newest evaluation of every topology. */
  readonly evaluations: readonly TopologyEvaluation[];
}

export interface FleetBrakes {
  readonly maxOpenActions: number;
  readonly maxActionsPerHour: number;
  readonly maxScaleDownShare: number;
}

/** Fewer topologies than this are no fleet: a share of them means nothing. */
const MIN_FLEET = 5;

/** Whether the fleet's state forbids this resolver now. 2 of 5 topologies asking to scale down are 0.4 > 0.3: none does. */
export function isFleetBraked(resolver: ResolverName, fleet: FleetState, brakes: FleetBrakes): boolean {
  if (fleet.openActions >= brakes.maxOpenActions || fleet.actionsInLastHour >= brakes.maxActionsPerHour) return true;
  if (resolver !== 'scale_down' || fleet.evaluations.length < MIN_FLEET) return false;
  const asking = fleet.evaluations.filter(({ operators }) =>
    operators.some(({ diagnoses }) => diagnoses.some(({ diagnosis }) => diagnosis === 'overprovisioning')),
  );
  return asking.length / fleet.evaluations.length > brakes.maxScaleDownShare;
}
