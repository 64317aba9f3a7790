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

/**
 * Which limit of the fleet forbids this resolver now, in words; null: none. 2 of 5 topologies asking to scale down are 0.4 > 0.3: none
 * does.
 */
export function fleetBrakeOf(resolver: ResolverName, fleet: FleetState, brakes: FleetBrakes): string | null {
  const { openActions, actionsInLastHour, evaluations } = fleet;
  if (openActions >= brakes.maxOpenActions) {
    return `${openActions} actions are open, with limits.max_open_actions ${brakes.maxOpenActions}`;
  }
  if (actionsInLastHour >= brakes.maxActionsPerHour) {
    return `${actionsInLastHour} actions within an hour, with limits.max_actions_per_hour ${brakes.maxActionsPerHour}`;
  }
  if (resolver !== 'scale_down' || evaluations.length < MIN_FLEET) return null;
  const asking = evaluations.filter(({ operators }) =>
    operators.some(({ diagnoses }) => diagnoses.some(({ diagnosis }) => diagnosis === 'overprovisioning')),
  );
  if (asking.length / evaluations.length <= brakes.maxScaleDownShare) return null;
  return (
    `${asking.length} of ${evaluations.length} topologies have overprovisioned operators, ` +
    `with limits.max_scale_down_share ${brakes.maxScaleDownShare}`
  );
}
