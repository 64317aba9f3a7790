// Names of topologies that were seen within the last day: a restarting topology has no series for a while.

/** Bounds the memory, however many names come and go. */
const REMEMBERED_FOR_MS = 24 * 3_600_000;

export class RecentlySeen {
  /** When each was last seen, in monotonic time. */
  readonly #atMs = new Map<string, number>();

  has(topology: string): boolean {
    return this.#atMs.has(topology);
  }

  /** @param nowMs monotonic time */
  note(topologies: Iterable<string>, nowMs: number): void {
    for (const topology of topologies) this.#atMs.set(topology, nowMs);
    for (const [topology, atMs] of this.#atMs) if (nowMs - atMs > REMEMBERED_FOR_MS) this.#atMs.delete(topology);
  }

  adopt(previous: RecentlySeen): void {
    for (const [topology, atMs] of previous.#atMs) this.#atMs.set(topology, atMs);
  }
}
