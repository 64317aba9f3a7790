// From a diagnosis to the action that answers it: which resolver, and what it would ask for.
import type { Diagnosis, DiagnosisName } from '../model/diagnosis.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { RESOLVER_OF, type PlannedAction, type ResolverName } from '../model/resolver.js';
import { scaleDownParallelism } from './scale-down-resolver.js';
import { scaleUpParallelism } from './scale-up-resolver.js';

/** What is known of a resolver before it is chosen. */
export interface ResolverStanding {
  readonly isSupported: boolean;
  /** Its last action for this diagnosis of this operator was `ineffective` within `escalate_for`. */
  readonly wasIneffective: boolean;
}

/**
 * The resolver that answers a diagnosis: its own, or `scale_up` where a restart or a rebalance cannot be had or has just
 * proved of no use (throughput would stay low for ever).
 */
export function chooseResolver(
  diagnosis: DiagnosisName,
  standing: (resolver: ResolverName) => ResolverStanding,
): ResolverName {
  const first = RESOLVER_OF[diagnosis];
  if (first !== 'restart_instances' && first !== 'rebalance') return first;
  const { isSupported, wasIneffective } = standing(first);
  return isSupported && !wasIneffective ? first : 'scale_up';
}

/** The action a resolver asks for; null: nothing to ask for, the operator is at its limit. */
export function planAction(
  resolver: ResolverName,
  diagnosis: Diagnosis,
  operator: OperatorEvaluation,
  topology: Pick<TopologyEvaluation, 'demand'>,
  settings: PolicySettings,
): PlannedAction | null {
  const currentParallelism = operator.measurement.parallelism;
  if (currentParallelism === null) return null;
  const planned = { operator: operator.measurement.spec.name, diagnosis: diagnosis.diagnosis, currentParallelism };
  if (resolver === 'restart_instances' || resolver === 'rebalance') {
    const { operatorInstances } = diagnosis;
    return { resolver, operators: [{ ...planned, desiredParallelism: currentParallelism, operatorInstances }] };
  }
  const desiredParallelism =
    resolver === 'scale_down'
      ? scaleDownParallelism(operator.measurement, settings)
      : scaleUpParallelism({
          operator: operator.measurement,
          suspendedRatio: operator.suspendedRatio,
          demand: topology.demand,
          isGrowingSource:
            operator.symptoms.growing_source_backlog === 'yes' && operator.symptoms.backpressure !== 'yes',
          settings,
        });
  return desiredParallelism === null
    ? null
    : { resolver, operators: [{ ...planned, desiredParallelism, operatorInstances: [] }] };
}
