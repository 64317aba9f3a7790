// From the alerts of one topology and a fresh look at it to one action: each alert is part of its plan, or held with exactly
// one reason. First an alert's own diagnosis counts (unknown_measurements, not_current, blacklisted), then what the plan has of it.
import type { HoldReason } from '../model/decision.js';
import type { Diagnosis, DiagnosisName } from '../model/diagnosis.js';
import { operatorOf, type OperatorEvaluation, type TopologyEvaluation } from '../model/evaluation.js';
import { NO_EXPERIENCE } from '../model/experience.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { RESOLVERS, type PlannedAction, type ResolverName } from '../model/resolver.js';
import type { PlanContext } from '../resolvers/plan-context.js';
import { planAction, withinScope } from '../resolvers/resolve.js';
import { scaleDownSize } from '../resolvers/scale-down-resolver.js';

/** An alert that was not held before the look. */
export interface AskingAlert {
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly resolver: ResolverName;
}

export interface Look<Alert extends AskingAlert> {
  /** Alerts of one topology that arrived together. */
  readonly alerts: readonly Alert[];
  /** null: the look failed. */
  readonly evaluation: TopologyEvaluation | null;
  readonly settings: PolicySettings;
  /** Whether the same call was refused for good within `retry_refused_after`. */
  readonly isCallRefused: (plan: PlannedAction) => boolean;
  /** Whether the blacklist holds the pair back; never for a scale_down, which has floors instead. */
  readonly isBlacklisted: (alert: Alert) => boolean;
}

export interface Answer<Alert> {
  readonly alert: Alert;
  /** null: it is part of the plan, and acted on. */
  readonly reason: HoldReason | null;
}

export interface PlanVerdict<Alert> {
  /** What is asked for, or would be but for a dry run; null: nothing. */
  readonly plan: PlannedAction | null;
  /** One for each alert: those of the plan first, the most urgent operator first. */
  readonly answers: readonly Answer<Alert>[];
}

/**
 * Makes one plan from all alerts that still hold, by the first resolver in the order of RESOLVERS that has anything to ask
 * for. Held operators keep their parallelism, and the others are not sized for load that these do not let through.
 */
export function decidePlan<Alert extends AskingAlert>(look: Look<Alert>): PlanVerdict<Alert> {
  const { alerts, evaluation } = look;
  if (evaluation === null)
    return { plan: null, answers: alerts.map((alert) => ({ alert, reason: 'unknown_measurements' })) };
  const held: Answer<Alert>[] = [];
  const asking: Asking<Alert>[] = [];
  for (const alert of alerts) {
    const found = findIn(evaluation, alert);
    const isHeld = found.diagnosis !== undefined && alert.resolver !== 'scale_down' && look.isBlacklisted(alert);
    if (found.diagnosis === undefined)
      held.push({
        alert,
        reason: isUnknown(evaluation, alert, found.operator) ? 'unknown_measurements' : 'not_current',
      });
    else if (isHeld) held.push({ alert, reason: 'blacklisted' });
    else asking.push({ alert, operator: alert.operator, diagnosis: found.diagnosis });
  }
  const verdict = planFirst(asking, look, evaluation);
  return { plan: verdict.plan, answers: [...verdict.answers, ...held] };
}

interface Asking<Alert> {
  readonly alert: Alert;
  readonly operator: string;
  readonly diagnosis: Diagnosis;
}

function planFirst<Alert extends AskingAlert>(
  asking: readonly Asking<Alert>[],
  look: Look<Alert>,
  evaluation: TopologyEvaluation,
): PlanVerdict<Alert> {
  const { settings } = look;
  const context: PlanContext = { ...evaluation, settings };
  const answers: Answer<Alert>[] = [];
  let chosen: PlannedAction | null = null;
  for (const resolver of RESOLVERS) {
    const own = asking.filter(({ alert }) => alert.resolver === resolver);
    // One action at a time: later resolvers wait for the next notification.
    const plan: PlannedAction | null =
      chosen === null ? planAction(resolver, own, leftOut(own, evaluation), context) : null;
    const scoped: PlannedAction | null = plan === null ? null : withinScope(plan, settings);
    const isRefused = scoped !== null && look.isCallRefused(scoped);
    const answered = new Set<string>();
    for (const one of own) {
      const isRepeated = answered.has(keyOf(one.alert));
      answered.add(keyOf(one.alert));
      const reason = ((): HoldReason | null => {
        if (chosen !== null) return 'action_in_flight';
        if (!includes(plan, one)) return reasonOfNothing(one, evaluation, context);
        if (isRefused) return 'call_refused';
        if (isRepeated || !includes(scoped, one)) return 'action_in_flight';
        return settings.mode === 'dry_run' ? 'dry_run' : null;
      })();
      answers.push({ alert: one.alert, reason });
    }
    if (!isRefused) chosen ??= scoped;
  }
  return { plan: chosen, answers: inOrderOf(chosen, answers) };
}

