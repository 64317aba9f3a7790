// The fields of every log line about an action: the facts of its first operator, and what is asked of the others.
import type { Action } from '../model/action.js';

/** `operator=split current_parallelism=1 desired_parallelism=12 also="count 1 → 24"`. */
export function factsOf({ id, topology, resolver, operators }: Action): Record<string, string | number> {
  const [{ operator, diagnosis, currentParallelism, desiredParallelism }, ...others] = operators;
  const also = others.map((one) => `${one.operator} ${one.currentParallelism} → ${one.desiredParallelism}`);
  return {
    topology,
    operator,
    resolver,
    diagnosis,
    current_parallelism: currentParallelism,
    desired_parallelism: desiredParallelism,
    ...(also.length === 0 ? {} : { also: also.join(', ') }),
    action_id: id,
  };
}

/** Of an action that begins: also what its first operator's size rests on. */
export function factsOfClaim(action: Action): Record<string, string | number | null> {
  const [{ reason }] = action.operators;
  return {
    ...factsOf(action),
    suspended_ratio: reason.suspendedRatio,
    pending_packets: reason.pendingPackets,
    processing_rate: reason.processingRate,
    offered_ratio: reason.offeredRatio,
    expected_busy: reason.expectedBusy,
    needed_instances: reason.neededInstances,
  };
}
