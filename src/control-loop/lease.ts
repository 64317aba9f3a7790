// The right of this replica to call and to judge an action for a limited time. Actions leased to another replica are left to
// it.
import type { ActionLog } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';

export interface Lease {
  /**
   * Takes or renews the lease for `durationMs` plus the base duration; false: another replica has it, or the action is
   * judged.
   */
  take(actionId: string, durationMs: number): Promise<boolean>;
  /** Ends the lease early, so that another replica need not wait for its end. */
  release(actionId: string): Promise<void>;
}

/** How much longer a lease lasts than the work it covers: time to write the result and to renew it. */
export const DEFAULT_LEASE_MS = 30_000;

/** @param holder unique to this process */
export function createLease(log: ActionLog, clock: Clock, holder: string, leaseMs = DEFAULT_LEASE_MS): Lease {
  return {
    take: (actionId, durationMs) => {
      const nowMs = clock.now();
      return log.leaseAction(actionId, holder, nowMs, nowMs + Math.ceil(durationMs) + leaseMs);
    },
    release: async (actionId) => {
      const nowMs = clock.now();
      await log.leaseAction(actionId, holder, nowMs, nowMs);
    },
  };
}
