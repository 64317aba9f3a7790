// PURE: checks whether the instances under one name can be one operator of one topology: one job, one vertex, and all instances.
import type { Engine } from '../config/configuration.js';
import { identitiesOf, type InstanceRow, type TableStep } from './instance-table.js';

/** How many values a message names. */
const MAX_NAMED = 3;

/**
 * Why the present instances of a topology or an operator cannot be of one: several jobs or vertices share its name. Null: they can.
 */
export function findConflict(
  at: TableStep,
  present: readonly InstanceRow[],
  of: 'topology' | 'operator',
  { identity }: Engine,
  name: string,
): string | null {
  const labels = identity[of];
  if (labels.length === 0) return null;
  const values = new Set<string>();
  for (const row of present) for (const one of identitiesOf(at, row)) values.add(one[of]);
  values.delete('');
  if (values.size < 2) return null;
  const [things, advice] =
    of === 'topology'
      ? ['jobs', 'give each job a name of its own, or tell them apart by `matchers` or another topology label']
      : ['operators', 'give each operator a name of its own'];
  // Flink's reporter replaces every other character by an underscore, so names in other scripts may become equal.
  const replaced = name.includes('_')
    ? '; names that differ only in characters which the reporter replaces stay apart with filterLabelValueCharacters: false'
    : '';
  return `${values.size} ${things} are named ${name} (${labels.join(', ')} ${firstOf([...values].sort())}): ${advice}${replaced}`;
}

/** The attempt of each instance, if the series show exactly one for each; null: unknown. */
export function attemptsOf(
  at: TableStep,
  present: readonly InstanceRow[],
  { identity }: Engine,
): ReadonlyMap<string, string> | null {
  if (identity.attempt.length === 0 || present.length === 0) return null;
  const attempts = new Map<string, string>();
  for (const row of present) {
    const own = new Set(identitiesOf(at, row).map(({ attempt }) => attempt));
    const [attempt] = own;
    if (own.size !== 1 || attempt === undefined || attempt === '') return null;
    attempts.set(row.operatorInstance, attempt);
  }
  return attempts;
}

/** Why the instances are not 0..p-1; null: they are, or the engine does not number them this way. */
export function findGap(present: readonly InstanceRow[], { contiguousInstances }: Engine): string | null {
  if (!contiguousInstances) return null;
  const seen = new Set(present.map(({ operatorInstance }) => operatorInstance));
  const missing = present.map((_, index) => String(index)).filter((index) => !seen.has(index));
  if (missing.length === 0) return null;
  return `operator instances 0..${present.length - 1} are expected, ${firstOf(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`;
}

function firstOf(names: readonly string[]): string {
  return [...names.slice(0, MAX_NAMED), ...(names.length > MAX_NAMED ? ['…'] : [])].join(', ');
}
