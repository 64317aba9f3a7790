// Why an alert is held without a look at its topology: the first reason that applies, in the order of HOLD_REASONS.
// decide-plan.ts looks at the alerts that are not held here.
import type { HoldReason } from '../model/decision.js';
import type { Mode } from '../model/policy-settings.js';
import type { ResolverName } from '../model/resolver.js';

/** What is known about an alert's topology and resolver before a look. */
export interface AlertContext {
  readonly resolver: ResolverName;
  /** Whether a webhook carries out the resolver. */
  readonly isSupported: boolean;
  readonly mode: Mode;
  readonly maxAlertAgeMs: number;
  /** Since Alertmanager's notification arrived. */
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
}

/** Why the alert is held without a look; null: look. The context of an unconfigured topology is null. */
export function holdBeforeLooking(context: AlertContext | null): HoldReason | null {
  if (context === null) return 'unknown_topology';
  const reasons: readonly (readonly [HoldReason, boolean])[] = [
    ['observe_only', context.mode === 'observe'],
    ['unsupported_resolver', !context.isSupported],
    ['stale_alert', context.alertAgeMs > context.maxAlertAgeMs],
    ['paused', context.isPaused],
    ['excluded_period', context.isExcludedPeriod],
    ['action_in_flight', context.hasOpenAction],
    ['cooldown', context.sinceLastJudgedMs !== null && context.sinceLastJudgedMs < context.cooldownMs],
    // More capacity is never refused.
    ['rate_limited', context.resolver !== 'scale_up' && context.limitedActionsInLastHour >= context.maxActionsPerHour],
    ['fleet_brake', context.isFleetBraked],
  ];
  return reasons.find(([, applies]) => applies)?.[0] ?? null;
}
