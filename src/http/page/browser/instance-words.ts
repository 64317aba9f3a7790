// Describes a restart or a rebalance: its instances, since it leaves the operator's parallelism unchanged. Pure.
import type { ActionKind } from '../../../model/resolver.js';

interface Asked {
  readonly current_parallelism: number;
  readonly desired_parallelism: number;
  readonly operator_instances: readonly string[];
}

/** The text around the name of an operator whose parallelism is unchanged: `instance 1 of `, ` (of 3)`. null: it changes. */
export function describeAim(
  resolver: ActionKind,
  { current_parallelism: current, desired_parallelism: desired, operator_instances: instances }: Asked,
): { readonly before: string; readonly after: string } | null {
  if (current !== desired) return null;
  const listed = instances.length === 0 ? null : listInstances(instances);
  if (resolver === 'restart_instances')
    return { before: listed === null ? '' : `${listed} of `, after: ` (of ${current})` };
  if (resolver === 'rebalance')
    return { before: '', after: `${listed === null ? '' : `, away from ${listed}`} (of ${current})` };
  return { before: '', after: ` (stays ${current})` };
}

const MOST_LISTED = 4;

/** `instance 1`, `instances 0 and 2`, `instances 0, 1, 2, 3 and 3 more`. */
function listInstances(instances: readonly string[]): string {
  const [first = ''] = instances;
  if (instances.length === 1) return `instance ${first}`;
  const isAll = instances.length <= MOST_LISTED;
  const listed = isAll ? instances.slice(0, -1) : instances.slice(0, MOST_LISTED);
  const last = isAll ? (instances.at(-1) ?? '') : `${instances.length - MOST_LISTED} more`;
  return `instances ${listed.join(', ')} and ${last}`;
}
