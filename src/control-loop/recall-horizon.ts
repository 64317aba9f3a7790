// PURE: how far back the action log is read, given the configuration.
import type { Configuration } from '../config/configuration.js';

/** How far back the log is read; times are inclusive. */
export interface RecallHorizon {
  readonly nowMs: number;
  /** By the time of their claim: all that count for limits, cooldowns, and what was just asked for. */
  readonly actionsSinceMs: number;
  readonly recentSinceMs: number;
  /** By the time of their judgement; -Infinity: all of it. */
  readonly tellingSinceMs: number;
  readonly refusedSinceMs: number;
}

const HOUR_MS = 3_600_000;
/** An action is judged well within a day of its claim, however long it settles; a cooldown begins then. */
const JUDGED_WITHIN_MS = 24 * HOUR_MS;

export function recallHorizon({ topologies, discoveries }: Configuration, nowMs: number): RecallHorizon {
  const policies = [...topologies, ...discoveries].map(({ policy }) => policy);
  const longest = (durations: readonly number[]): number => durations.reduce((a, b) => Math.max(a, b), 0);
  const ttls = policies.map(({ blacklistTtlMs }) => (blacklistTtlMs === 0 ? Infinity : blacklistTtlMs));
  const escalations = policies.map(({ escalateForMs }) => escalateForMs);
  const cooldowns = policies.map(({ cooldownMs }) => cooldownMs);
  return {
    nowMs,
    actionsSinceMs: nowMs - longest([HOUR_MS, ...cooldowns]) - JUDGED_WITHIN_MS,
    recentSinceMs: nowMs - HOUR_MS,
    tellingSinceMs: nowMs - longest([...ttls, ...escalations]),
    refusedSinceMs: nowMs - longest(policies.map(({ retryRefusedAfterMs }) => retryRefusedAfterMs)),
  };
}
