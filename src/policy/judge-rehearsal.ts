// How long a dry run stays open in place of a real action: it has no visible effect, so it takes as long as an action that is not
// applied.
import type { Action } from '../model/action.js';
import type { PolicySettings } from '../model/policy-settings.js';

/** A rehearsal ends at once when its topology's mode is no longer `dry_run`. */
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
