// How long an engine may leave undone what it has accepted, such as until its next checkpoint, and what that puts off. A wait that is not
// known puts off nothing.
import type { Action } from '../model/action.js';
import type { PolicySettings } from '../model/policy-settings.js';

/** Who tells the wait is not trusted to keep an action open for longer. */
export const LONGEST_ENGINE_WAIT_MS = 24 * 3_600_000;

type Waiting = Pick<Action, 'completedAtMs' | 'claimedAtMs' | 'settling'>;

/** By the engine's own word, as long as nothing else than before is seen; null: it has done something, or its wait is not known. */
export function engineWaitsUntilMs(action: Waiting): number | null {
  return changedAtMs(action) === null ? untilMs(action) : null;
}

/** Whether the engine may still wait: its time is not over, and it is seen to run as before. */
export function mayWait(action: Waiting, nowMs: number): boolean {
  const endsAtMs = engineWaitsUntilMs(action);
  return endsAtMs !== null && nowMs < endsAtMs;
}

/**
 * When the engine has waited: it has done something, or its time is over. A call that succeeded at 0 with a wait of 180 s ⇒ 180 s; with
 * another parallelism seen since 70 s ⇒ 70 s; without a known wait ⇒ 0.
 */
export function waitOverMs(action: Waiting): number {
  const completedAtMs = action.completedAtMs ?? action.claimedAtMs;
  return Math.max(completedAtMs, Math.min(untilMs(action) ?? completedAtMs, changedAtMs(action) ?? Infinity));
}

/**
 * From this time on a parallelism that is not what was asked for counts: `settling_time` after the engine has waited. With a
 * `settling_time` of 150 s, a call that succeeded at 0 and a wait of 180 s ⇒ 330 s.
 */
export function settledByMs(action: Waiting, { settlingTimeMs }: Pick<PolicySettings, 'settlingTimeMs'>): number {
  return waitOverMs(action) + settlingTimeMs;
}

/** What was asked for was seen, or another parallelism than before is. */
function changedAtMs({ settling: { firstSeenAtMs, changeSeenAtMs } }: Waiting): number | null {
  return firstSeenAtMs ?? changeSeenAtMs;
}

/** null: it is not known, or the call is not answered. */
function untilMs({ completedAtMs, settling: { engineWaitMs } }: Waiting): number | null {
  if (completedAtMs === null || engineWaitMs === null || !(engineWaitMs > 0)) return null;
  return completedAtMs + Math.min(engineWaitMs, LONGEST_ENGINE_WAIT_MS);
}
