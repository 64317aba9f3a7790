// PURE: how far back the action log is read for a look, given the configuration.
import type { Configuration } from '../config/configuration.js';
import type { Recall } from './action-history.js';

const HOUR_MS = 3_600_000;

export function recallFor({ topologies, discoveries }: Configuration, nowMs: number): Recall {
  const policies = [...topologies, ...discoveries].map(({ policy }) => policy);
  const longest = (durations: readonly number[]): number => durations.reduce((a, b) => Math.max(a, b), 0);
  const ttls = policies.map(({ blacklistTtlMs }) => (blacklistTtlMs === 0 ? Infinity : blacklistTtlMs));
  const escalations = policies.map(({ escalateForMs }) => escalateForMs);
  return {
    nowMs,
    recentSinceMs: nowMs - HOUR_MS,
    tellingSinceMs: nowMs - longest([...ttls, ...escalations]),
    refusedSinceMs: nowMs - longest(policies.map(({ retryRefusedAfterMs }) => retryRefusedAfterMs)),
  };
}
