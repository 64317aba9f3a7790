// Passwords against bcrypt hashes, compared elsewhere one at a time (password-thread.ts): what was right once is remembered, and
// the rest wait in a line that is fair between addresses (password-line.ts).
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import { createPasswordLine, type Claimant, type Waiting } from './password-line.js';

/** `busy`: too many are waiting, try again. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

export interface PasswordClaim {
  /** Of the client, as the connection has it. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

export interface PasswordCheck {
  /** @param users bcrypt hash by name; an unknown user costs as much as a known one */
  check(claim: PasswordClaim, users: ReadonlyMap<string, string>): Promise<PasswordVerdict>;
  /** Whoever waits is turned away, and whoever asks from now on: the service ends. */
  close(): void;
}

export interface PasswordCheckParts {
  readonly clock: Clock;
  readonly compare: (password: string, hash: string) => Promise<boolean>;
  /** Waiting to be compared; default 64. */
  readonly maxWaiting?: number;
  /** Of one address; default 16. */
  readonly maxOfAddress?: number;
  /** Right ones remembered; default 128. */
  readonly maxRemembered?: number;
}

interface Comparison extends Waiting {
  readonly run: () => Promise<void>;
}

export function createPasswordCheck(parts: PasswordCheckParts): PasswordCheck {
  const { clock, compare, maxWaiting = 64, maxOfAddress = 16, maxRemembered = 128 } = parts;
  const key = randomBytes(32);
  /** Least recently used first. The hash is part of what is remembered, so that a new one makes the old password wrong at once. */
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
    // Whoever waited was turned away: nobody is there for what their comparisons would say.
    if (isComparing || isClosed) return;
    const comparison = line.next();
    if (comparison === undefined) return;
    isComparing = true;
    void comparison.run().finally(() => {
      isComparing = false;
      serveNext();
    });
  };
  /** Whether it is right; busy: it was turned away. */
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
          // Of a thread that was ended.
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
      // Of each address once: what another one sent may be turned away.
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

/** One of the real hashes, always the same for a name: costs may differ, and so tell nothing about which names are known. */
function decoyFor(digest: Buffer, users: ReadonlyMap<string, string>): string | null {
  const hashes = [...users.values()];
  return hashes[digest.readUInt32BE(0) % Math.max(1, hashes.length)] ?? null;
}

/** Whose an address is: of IPv6 the 64 bits that a customer is given, since all that follows is the customer's own choice. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === '' ? 0 : tail.split(':').length;
  const all = address.includes('::') ? [...groups, ...Array<string>(8 - groups.length - after).fill('0')] : groups;
  return `${[...all, ...(tail === '' ? [] : tail.split(':'))].slice(0, 4).join(':')}::/64`;
}
