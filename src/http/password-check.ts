// Passwords against bcrypt hashes, which cost a tenth of a second each on the thread that also does everything else: what was
// right once is remembered, and the rest wait for each other in a short line that takes at most half of the time.
import { createHmac, randomBytes } from 'node:crypto';
import bcrypt from 'bcryptjs';
import type { Clock } from '../clock.js';

/** `busy`: too many are waiting, try again. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

export interface PasswordCheck {
  /** @param users bcrypt hash by name; an unknown user costs as much as a known one */
  check(user: string, password: string, users: ReadonlyMap<string, string>): Promise<PasswordVerdict>;
}

export interface PasswordCheckParts {
  readonly clock: Clock;
  readonly compare?: (password: string, hash: string) => Promise<boolean>;
  /** Comparisons under way and waiting; default 16. */
  readonly maxWaiting?: number;
  /** Right ones remembered; default 128. */
  readonly maxRemembered?: number;
}

export function createPasswordCheck(parts: PasswordCheckParts): PasswordCheck {
  const { clock, compare = bcrypt.compare, maxWaiting = 16, maxRemembered = 128 } = parts;
  const key = randomBytes(32);
  /** Least recently used first. The hash is part of what is remembered, so that a new one makes the old password wrong at once. */
  const remembered = new Set<string>();
  const waiting = new Map<string, Promise<boolean>>();
  let turn: Promise<unknown> = Promise.resolve();

  const keyed = (...parts: string[]): Buffer => createHmac('sha256', key).update(JSON.stringify(parts)).digest();
  const remember = (claim: string): void => {
    remembered.delete(claim);
    remembered.add(claim);
    for (const oldest of remembered) {
      if (remembered.size <= maxRemembered) break;
      remembered.delete(oldest);
    }
  };
  /** Resolves in turn; the next one begins after a rest as long as this one took. */
  const compareInTurn = (password: string, hash: string): Promise<boolean> => {
    let startedAtMs = 0;
    const result = turn.then(() => {
      startedAtMs = clock.now();
      return compare(password, hash);
    });
    const rest = (): Promise<void> => clock.sleep(clock.now() - startedAtMs);
    turn = result.then(rest, rest);
    return result;
  };
  return {
    check: async (user, password, users) => {
      const known = users.get(user);
      const hash = known ?? decoyFor(keyed('decoy', user), users);
      if (hash === null) return 'wrong';
      const claim = keyed('claim', user, password, hash).toString('base64');
      if (remembered.has(claim)) {
        remember(claim);
        return 'right';
      }
      let comparison = waiting.get(claim);
      if (comparison === undefined) {
        if (waiting.size >= maxWaiting) return 'busy';
        comparison = compareInTurn(password, hash).finally(() => waiting.delete(claim));
        waiting.set(claim, comparison);
      }
      const matches = await comparison;
      if (!matches || known === undefined) return 'wrong';
      remember(claim);
      return 'right';
    },
  };
}

/** One of the real hashes, always the same for a name: costs may differ, and so tell nothing about which names are known. */
function decoyFor(digest: Buffer, users: ReadonlyMap<string, string>): string | null {
  const hashes = [...users.values()];
  return hashes[digest.readUInt32BE(0) % Math.max(1, hashes.length)] ?? null;
}
