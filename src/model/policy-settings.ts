// The numbers that steer one topology's detectors, diagnosers, resolvers and policy, after all overrides are merged.
// The config schema describes meanings, defaults and the users' units; durations here are ms.
import type { ExcludedPeriod } from './excluded-period.js';

export const MODES = ['enforce', 'dry_run', 'observe'] as const;
export type Mode = (typeof MODES)[number];

/** How much one action changes: all operators of the topology that need it, or one. */
export const PLANS = ['topology', 'operator'] as const;
export type PlanScope = (typeof PLANS)[number];

export interface PolicySettings {
  readonly mode: Mode;
  readonly plan: PlanScope;
  readonly backpressureThreshold: number;
  readonly nearZeroPendingPackets: number;
  readonly pendingPacketsSkewRatio: number;
  readonly minPendingPacketsForSkew: number;
  readonly processingRateSkewRatio: number;
  readonly growingPendingPacketsPerSecond: number;
  readonly growingBacklogShare: number;
  readonly minBacklogMs: number;
  readonly catchUpMs: number;
  readonly idleScaleDown: boolean;
  readonly maxScaleUpFactor: number;
  readonly scaleDownFactor: number;
  /** U: how busy the busiest instance should be under the offered load. */
  readonly targetBusy: number;
  readonly scaleDownMemoryMs: number;
  readonly scaleDownMemoryMaxMs: number;
  readonly minSaving: number;
  readonly maxScaleDownFactor: number;
  readonly minParallelism: number;
  readonly maxParallelism: number | null;
  readonly cooldownMs: number;
  /** Already raised to the engine's series_ttl + window if that is more. */
  readonly settlingTimeMs: number;
  readonly maxActionsPerHour: number;
  /** 0: a call that was refused for good is repeated at every notification. */
  readonly retryRefusedAfterMs: number;
  readonly escalateForMs: number;
  readonly maxAlertAgeMs: number;
  readonly minImprovement: number;
  readonly blacklistFailureRatio: number;
  readonly blacklistMinAttempts: number;
  /** 0: until a person removes it. */
  readonly blacklistTtlMs: number;
  readonly blacklistLoadMargin: number;
  /** Times in which alerts are held; empty: never. */
  readonly excludedPeriods: readonly ExcludedPeriod[];
}
