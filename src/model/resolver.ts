// The possible responses to a diagnosis, and the planned action.
import type { DiagnosisName } from './diagnosis.js';

/** In the order in which the diagnoses of one topology are answered when several arrive together. */
export const RESOLVERS = ['restart_instances', 'rebalance', 'scale_up', 'scale_down'] as const;
export type ResolverName = (typeof RESOLVERS)[number];

/** A resolver, or the reversal of a harmful scale_down. */
export const ACTION_KINDS = [...RESOLVERS, 'revert'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** The resolver that answers a diagnosis first; `restart_instances` and `rebalance` escalate to `scale_up`. */
export const RESOLVER_OF: Readonly<Record<DiagnosisName, ResolverName>> = {
  underprovisioning: 'scale_up',
  overprovisioning: 'scale_down',
  slow_instances: 'restart_instances',
  data_skew: 'rebalance',
};

/** Whether the action's effect is a different parallelism. */
export function changesParallelism(resolver: ActionKind): boolean {
  return resolver === 'scale_up' || resolver === 'scale_down' || resolver === 'revert';
}

/** What a plan asks of one operator; for restart and rebalance `desiredParallelism` equals the current one. */
export interface PlannedOperator {
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly currentParallelism: number;
  readonly desiredParallelism: number;
  readonly operatorInstances: readonly string[];
}

/** A resolver's answer to the diagnoses of one topology; the most urgent operator first. */
export interface PlannedAction {
  readonly resolver: ResolverName;
  readonly operators: readonly [PlannedOperator, ...PlannedOperator[]];
}
