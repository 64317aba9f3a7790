// How long a dry run stands in for the action that it would have been: nothing of it can be seen, so it takes as long as an action
// that is not applied.
import type { Action } from '../model/action.js';
import type { PolicySettings } from '../model/policy-settings.js';

/** A topology that acts now waits for no rehearsal. */
export function isRehearsalOver(
  action: Pick<Action, 'claimedAtMs'>,
  settings: Pick<PolicySettings, 'mode' | 'settlingTimeMs'>,
  nowMs: number,
): boolean {
  return settings.mode !== 'dry_run' || nowMs >= rehearsalEndMs(action, settings);
}

export function rehearsalEndMs(
  { claimedAtMs }: Pick<Action, 'claimedAtMs'>,
  { settlingTimeMs }: Pick<PolicySettings, 'settlingTimeMs'>,
): number {
  return claimedAtMs + settlingTimeMs;
}
