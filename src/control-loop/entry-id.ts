// How an entry of the blacklist is called: one action may have put several operators on it, and each entry is removed by itself.
import { createHash } from 'node:crypto';
import type { BlacklistCandidate } from '../policy/project-blacklist.js';

/** A UUID, the same each time: the action's for its first operator, for the others one made of it (version 8). */
export function entryIdOf({ id, place }: Pick<BlacklistCandidate, 'id' | 'place'>): string {
  if (place === 0) return id;
  const digits = createHash('sha256').update(`${id} ${place}`).digest('hex');
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(12, 15)}`, `8${digits.slice(15, 18)}`];
  return [...parts, digits.slice(18, 30)].join('-');
}
