// Checks passwords against bcrypt hashes, one at a time in a thread (password-thread.ts). Right passwords are remembered; the rest
// wait in a queue that is fair between addresses (password-line.ts).
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import { createPasswordLine, type Claimant, type Waiting } from './password-line.js';

/** `busy`: too many are waiting; try again. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

export interface PasswordClaim {
  /** The client's address. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

export interface PasswordCheck {
  /** @param users bcrypt hash by name; an unknown user costs as much time as a known one */
  check(claim: PasswordClaim, users: ReadonlyMap<string, string>): Promise<PasswordVerdict>;
  /** Refuses everyone who waits, and later requests: the service ends. */
  close(): void;
}

export interface PasswordCheckParts {
  readonly clock: Clock;
  readonly compare: (password: string, hash: string) => Promise<boolean>;
  /** Limit of waiting comparisons; default 64. */
  readonly maxWaiting?: number;
  /** Limit per address; default 16. */
  readonly maxOfAddress?: number;
  /** Limit of remembered right passwords; default 128. */
  readonly maxRemembered?: number;
}

interface Comparison extends Waiting {
  readonly run: () => Promise<void>;
}

export function createPasswordCheck(parts: PasswordCheckParts): PasswordCheck {
  const { clock, compare, maxWaiting = 64, maxOfAddress = 16, maxRemembered = 128 } = parts;
  const key = randomBytes(32);
  /** Least recently used first. The key contains the hash, so that a new hash invalidates the old password at once. */
  const remembered = new Set<string>();
  const underWay = new Map<string, Promise<boolean | 'busy'>>();
  const line = createPasswordLine<Comparison>({ maxWaiting, maxOfAddress });
  const turnAways = new Set<() => void>();
  let isClosed = false;
  let isComparing = false;

  const keyed = (...parts: string[]): Buffer => createHmac('sha256', key).update(JSON.stringify(parts)).digest();
  const remember = (claim: string): void => {
    remembered.delete(claim);
    remembered.add(claim);
    for (const oldest of remembered) {
      if (remembered.size <= maxRemembered) break;
      remembered.delete(oldest);
    }
  };
  const serveNext = (): void => {
    // Waiting requests were refused: their results are not needed.
    if (isComparing || isClosed) return;
    const comparison = line.next();
    if (comparison === undefined) return;
    isComparing = true;
    void comparison.run().finally(() => {
      isComparing = false;
      serveNext();
    });
  };
  /** True if it is right; busy: it was refused. */
  const compareInTurn = (
    claimant: Claimant,
    password: string,
    hash: string,
    isKnown: boolean,
  ): Promise<boolean | 'busy'> =>
    new Promise((resolve, reject) => {
      const turnAway = (): void => {
        turnAways.delete(turnAway);
        resolve('busy');
      };
      const run = async (): Promise<void> => {
        try {
          const isRight = (await compare(password, hash)) && isKnown;
          // Before the next one is chosen.
          if (isRight) line.noteRight(claimant);
          else line.noteWrong(claimant, clock.now());
          resolve(isRight);
        } catch (error) {
          // The thread was ended.
          if (isClosed) turnAway();
          else reject(error instanceof Error ? error : new Error(String(error)));
        } finally {
          turnAways.delete(turnAway);
        }
      };
      turnAways.add(turnAway);
      if (isClosed || !line.add({ claimant, turnAway, run })) turnAway();
      serveNext();
    });
  return {
    check: async ({ address, user, password }, users) => {
      const known = users.get(user);
      const hash = known ?? decoyFor(keyed('decoy', user), users);
      if (hash === null) return 'wrong';
      const claim = keyed('claim', user, password, hash).toString('base64');
      if (remembered.has(claim)) {
        remember(claim);
        return 'right';
      }
      const claimant = { address: networkOf(address), user };
      // Once per address: another request of the same address may have been refused.
      const identity = `${claimant.address} ${claim}`;
      let comparison = underWay.get(identity);
      if (comparison === undefined) {
        comparison = compareInTurn(claimant, password, hash, known !== undefined).finally(() =>
          underWay.delete(identity),
        );
        underWay.set(identity, comparison);
      }
      const isRight = await comparison;
      if (isRight === 'busy') return 'busy';
      if (!isRight) return 'wrong';
      remember(claim);
      return 'right';
    },
    close: () => {
      isClosed = true;
      for (const turnAway of turnAways) turnAway();
    },
  };
}

/** One of the real hashes, always the same for a name. Costs may differ, and so do not reveal which names exist. */
function decoyFor(digest: Buffer, users: ReadonlyMap<string, string>): string | null {
  const hashes = [...users.values()];
  return hashes[digest.readUInt32BE(0) % Math.max(1, hashes.length)] ?? null;
}

/** The owner of an address: for IPv6, the first 64 bits, since a customer chooses the rest. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === '' ? 0 : tail.split(':').length;
  const all = address.includes('::') ? [...groups, ...Array<string>(8 - groups.length - after).fill('0')] : groups;
  return `${[...all, ...(tail === '' ? [] : tail.split(':'))].slice(0, 4).join(':')}::/64`;
}
