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
