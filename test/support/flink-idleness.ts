// What the engine `flink` makes of idle times, and the inverse: how idle a subtask is whose queue is to seem so long.

/** ms/s with nothing to do at which so many packets seem to wait; below 3 ms/s (166 packets) the engine sees no difference. */
export function idleMsWith(pendingPackets: number): number {
  // ρ² / (2 (1 − ρ)) = q ⇒ ρ = √(q² + 2q) − q.
  const working = Math.sqrt(pendingPackets ** 2 + 2 * pendingPackets) - pendingPackets;
  return 1000 * (1 - working);
}

/** Packets that seem to wait where there is nothing to do for so many ms/s. */
export function pendingPacketsAt(idleMsPerSecond: number): number {
  const idle = Math.min(Math.max(idleMsPerSecond, 3), 1000) / 1000;
  return (1 - idle) ** 2 / (2 * idle);
}

/** What seems to wait before an instance that is never done. */
export const FULL_QUEUE = pendingPacketsAt(0);
