// The input of a plan: a topology as evaluated, and its experience.
import type { Demand, OperatorEvaluation } from '../model/evaluation.js';
import type { Experience } from '../model/experience.js';
import type { PolicySettings } from '../model/policy-settings.js';

/** What a plan needs to know about an operator. */
export type PlannableOperator = Pick<OperatorEvaluation, 'measurement' | 'load' | 'suspendedRatio' | 'symptoms'>;

export interface PlanContext {
  /** All operators of the topology. */
  readonly operators: readonly PlannableOperator[];
  readonly demand: Demand;
  readonly experience: Experience;
  readonly settings: PolicySettings;
}
