// The answer to a harmful scale_down: it is reverted, unless somebody else has changed the parallelism already.
import type { Action } from '../model/action.js';
import { operatorOf, type TopologyEvaluation } from '../model/evaluation.js';
import type { Mode } from '../model/policy-settings.js';

/** wait: not now · revert: restore the parallelism · superseded: the parallelism is no longer what the scale_down made it. */
export type RevertPlan = 'wait' | 'revert' | 'superseded';

/**
 * A revert bypasses cooldown, limits, brakes and excluded periods: it undoes harm. Pauses and modes other than `enforce` hold
 * it back, and so does missing data until the present parallelism is known.
 */
export function planRevert(
  harmful: Action,
  { evaluation, mode, isPaused }: { evaluation: TopologyEvaluation | null; mode: Mode; isPaused: boolean },
): RevertPlan {
  if (mode !== 'enforce' || isPaused) return 'wait';
  let plan: RevertPlan = 'revert';
  for (const { operator: name, desiredParallelism } of harmful.operators) {
    const operator = operatorOf(evaluation, name);
    const measurement = operator?.measurement;
    if (measurement?.parallelism === undefined || measurement.parallelism === null) return 'wait';
    if (measurement.incompleteBecause !== null) return 'wait';
    if (measurement.parallelism !== desiredParallelism) plan = 'superseded';
  }
  return plan;
}
