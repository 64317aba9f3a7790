// The id of a blacklist entry: one action may put several operators on the blacklist, and each entry is removed by itself.
import { createHash } from 'node:crypto';
import type { BlacklistCandidate } from '../policy/project-blacklist.js';

/** A stable UUID: the action's for its first operator, a derived one (version 8) for the others. */
export function entryIdOf({ id, place }: Pick<BlacklistCandidate, 'id' | 'place'>): string {
  if (place === 0) return id;
  const digits = createHash('sha256').update(`${id} ${place}`).digest('hex');
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(12, 15)}`, `8${digits.slice(15, 18)}`];
  return [...parts, digits.slice(18, 30)].join('-');
}
