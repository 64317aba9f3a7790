// Why an alert is held without a look at its topology: the first reason that applies, in the order of HOLD_REASONS.
// decide-plan.ts looks at the alerts that are not held here.
import type { HoldReason } from '../model/decision.js';
import type { Mode } from '../model/policy-settings.js';
import type { ResolverName } from '../model/resolver.js';

/** What is known about an alert's topology and resolver before a look. */
export interface Standing {
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
  /** Whether the call that the newest look suggests was refused for good within `retry_refused_after`. */
  readonly isCallRefused: boolean;
}

/** Why the alert is held without a look; null: look. The context of an unconfigured topology is null. */
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
