// From the diagnoses of a topology to the one action that answers them: which resolver, and what it asks of which operator.
import type { Diagnosis, DiagnosisName } from '../model/diagnosis.js';
import { operatorOf } from '../model/evaluation.js';
import { RESOLVER_OF, type PlannedAction, type PlannedOperator, type ResolverName } from '../model/resolver.js';
import { alignParallelism } from './align-parallelism.js';
import { FORGIVEN } from './parallelism-bounds.js';
import { flowLimitOf } from '../detectors/flow-limit.js';
import { limitedLoadOf, wholeLoadOf } from '../detectors/limited-load.js';
import type { PlanContext, PlannableOperator } from './plan-context.js';
import { scaleDownSize } from './scale-down-resolver.js';
import { scaleUpParallelism } from './scale-up-resolver.js';

/** What is known about a resolver before it is chosen. */
export interface ResolverStatus {
  readonly isSupported: boolean;
  /** Whether it was of no use to this operator within `escalate_for`. */
  readonly wasIneffective: boolean;
}

/**
 * The resolver that answers a diagnosis: its own, or `scale_up` if a restart or rebalance is unsupported or has just proved
 * useless (throughput would stay low for ever).
 */
export function chooseResolver(
  diagnosis: DiagnosisName,
  statusOf: (resolver: ResolverName) => ResolverStatus,
): ResolverName {
  const first = RESOLVER_OF[diagnosis];
  if (first !== 'restart_instances' && first !== 'rebalance') return first;
  const { isSupported, wasIneffective } = statusOf(first);
  return isSupported && !wasIneffective ? first : 'scale_up';
}

/** A diagnosis that is to be answered. */
export interface AskingOperator {
  readonly operator: string;
  readonly diagnosis: Diagnosis;
}

/**
 * The action of this resolver that answers all of these diagnoses together; null: there is nothing to ask for, the operators
 * are at their limits, or it is not worth an action.
 * @param held operators that keep their parallelism; nothing is sized for load that they do not let through
 */
export function planAction(
  resolver: ResolverName,
  asking: readonly AskingOperator[],
  held: ReadonlySet<string>,
  context: PlanContext,
): PlannedAction | null {
  // Two diagnoses of one operator ask for one change.
  const once = asking.filter((one, index) => asking.findIndex(({ operator }) => operator === one.operator) === index);
  const [first, ...others] = planOperators(resolver, once, held, context);
  return first === undefined ? null : { resolver, operators: [first, ...others] };
}

/** The most urgent operator alone, if only one may change at a time. */
export function withinScope(plan: PlannedAction, { plan: scope }: PlanContext['settings']): PlannedAction {
  return scope === 'topology' ? plan : { ...plan, operators: [plan.operators[0]] };
}

function planOperators(
  resolver: ResolverName,
  asking: readonly AskingOperator[],
  held: ReadonlySet<string>,
  context: PlanContext,
): readonly PlannedOperator[] {
  switch (resolver) {
    case 'restart_instances':
    case 'rebalance':
      return planUnchanged(asking, context);
    case 'scale_up':
      return planScaleUp(asking, held, context);
    case 'scale_down':
      return planScaleDown(asking, context);
  }
}

function planUnchanged(asking: readonly AskingOperator[], context: PlanContext): readonly PlannedOperator[] {
  const planned = asking.flatMap((one) => {
    const operator = operatorOf(context, one.operator);
    const parallelism = operator?.measurement.parallelism ?? null;
    if (operator === undefined || parallelism === null) return [];
    const { operatorInstances } = one.diagnosis;
    return [{ operator, planned: { ...sizedAs(one, parallelism, parallelism), operatorInstances } }];
  });
  return planned.sort((left, right) => bySuspension(left.operator, right.operator)).map(({ planned: one }) => one);
}

