// When an open action can be judged, for people who wait for it. judge-action.ts decides whether it is judged.
import type { Action } from '../model/action.js';
import type { JudgingProgress } from '../model/judging.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { changesParallelism } from '../model/resolver.js';
import { rehearsalEndMs } from './judge-rehearsal.js';
import { judgingStartMs, overdueAtMs, rateMemoryMs } from './settle-action.js';

/**
 * An action completed at 0 whose parallelism was seen at 40 s, with a window of 60 s: observing, judged at 160 s at the
 * earliest. null: it is judged already.
 */
export function expectJudgement(
  action: Action,
  settings: PolicySettings,
  windowMs: number,
  nowMs: number,
): JudgingProgress | null {
  if (action.state === 'judged') return null;
  if (action.dryRun) {
    const endMs = rehearsalEndMs(action, settings);
    return { phase: 'observing', earliestAtMs: endMs, waitsUntilMs: endMs };
  }
  if (action.state === 'claimed') return { phase: 'calling', earliestAtMs: null, waitsUntilMs: action.expiresAtMs };
  const waitsUntilMs = overdueAtMs(action, settings);
  const startMs = judgingStartMs(action, windowMs);
  if (startMs !== null) return { phase: 'observing', earliestAtMs: startMs + windowMs, waitsUntilMs };
  if (action.settling.seenAtMs !== null) {
    return { phase: 'awaiting_backlog', earliestAtMs: nowMs + rateMemoryMs(windowMs) + windowMs, waitsUntilMs };
  }
  return {
    phase: 'awaiting_effect',
    earliestAtMs: effectAtMs(action, settings, nowMs) + rateMemoryMs(windowMs) + windowMs,
    waitsUntilMs,
  };
}

/**
 * The earliest time at which the effect is seen. An effect without a change of parallelism takes the settling time, unless a
 * gap showed it.
 */
function effectAtMs(action: Action, settings: PolicySettings, nowMs: number): number {
  if (changesParallelism(action.resolver) || action.settling.gapSeenAtMs !== null) return nowMs;
  return Math.max(nowMs, (action.completedAtMs ?? action.claimedAtMs) + settings.settlingTimeMs);
}