/** An alert that arrives twice, from two Alertmanagers, is answered by the action of the first one. */
function keyOf({ operator, diagnosis }: AskingAlert): string {
  return JSON.stringify([operator, diagnosis]);
}

/** Operators that need something but are not among the asking ones. */
function leftOut(asking: readonly Asking<AskingAlert>[], { operators }: TopologyEvaluation): ReadonlySet<string> {
  const asked = new Set(asking.map(({ operator }) => operator));
  const needy = operators.filter(({ diagnoses }) =>
    diagnoses.some(({ diagnosis }) => diagnosis !== 'overprovisioning'),
  );
  return new Set(needy.map(({ measurement }) => measurement.spec.name).filter((name) => !asked.has(name)));
}

function includes(plan: PlannedAction | null, { operator }: Pick<AskingAlert, 'operator'>): boolean {
  return plan?.operators.some((planned) => planned.operator === operator) ?? false;
}

function inOrderOf<Alert extends AskingAlert>(
  plan: PlannedAction | null,
  answers: readonly Answer<Alert>[],
): readonly Answer<Alert>[] {
  const rank = ({ alert }: Answer<Alert>): number => {
    const index = plan?.operators.findIndex(({ operator }) => operator === alert.operator) ?? -1;
    return index === -1 || alert.resolver !== plan?.resolver ? Infinity : index;
  };
  return [...answers].sort((left, right) => (rank(left) < rank(right) ? -1 : rank(left) > rank(right) ? 1 : 0));
}

/** Why nothing is asked of an operator although its diagnosis holds. */
function reasonOfNothing(
  { alert, operator: name }: Asking<AskingAlert>,
  evaluation: TopologyEvaluation,
  context: PlanContext,
): HoldReason {
  const operator = operatorOf(evaluation, name);
  if (operator === undefined) return 'unknown_measurements';
  if (alert.resolver === 'scale_down') {
    const size = scaleDownSize(operator, context);
    if (size.kind === 'wait') return size.isUnknown ? 'unknown_measurements' : 'at_limit';
    const withoutFloors = scaleDownSize(operator, {
      ...context,
      experience: { ...context.experience, floors: NO_EXPERIENCE.floors },
    });
    return JSON.stringify(size) === JSON.stringify(withoutFloors) ? 'at_limit' : 'blacklisted';
  }
  const isUnsized = !operator.load.isClean || evaluation.demand.kind === 'unknown';
  return isUnsized ? 'unknown_measurements' : 'at_limit';
}

function findIn(
  evaluation: TopologyEvaluation,
  alert: AskingAlert,
): { readonly operator: OperatorEvaluation | undefined; readonly diagnosis: Diagnosis | undefined } {
  const operator = operatorOf(evaluation, alert.operator);
  return { operator, diagnosis: operator?.diagnoses.find((found) => found.diagnosis === alert.diagnosis) };
}

/** Whether the diagnosis does not hold because data is missing, rather than because the situation changed. */
function isUnknown(
  evaluation: TopologyEvaluation,
  { diagnosis }: AskingAlert,
  operator: OperatorEvaluation | undefined,
): boolean {
  if (operator === undefined) return true;
  // Every diagnosis also depends on the backlogs of the sources.
  if (evaluation.isDraining === 'unknown') return true;
  // A scale-down waits for data, such as the rest of its memory.
  if (diagnosis === 'overprovisioning' && operator.leftAloneBecause !== null) return true;
  // Any unknown anywhere blocks a scale_down, so for it the whole topology counts.
  const concerned = diagnosis === 'overprovisioning' ? evaluation.operators : [operator];
  return concerned.some(
    ({ symptoms, missingSensors, measurement, load }) =>
      !load.isClean ||
      Object.values(symptoms).includes('unknown') ||
      missingSensors.length > 0 ||
      measurement.incompleteBecause !== null,
  );
}
