// The outcome of an action, from the topology before it and a full window after it: better, no better, or worse; and who is
// to blame.
import { servedRate } from '../detectors/measure-demand.js';
import type { Action } from '../model/action.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import type { Outcome } from '../model/outcome.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { and, not, or, truthOf, type Truth } from '../model/truth.js';

export interface Comparison {
  /** wait: undecided so far. */
  readonly outcome: Outcome | 'wait';
  /** Names of the operators that a negative outcome counts against; null: all of them. */
  readonly blamed: readonly string[] | null;
}

/** Above this many times the offered load at the call, the instances before the scale_down might not have been enough either. */
const OTHER_LOAD_FACTOR = 1.25;
/** An operator this busy under the offered load had a part in the harm. */
const PART_IN_HARM = 0.95;

export function compareOutcome(
  action: Action,
  evaluation: TopologyEvaluation,
  settings: PolicySettings,
  isOverdue: boolean,
): Comparison {
  if (action.resolver === 'revert') return { outcome: 'resolved', blamed: null };
  if (action.resolver === 'scale_down') return afterScaleDown(action, evaluation, isOverdue);
  return afterOthers(action, evaluation, settings);
}

/**
 * Harmful if a backlog grows, or there is backpressure and a culprit with f × û > 1. Other backpressure waits, and is no harm
 * when the action is overdue. Under a load more than 1.25 times that at the call the outcome is unknown and nothing is
 * undone.
 */
function afterScaleDown(action: Action, evaluation: TopologyEvaluation, isOverdue: boolean): Comparison {
  const { operators, backpressure, offeredRate } = evaluation;
  const before = action.reason.offeredRate;
  if (before !== null && offeredRate !== null && offeredRate > OTHER_LOAD_FACTOR * before) {
    return { outcome: 'unknown', blamed: null };
  }
  const isGrowing = or(...operators.map(({ symptoms }) => symptoms.growing_source_backlog));
  const isTooSmall = or(...operators.map((one) => and(one.symptoms.backpressure, isAsked(one, 1))));
  const isHarm = or(isGrowing, and(backpressure, isTooSmall));
  if (isHarm === 'yes') return { outcome: 'harmful', blamed: partsInHarm(action, operators) };
  if (isHarm === 'no' && backpressure === 'no') return { outcome: 'resolved', blamed: null };
  return { outcome: isOverdue && isHarm === 'no' ? 'resolved' : 'wait', blamed: null };
}

/** Whether f × û exceeds the limit; a culprit for which that is unknown counts as too small. */
function isAsked({ load: { offeredRatio, effectiveBusy }, symptoms }: OperatorEvaluation, limit: number): Truth {
  if (offeredRatio === null || effectiveBusy === null) return symptoms.backpressure;
  return truthOf(offeredRatio * effectiveBusy > limit);
}

/** The plan's operators that are culprits or have f × û > 0.95; null: none of them, so all are to blame. */
function partsInHarm(action: Action, operators: readonly OperatorEvaluation[]): readonly string[] | null {
  const parts = operators
    .filter((one) => one.symptoms.backpressure === 'yes' || isAsked(one, PART_IN_HARM) === 'yes')
    .map(({ measurement }) => measurement.spec.name)
    .filter((name) => action.operators.some(({ operator }) => operator === name));
  return parts.length === 0 ? null : parts;
}

/** `resolved`: there is no culprit and no backlog grows, or a backlog is being worked off. */
function afterOthers(action: Action, evaluation: TopologyEvaluation, settings: PolicySettings): Comparison {
  const { operators, isDraining } = evaluation;
  const hasCulprit = or(...operators.map(({ symptoms }) => symptoms.backpressure));
  const isGrowing = or(...operators.map(({ symptoms }) => symptoms.growing_source_backlog));
  const isGone = or(and(not(hasCulprit), not(isGrowing)), isDraining);
  if (isGone === 'yes') return { outcome: 'resolved', blamed: null };
  if (isGone === 'unknown') return { outcome: 'wait', blamed: null };
  if (hasImproved(action, evaluation, settings)) return { outcome: 'improved', blamed: null };
  return { outcome: 'ineffective', blamed: leadersOf(action, settings) };
}

/** A negative outcome counts against the diagnosed operators, not against their followers. */
function leadersOf({ operators }: Action, { backpressureThreshold }: PolicySettings): readonly string[] | null {
  const [first, ...others] = operators;
  const leaders = others.filter(({ reason }) => (reason.suspendedRatio ?? 0) > backpressureThreshold);
  return others.length === 0 ? null : [first, ...leaders].map(({ operator }) => operator);
}

/**
 * Whether the topology's largest b / (1 − b) fell, or its sources' rate rose, by at least `min_improvement` of its value
 * before (b alone saturates near 1: from 0.9 to 0.8 is a fall of 11 % in b, of 56 % in b / (1 − b)).
 */
function hasImproved(action: Action, { operators }: TopologyEvaluation, { minImprovement }: PolicySettings): boolean {
  const before = largestOf(action.operators.map(({ reason }) => reason.suspendedRatio));
  const after = largestOf(operators.map(({ suspendedRatio }) => suspendedRatio));
  const hasFallen =
    before !== null && after !== null && odds(before) - odds(after) >= minImprovement * odds(before) && before > 0;
  const rate = servedRate({ operators: operators.map(({ measurement }) => measurement) });
  const served = action.reason.servedRate;
  const hasRisen = served !== null && rate !== null && rate > 0 && rate - served >= minImprovement * served;
  return hasFallen || hasRisen;
}

function largestOf(ratios: readonly (number | null)[]): number | null {
  const known = ratios.filter((ratio) => ratio !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function odds(ratio: number): number {
  return ratio / (1 - ratio);
}
