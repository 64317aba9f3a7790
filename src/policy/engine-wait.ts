// How long an engine may wait before it carries out an accepted change, such as until its next checkpoint. An unknown wait postpones
// nothing.
import type { Action } from '../model/action.js';
import type { PolicySettings } from '../model/policy-settings.js';

/** A reported wait is not trusted to keep an action open for longer. */
export const LONGEST_ENGINE_WAIT_MS = 24 * 3_600_000;

type Waiting = Pick<Action, 'completedAtMs' | 'claimedAtMs' | 'settling'>;

/** As the engine reports it, while the parallelism is as before; null: the parallelism has changed, or the wait is unknown. */
export function engineWaitsUntilMs(action: Waiting): number | null {
  return changedAtMs(action) === null ? untilMs(action) : null;
}

/** Whether the engine may still wait: its time is not over, and the parallelism is as before. */
export function mayWait(action: Waiting, nowMs: number): boolean {
  const endsAtMs = engineWaitsUntilMs(action);
  return endsAtMs !== null && nowMs < endsAtMs;
}

/**
 * When the wait ends: the parallelism has changed, or the time is over. A call that succeeded at 0 with a wait of 180 s ⇒ 180 s; with
 * another parallelism seen since 70 s ⇒ 70 s; without a known wait ⇒ 0.
 */
export function waitOverMs(action: Waiting): number {
  const completedAtMs = action.completedAtMs ?? action.claimedAtMs;
  return Math.max(completedAtMs, Math.min(untilMs(action) ?? completedAtMs, changedAtMs(action) ?? Infinity));
}

/**
 * From this time on a parallelism other than the desired one counts: `settling_time` after the wait ends. With a
 * `settling_time` of 150 s, a call that succeeded at 0 and a wait of 180 s ⇒ 330 s.
 */
export function settledByMs(action: Waiting, { settlingTimeMs }: Pick<PolicySettings, 'settlingTimeMs'>): number {
  return waitOverMs(action) + settlingTimeMs;
}

/** When the desired parallelism, or another one than before, was first seen. */
function changedAtMs({ settling: { firstSeenAtMs, changeSeenAtMs } }: Waiting): number | null {
  return firstSeenAtMs ?? changeSeenAtMs;
}

/** null: the wait is unknown, or the call is not answered. */
function untilMs({ completedAtMs, settling: { engineWaitMs } }: Waiting): number | null {
  if (completedAtMs === null || engineWaitMs === null || !(engineWaitMs > 0)) return null;
  return completedAtMs + Math.min(engineWaitMs, LONGEST_ENGINE_WAIT_MS);
}
