// The right of this replica to call and to judge an action, for a while: what another replica holds is left to it.
import type { ActionLog } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';

export interface Lease {
  /** Takes it or renews it for `durationMs` and some more; false: another replica has it, or the action is judged. */
  take(actionId: string, durationMs: number): Promise<boolean>;
  /** Gives it back, so that another replica need not wait for its end. */
  release(actionId: string): Promise<void>;
}

/** How much longer than what it does takes a replica has its lease: to write it down, and to renew the lease. */
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