/** The operator that holds up most comes first; of those that hold up nobody, the one that the whole load would make busiest. */
function planScaleUp(
  asking: readonly AskingOperator[],
  held: ReadonlySet<string>,
  context: PlanContext,
): readonly PlannedOperator[] {
  const limit = flowLimitOf(context.operators, held);
  const planned = asking.flatMap((one) => {
    const operator = operatorOf(context, one.operator);
    const desired = operator === undefined ? null : scaleUpParallelism(operator, limit, context);
    const current = operator?.measurement.parallelism ?? null;
    if (operator === undefined || desired === null || current === null) return [];
    return [{ operator, planned: sizedAs(one, current, desired) }];
  });
  return planned
    .sort((left, right) => bySuspension(left.operator, right.operator) || byWholeLoad(left.operator, right.operator))
    .map(({ planned: one }) => one);
}

/**
 * The largest comes first. Empty also while one of them waits, or if all together would save too little. An even load is not worth as much
 * as the saving: where aligned sizes would save too little, the others are asked for.
 */
function planScaleDown(asking: readonly AskingOperator[], context: PlanContext): readonly PlannedOperator[] {
  const sized: PlannedOperator[] = [];
  const aligned: PlannedOperator[] = [];
  for (const one of asking) {
    const operator = operatorOf(context, one.operator);
    const current = operator?.measurement.parallelism ?? null;
    if (operator === undefined || current === null) continue;
    const size = scaleDownSize(operator, context);
    // An operator that is about to need less is scaled down with the others, not after them.
    if (size.kind === 'wait') return [];
    if (size.kind !== 'smaller') continue;
    sized.push(sizedAs(one, current, size.parallelism));
    const { spec, inputShares } = operator.measurement;
    const atMost = Math.min(current - 1, spec.maxParallelism ?? Infinity);
    aligned.push(sizedAs(one, current, alignParallelism(size.parallelism, inputShares, atMost)));
  }
  const planned = [aligned, sized].find((plan) => isWorthIt(plan, context)) ?? [];
  return planned.sort((left, right) => right.currentParallelism - left.currentParallelism);
}

/**
 * Whether the plan saves at least `min_saving` of the topology's instances: 40 of 60 instances to 20 saves a third. Without the sensor busy
 * each action is a step towards a size that only the steps show: it has to save that share of its own operators, and what
 * `max_scale_down_factor` of them would save that share of the topology's.
 */
function isWorthIt(planned: readonly PlannedOperator[], { operators, settings }: PlanContext): boolean {
  const { minSaving, maxScaleDownFactor } = settings;
  const own = operators.filter(({ measurement }) => planned.some(({ operator }) => operator === measurement.spec.name));
  const isStep = own.every(({ measurement }) => measurement.busy.kind === 'not_applicable');
  const saved = planned.reduce((sum, one) => sum + one.currentParallelism - one.desiredParallelism, 0);
  const attainable = isStep ? maxScaleDownFactor * instancesOf(own) : saved;
  return (
    saved >= (isStep ? minSaving * instancesOf(own) : 0) - FORGIVEN &&
    attainable >= minSaving * instancesOf(operators) - FORGIVEN
  );
}

function instancesOf(operators: PlanContext['operators']): number {
  return operators.reduce((sum, { measurement }) => sum + (measurement.parallelism ?? 0), 0);
}

function sizedAs(
  { operator, diagnosis }: AskingOperator,
  currentParallelism: number,
  desiredParallelism: number,
): PlannedOperator {
  return { operator, diagnosis: diagnosis.diagnosis, currentParallelism, desiredParallelism, operatorInstances: [] };
}

function bySuspension(left: PlannableOperator, right: PlannableOperator): number {
  return (right.suspendedRatio ?? 0) - (left.suspendedRatio ?? 0);
}

function byWholeLoad(left: PlannableOperator, right: PlannableOperator): number {
  const [one, other] = [limitedLoadOf(left.load, null), limitedLoadOf(right.load, null)];
  return (other === null ? 0 : wholeLoadOf(other)) - (one === null ? 0 : wholeLoadOf(one));
}
