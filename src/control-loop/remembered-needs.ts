// The looks' memory of needed instances and of how busy they were, and when to ask Prometheus for the part that was not seen.
// policy/needed-memory.ts and policy/busy-memory.ts define how it is remembered.
import { moveBusy, type BusyMemory } from '../policy/busy-memory.js';
import {
  moveNeeded,
  neededPeaksOf,
  withRecorded,
  type NeededHistory,
  type NeededMemory,
} from '../policy/needed-memory.js';

/** A topology at a look: the operators to remember, and for how long. */
export interface NeedsWanted {
  readonly topology: string;
  readonly operators: readonly string[];
  readonly atMs: number;
  /** M. */
  readonly memoryMs: number;
  /** The longest time that anything is remembered. */
  readonly longestMs: number;
  readonly windowMs: number;
}

/** A missing record is asked for again, because a replica may record it later; for a short memory, four times within it. */
const ASK_AGAIN_MS = 600_000;
const ASKED_A_MEMORY = 4;

export class RememberedNeeds {
  #byTopology = new Map<string, NeededMemory>();
  #busyByTopology = new Map<string, BusyMemory>();
  /** When the record was last asked for, in monotonic time. */
  #askedMs = new Map<string, number>();

  adopt(previous: RememberedNeeds): void {
    this.#byTopology = new Map(previous.#byTopology);
    this.#busyByTopology = new Map(previous.#busyByTopology);
    this.#askedMs = new Map(previous.#askedMs);
  }

  of(topology: string): NeededMemory | undefined {
    return this.#byTopology.get(topology);
  }

  busyOf(topology: string): BusyMemory | undefined {
    return this.#busyByTopology.get(topology);
  }

  set(topology: string, { needed, busy }: { readonly needed: NeededMemory; readonly busy: BusyMemory }): void {
    this.#byTopology.set(topology, needed);
    this.#busyByTopology.set(topology, busy);
  }

  /** Whether the topology's whole memory was seen. */
  haveSeen({ topology, operators, atMs, memoryMs, windowMs }: NeedsWanted): boolean {
    const peaks = neededPeaksOf(this.of(topology) ?? new Map<string, never>(), atMs, memoryMs, windowMs);
    return operators.every((operator) => peaks.has(operator));
  }

  /** The topologies that are due to be asked for; marks them as asked. */
  takeDue(unseen: readonly NeedsWanted[], elapsedMs: number): readonly NeedsWanted[] {
    const due = unseen.filter(({ topology, memoryMs }) => {
      const pauseMs = Math.min(ASK_AGAIN_MS, memoryMs / ASKED_A_MEMORY);
      return elapsedMs - (this.#askedMs.get(topology) ?? -Infinity) >= pauseMs;
    });
    for (const { topology } of due) this.#askedMs.set(topology, elapsedMs);
    return due;
  }

  addRecorded({ topology, windowMs, longestMs }: NeedsWanted, recorded: NeededHistory): void {
    const seen = this.of(topology) ?? new Map<string, never>();
    this.#byTopology.set(topology, withRecorded(seen, recorded, windowMs, longestMs));
  }

  /** @param byMs by how much the wall clock was set since; negative: back */
  move(byMs: number): void {
    this.#byTopology = new Map([...this.#byTopology].map(([topology, memory]) => [topology, moveNeeded(memory, byMs)]));
    this.#busyByTopology = new Map(
      [...this.#busyByTopology].map(([topology, busy]) => [topology, moveBusy(busy, byMs)]),
    );
  }

  keepOnly(isKept: (topology: string) => boolean): void {
    for (const memories of [this.#byTopology, this.#busyByTopology, this.#askedMs])
      for (const topology of memories.keys()) if (!isKept(topology)) memories.delete(topology);
  }
}
