// The queue of password checks. A sender of recent wrong passwords waits for those without, so that any number of wrong passwords
// from one address delay another one by a comparison or two. It does not see the passwords.

/** The origin of a claim: its address, and the user it names. */
export interface Claimant {
  readonly address: string;
  readonly user: string;
}

export interface Waiting {
  readonly claimant: Claimant;
  /** Called when another request takes its place. */
  readonly turnAway: () => void;
}

export interface PasswordLine<Entry extends Waiting> {
  /** May remove another request for it; false: the queue is full. */
  add(entry: Entry): boolean;
  /** Takes the next one out. */
  next(): Entry | undefined;
  noteWrong(claimant: Claimant, atMs: number): void;
  /** Earlier wrong passwords were probably mistyped. */
  noteRight(claimant: Claimant): void;
}

export interface LineLimits {
  readonly maxWaiting: number;
  readonly maxOfAddress: number;
}

const FORGET_WRONG_MS = 10 * 60_000;
/** The most recent addresses, and users from them, with counted wrong passwords. */
const MAX_COUNTED = 1000;

export function createPasswordLine<Entry extends Waiting>(limits: LineLimits): PasswordLine<Entry> {
  let entries: Entry[] = [];
  const ofAddresses = new WrongCounts();
  const ofUsers = new WrongCounts();
  let isNewestsTurn = true;

  const isOf = (address: string) => (entry: Entry) => entry.claimant.address === address;
  const take = (entry: Entry | undefined): Entry | undefined => {
    entries = entries.filter((candidate) => candidate !== entry);
    return entry;
  };
  const wrongsOf = ({ claimant }: Entry): readonly [number, number] => [
    ofAddresses.of(claimant.address),
    ofUsers.of(userKey(claimant)),
  ];
  return {
    add: (entry) => {
      const { address } = entry.claimant;
      const own = entries.filter(isOf(address));
      if (own.length >= limits.maxOfAddress || entries.length >= limits.maxWaiting) {
        const crowd = own.length >= limits.maxOfAddress ? own : largestCrowd(entries);
        if (crowd !== own && crowd.length <= own.length) return false;
        take(crowd.at(-1))?.turnAway();
      }
      entries.push(entry);
      return true;
    },
    next: () => {
      const ranked = entries.map((entry) => ({ entry, wrongs: wrongsOf(entry) }));
      const isLess = ([one, two]: readonly [number, number], [other, another]: readonly [number, number]): boolean =>
        one < other || (one === other && two < another);
      const fewest = ranked.reduce<readonly [number, number]>(
        (least, { wrongs }) => (isLess(wrongs, least) ? wrongs : least),
        [Infinity, Infinity],
      );
      const equals = ranked.filter(({ wrongs }) => !isLess(fewest, wrongs));
      // The oldest were there first; the newest is not part of a flood that came before it.
      const chosen = isNewestsTurn ? equals.at(-1) : equals[0];
      isNewestsTurn = !isNewestsTurn;
      return take(chosen?.entry);
    },
    noteWrong: (claimant, atMs) => {
      ofAddresses.add(claimant.address, atMs);
      ofUsers.add(userKey(claimant), atMs);
    },
    noteRight: (claimant) => {
      ofUsers.forget(userKey(claimant));
    },
  };
}

class WrongCounts {
  /** Newest last. */
  readonly #counts = new Map<string, { readonly count: number; readonly atMs: number }>();

  of(key: string): number {
    return this.#counts.get(key)?.count ?? 0;
  }

  add(key: string, atMs: number): void {
    for (const [oldest, { atMs: wrongAtMs }] of this.#counts) {
      if (this.#counts.size < MAX_COUNTED && atMs - wrongAtMs <= FORGET_WRONG_MS) break;
      this.#counts.delete(oldest);
    }
    const count = this.of(key) + 1;
    this.#counts.delete(key);
    this.#counts.set(key, { count, atMs });
  }

  forget(key: string): void {
    this.#counts.delete(key);
  }
}

/** The entries of the address that has most. */
function largestCrowd<Entry extends Waiting>(entries: readonly Entry[]): readonly Entry[] {
  const crowds = new Map<string, Entry[]>();
  for (const entry of entries) {
    const crowd = crowds.get(entry.claimant.address) ?? [];
    crowd.push(entry);
    crowds.set(entry.claimant.address, crowd);
  }
  return [...crowds.values()].reduce((largest, crowd) => (crowd.length > largest.length ? crowd : largest), []);
}

function userKey({ address, user }: Claimant): string {
  return JSON.stringify([address, user]);
}
