// How idle a Flink subtask is whose queue is to seem so long: the inverse of what the engine `flink` makes of idle times.

/** ms/s with nothing to do at which so many packets seem to wait; below 5 ms/s (198 packets) the engine sees no difference. */
export function idleMsWith(pendingPackets: number): number {
  // ρ² / (1 − ρ) = q ⇒ ρ = (√(q² + 4q) − q) / 2.
  const working = (Math.sqrt(pendingPackets ** 2 + 4 * pendingPackets) - pendingPackets) / 2;
  return 1000 * (1 - working);
}

/** What seems to wait before an instance that is never done. */
export const FULL_QUEUE = 0.995 ** 2 / 0.005;
