// From an alert to a decision: act, or hold with exactly one reason, the first that applies in the order of HOLD_REASONS.
// The first half needs the action log and the clock, the second a fresh look at the topology.
import type { HoldReason } from '../model/decision.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import type { Mode, PolicySettings } from '../model/policy-settings.js';
import { RESOLVERS, type PlannedAction, type ResolverName } from '../model/resolver.js';
import { planAction } from '../resolvers/resolve.js';

/** What is known of an alert's topology and resolver before anybody looks. */
export interface Standing {
  readonly resolver: ResolverName;
  /** A webhook carries out the resolver. */
  readonly isSupported: boolean;
  readonly mode: Mode;
  readonly maxAlertAgeMs: number;
  /** Since Alertmanager sent it to us. */
  readonly alertAgeMs: number;
  readonly isPaused: boolean;
  readonly isExcludedPeriod: boolean;
  readonly hasOpenAction: boolean;
  readonly cooldownMs: number;
  /** Since the topology's newest action was judged; null: there was none. */
  readonly sinceLastJudgedMs: number | null;
  readonly maxActionsPerHour: number;
  /** Scale-downs, restarts and rebalances of this topology in the last hour. */
  readonly limitedActionsInLastHour: number;
  readonly isFleetBraked: boolean;
  /** What would be asked for, by the newest look, was refused for good a short while ago. */
  readonly isCallRefused: boolean;
}

/** Why the alert is held without a look; null: look. A topology that nobody configured has no standing. */
export function holdBeforeLooking(standing: Standing | null): HoldReason | null {
  if (standing === null) return 'unknown_topology';
  const reasons: readonly (readonly [HoldReason, boolean])[] = [
    ['observe_only', standing.mode === 'observe'],
    ['unsupported_resolver', !standing.isSupported],
    ['stale_alert', standing.alertAgeMs > standing.maxAlertAgeMs],
    ['paused', standing.isPaused],
    ['excluded_period', standing.isExcludedPeriod],
    ['action_in_flight', standing.hasOpenAction],
    ['cooldown', standing.sinceLastJudgedMs !== null && standing.sinceLastJudgedMs < standing.cooldownMs],
    // More capacity is never refused.
    [
      'rate_limited',
      standing.resolver !== 'scale_up' && standing.limitedActionsInLastHour >= standing.maxActionsPerHour,
    ],
    ['fleet_brake', standing.isFleetBraked],
    ['call_refused', standing.isCallRefused],
  ];
  return reasons.find(([, applies]) => applies)?.[0] ?? null;
}

export interface Look {
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly resolver: ResolverName;
  /** null: the topology could not be seen. */
  readonly evaluation: TopologyEvaluation | null;
  readonly settings: PolicySettings;
  /** Whether the same was refused for good a short while ago: what the fresh look asks for may differ from what the last one did. */
  readonly isCallRefused: (plan: PlannedAction) => boolean;
  /** Whether the pair is blacklisted for what would be asked for. */
  readonly isBlacklisted: (plan: PlannedAction | null) => boolean;
}

export type Verdict =
  | { readonly decision: 'act'; readonly plan: PlannedAction }
  /** `plan` is what would have been asked for, where the hold is `dry_run`. */
  | { readonly decision: 'hold'; readonly reason: HoldReason; readonly plan: PlannedAction | null };

/** What a fresh look makes of an alert that was not held before. */
export function decideAfterLooking(look: Look): Verdict {
  const { evaluation, settings } = look;
  const { operator, diagnosis } = findIn(look);
  if (evaluation === null || operator === undefined || diagnosis === undefined) {
    return hold(isUnknown(look, operator) ? 'unknown_measurements' : 'not_current');
  }
  const plan = planFor(look);
  if (plan !== null && look.isCallRefused(plan)) return hold('call_refused');
  if (look.isBlacklisted(plan)) return hold('blacklisted');
  if (plan === null) return hold(isDemandUnknown(look) ? 'unknown_measurements' : 'at_limit');
  return settings.mode === 'dry_run' ? { decision: 'hold', reason: 'dry_run', plan } : { decision: 'act', plan };
}

/** What would be asked for, as far as the evaluation shows; null: nothing, or that is not known. */
export function planFor(
  look: Pick<Look, 'operator' | 'diagnosis' | 'resolver' | 'evaluation' | 'settings'>,
): PlannedAction | null {
  const { evaluation, resolver, settings } = look;
  const { operator, diagnosis } = findIn(look);
  if (evaluation === null || operator === undefined || diagnosis === undefined) return null;
  return planAction(resolver, diagnosis, operator, evaluation, settings);
}

function findIn({ evaluation, ...look }: Pick<Look, 'operator' | 'diagnosis' | 'evaluation'>) {
  const operator = evaluation?.operators.find(({ measurement }) => measurement.spec.name === look.operator);
  return { operator, diagnosis: operator?.diagnoses.find((found) => found.diagnosis === look.diagnosis) };
}

/** Order in which several diagnoses of one topology are answered; a negative number puts `left` first. */
export function compareUrgency(left: UrgencyKey, right: UrgencyKey): number {
  const byResolver = RESOLVERS.indexOf(left.resolver) - RESOLVERS.indexOf(right.resolver);
  if (byResolver !== 0) return byResolver;
  if (left.resolver === 'scale_up') return (right.suspendedRatio ?? 0) - (left.suspendedRatio ?? 0);
  return (right.parallelism ?? 0) - (left.parallelism ?? 0);
}

export interface UrgencyKey {
  readonly resolver: ResolverName;
  readonly suspendedRatio: number | null;
  readonly parallelism: number | null;
}

function hold(reason: HoldReason): Verdict {
  return { decision: 'hold', reason, plan: null };
}

/** Whether how much more is needed cannot be said for want of a source's measurements. */
function isDemandUnknown({ evaluation, resolver }: Look): boolean {
  return resolver === 'scale_up' && evaluation?.demand.kind === 'unknown';
}

/** Whether the diagnosis does not hold for want of data rather than because things have changed. */
function isUnknown({ evaluation, diagnosis }: Look, operator: OperatorEvaluation | undefined): boolean {
  if (evaluation === null || operator === undefined) return true;
  // Whether an operator is too small also depends on what waits outside the sources.
  if (diagnosis === 'underprovisioning' && evaluation.isDraining === 'unknown') return true;
  // Any unknown anywhere blocks a scale_down, so for it the whole topology counts.
  const concerned = diagnosis === 'overprovisioning' ? evaluation.operators : [operator];
  return concerned.some(
    ({ symptoms, missingSensors, measurement }) =>
      Object.values(symptoms).includes('unknown') ||
      missingSensors.length > 0 ||
      measurement.incompleteBecause !== null,
  );
}
