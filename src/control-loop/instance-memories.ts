// How many instances each operator had when all were last seen, across restarts of the service: read from the action log
// once, written to it on change. Without it, a service that starts while a TaskManager is not scraped would take the
// remaining instances for all.
import type { ActionLog } from '../action-log/action-log.js';
import type { ForgetOrder, ForgottenInstances, LoggedForgetOrder } from '../action-log/log-entries.js';
import { describeError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { InstanceMemory, TopologyMemory } from '../policy/notice-missing-instances.js';
import { mapInSlices } from '../work-slices.js';

/** Memories in use are rewritten this often, because retention removes unused ones. */
const REWRITE_MS = 24 * 3_600_000;
/** Rows in one transaction; intake waits for no longer than that. */
const ROWS_AT_ONCE = 200;
/** Orders are numbered before they are committed: of two concurrent ones, the later may be seen first. */
const ORDERS_UNDER_WAY = 100;

type MemoryLog = Pick<ActionLog, 'instanceMemories' | 'rememberInstances' | 'forgetInstances' | 'forgetOrders'>;

interface Written {
  readonly memory: TopologyMemory;
  readonly atMs: number;
}

export class InstanceMemories {
  readonly #log: MemoryLog;
  readonly #logger: Logger;
  #isRead = false;
  /** By topology. */
  readonly #memories = new Map<string, TopologyMemory>();
  readonly #written = new Map<string, Written>();
  #writing: Promise<void> = Promise.resolve();
  /** The newest forget orders that have been followed, oldest first. */
  #followed: readonly LoggedForgetOrder[] = [];

  constructor(log: MemoryLog, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
  }

  /**
   * Reads the log until it has answered once; its content overrides what was seen meanwhile. Afterwards it reads only the
   * forget orders of other replicas.
   */
  async read(atMs: number): Promise<void> {
    try {
      const orders = await this.#log.forgetOrders((this.#followed.at(-1)?.id ?? 0) - ORDERS_UNDER_WAY);
      if (this.#isRead) {
        this.#follow(orders);
        return;
      }
      this.#followed = orders.slice(-ORDERS_UNDER_WAY);
      for (const [topology, memory] of await this.#log.instanceMemories()) {
        this.#memories.set(topology, new Map([...(this.#memories.get(topology) ?? []), ...memory]));
        this.#written.set(topology, { memory, atMs });
      }
      this.#isRead = true;
    } catch (error) {
      this.#logger.debug({ error: describeError(error) }, 'the action log does not answer');
    }
  }

  /** Takes over the memories of an earlier configuration. */
  adopt(previous: InstanceMemories): void {
    for (const [topology, memory] of previous.#memories) this.#memories.set(topology, memory);
    for (const [topology, written] of previous.#written) this.#written.set(topology, written);
    this.#isRead = previous.#isRead;
    this.#followed = previous.#followed;
  }

  #follow(orders: readonly LoggedForgetOrder[]): void {
    const followed = new Set(this.#followed.map(({ id }) => id));
    for (const order of orders) if (!followed.has(order.id)) this.#drop(order);
    this.#followed = orders.slice(-ORDERS_UNDER_WAY);
  }

  /** Shifts all times after the wall clock was set by `byMs`, so that their ages stay the same. */
  move(byMs: number): void {
    if (byMs === 0) return;
    for (const [topology, memory] of this.#memories) {
      const moved = [...memory].map(([operator, own]) => [operator, { ...own, sinceMs: own.sinceMs + byMs }] as const);
      this.#memories.set(topology, new Map(moved));
    }
  }

  of(topology: string): TopologyMemory | undefined {
    return this.#memories.get(topology);
  }

  set(topology: string, memory: TopologyMemory): void {
    this.#memories.set(topology, memory);
  }

  /** Drops topologies that are gone from memory; the log keeps them for its retention. */
  keepOnly(isKept: (topology: string) => boolean): void {
    for (const topology of this.#memories.keys()) {
      if (isKept(topology)) continue;
      this.#memories.delete(topology);
      this.#written.delete(topology);
    }
  }

  /** Writes the changes. A failure is not thrown: the next call writes them again. */
  write(atMs: number): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeChanges(atMs));
    return this.#writing;
  }

  async #writeChanges(atMs: number): Promise<void> {
    if (!this.#isRead) return;
    const changes = await mapInSlices(this.#memories, ([topology, memory]) => {
      return this.#changesOf(topology, memory, atMs);
    });
    const changed = changes.flat();
    try {
      for (let first = 0; first < changed.length; first += ROWS_AT_ONCE) {
        const rows = changed.slice(first, first + ROWS_AT_ONCE);
        await this.#log.rememberInstances(rows, atMs);
        for (const { topology } of rows) {
          const memory = this.#memories.get(topology);
          if (memory !== undefined) this.#written.set(topology, { memory, atMs });
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.#logger.debug({ error: describeError(error) }, 'the action log does not answer');
    }
  }

  #changesOf(topology: string, memory: TopologyMemory, atMs: number) {
    const written = this.#written.get(topology);
    const isOld = written !== undefined && atMs - written.atMs >= REWRITE_MS;
    const isNew = ([operator, own]: readonly [string, InstanceMemory]): boolean =>
      isOld || written?.memory.get(operator) !== own;
    return [...memory].filter(isNew).map(([operator, own]) => ({ topology, operator, ...own }));
  }

  /**
   * A person's statement that the instances of the next look are all there are. Resolves with what was remembered; rejects if
   * it cannot be written.
   */
  forget(order: ForgetOrder, atMs: number): Promise<readonly ForgottenInstances[]> {
    const forgetting = this.#writing.then(async () => {
      const written = await this.#log.forgetInstances(order, atMs);
      // Memories here may not have been written yet.
      const forgotten = new Map([...written, ...this.#drop(order)].map((one) => [one.operator, one]));
      return [...forgotten.values()];
    });
    this.#writing = forgetting.then(
      () => undefined,
      () => undefined,
    );
    return forgetting;
  }

  #drop({ topology, operator }: ForgetOrder): readonly ForgottenInstances[] {
    const memory = [...(this.#memories.get(topology) ?? [])];
    const [dropped, kept] = [true, false].map((isMeant) =>
      memory.filter(([name]) => (operator === null || name === operator) === isMeant),
    );
    this.#memories.set(topology, new Map(kept));
    // The next look is written in full.
    this.#written.delete(topology);
    return (dropped ?? []).map(([name, { parallelism }]) => ({ operator: name, parallelism }));
  }
}
