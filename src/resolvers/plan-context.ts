// What a plan is made from: a topology as it was evaluated, and what the past tells of it.
import type { Demand, OperatorEvaluation } from '../model/evaluation.js';
import type { Experience } from '../model/experience.js';
import type { PolicySettings } from '../model/policy-settings.js';

/** What a plan needs to know of an operator. */
export type PlannableOperator = Pick<OperatorEvaluation, 'measurement' | 'load' | 'suspendedRatio' | 'symptoms'>;

export interface PlanContext {
  /** All of the topology. */
  readonly operators: readonly PlannableOperator[];
  readonly demand: Demand;
  readonly experience: Experience;
  readonly settings: PolicySettings;
}
