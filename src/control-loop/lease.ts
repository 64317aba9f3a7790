// The right of this replica to call and to judge an action, for a while: what another replica holds is left to it.
import type { ActionLog } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';

export interface Lease {
  /** Takes it or renews it for at least `durationMs`; false: another replica has it. */
  take(actionId: string, durationMs: number): Promise<boolean>;
  /** Gives it back, so that another replica need not wait for its end. */
  release(actionId: string): Promise<void>;
}

/** How long a replica that was killed keeps its actions from the others, at least. */
export const DEFAULT_LEASE_MS = 30_000;

/** @param holder unique to this process */
export function createLease(log: ActionLog, clock: Clock, holder: string, leaseMs = DEFAULT_LEASE_MS): Lease {
  return {
    take: (actionId, durationMs) => {
      const nowMs = clock.now();
      return log.leaseAction(actionId, holder, nowMs, nowMs + Math.max(leaseMs, durationMs));
    },
    release: async (actionId) => {
      const nowMs = clock.now();
      await log.leaseAction(actionId, holder, nowMs, nowMs);
    },
  };
}
