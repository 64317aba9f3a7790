// Merges one topology's policy from its layers: schema defaults < built-in engine < file < file's engine < topology.
import type { Mode, PolicySettings } from '../model/policy-settings.js';
import { buildExcludedPeriods } from './build-excluded-periods.js';
import { durationMs } from '../grammar/duration.js';
import { policySchema, type PolicyLayer } from './policy-schema.js';

/** Time that an action needs beyond a full window to show in the series. */
const SETTLING_MARGIN_MS = 30_000;
/** A topology without a webhook enforces nothing. */
const WITHOUT_WEBHOOK: Mode = 'observe';

export interface PolicyContext {
  readonly windowMs: number;
  /** How long the engine's series outlive an instance. */
  readonly seriesTtlMs: number;
  /** Whether any resolver of the topology has a webhook. */
  readonly hasWebhook: boolean;
}

/**
 * @param layers as written, least specific first; a null in a later one takes away what an earlier one set.
 * The settling time defaults to window + 30 s, and is at least the engine's series TTL + window. Without a webhook the mode
 * defaults to observe.
 */
export function mergePolicy(
  layers: readonly PolicyLayer[],
  { windowMs, seriesTtlMs, hasWebhook }: PolicyContext,
): PolicySettings {
  const defaults = policySchema.properties;
  const written = layers.reduce<PolicyLayer>((merged, layer) => ({ ...merged, ...layer }), {});
  const durationOf = (key: DurationKey): number => durationMs(written[key] ?? defaults[key].default);
  const numberOf = (key: NumberKey): number => written[key] ?? defaults[key].default;
  const settlingTime = written.settling_time ?? defaults.settling_time.default;
  const settlingTimeMs = settlingTime === null ? windowMs + SETTLING_MARGIN_MS : durationMs(settlingTime);
  return {
    mode: written.mode ?? (hasWebhook ? defaults.mode.default : WITHOUT_WEBHOOK),
    plan: written.plan ?? defaults.plan.default,
    backpressureThreshold: numberOf('backpressure_threshold'),
    nearZeroPendingPackets: numberOf('near_zero_pending_packets'),
    pendingPacketsSkewRatio: numberOf('pending_packets_skew_ratio'),
    minPendingPacketsForSkew: numberOf('min_pending_packets_for_skew'),
    processingRateSkewRatio: numberOf('processing_rate_skew_ratio'),
    growingPendingPacketsPerSecond: numberOf('growing_pending_packets_per_second'),
    growingBacklogShare: numberOf('growing_backlog_share'),
    minBacklogMs: durationOf('min_backlog'),
    catchUpMs: durationOf('catch_up'),
    idleScaleDown: written.idle_scale_down ?? defaults.idle_scale_down.default,
    maxScaleUpFactor: numberOf('max_scale_up_factor'),
    scaleDownFactor: numberOf('scale_down_factor'),
    targetBusy: numberOf('target_busy'),
    scaleDownMemoryMs: durationOf('scale_down_memory'),
    // A maximum at or below the length means a memory that never grows.
    scaleDownMemoryMaxMs: Math.max(durationOf('scale_down_memory'), durationOf('scale_down_memory_max')),
    minSaving: numberOf('min_saving'),
    maxScaleDownFactor: numberOf('max_scale_down_factor'),
    minParallelism: numberOf('min_parallelism'),
    maxParallelism: written.max_parallelism ?? defaults.max_parallelism.default,
    cooldownMs: durationOf('cooldown'),
    settlingTimeMs: Math.max(settlingTimeMs, seriesTtlMs + windowMs),
    maxActionsPerHour: numberOf('max_actions_per_hour'),
    retryRefusedAfterMs: durationOf('retry_refused_after'),
    escalateForMs: durationOf('escalate_for'),
    maxAlertAgeMs: durationOf('max_alert_age'),
    minImprovement: numberOf('min_improvement'),
    blacklistFailureRatio: numberOf('blacklist_failure_ratio'),
    blacklistMinAttempts: numberOf('blacklist_min_attempts'),
    blacklistTtlMs: durationOf('blacklist_ttl'),
    blacklistLoadMargin: numberOf('blacklist_load_margin'),
    excludedPeriods: buildExcludedPeriods(written.excluded_periods ?? defaults.excluded_periods.default),
  };
}

type Properties = typeof policySchema.properties;
type NumberKey = {
  [Key in keyof Properties]: Properties[Key]['default'] extends number ? Key : never;
}[keyof Properties];
type DurationKey = {
  [Key in keyof Properties]: Properties[Key] extends { duration: unknown; default: string } ? Key : never;
}[keyof Properties];
