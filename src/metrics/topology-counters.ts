// Counters with a label `topology` whose values come from posted alerts, kept bounded: a name that no evaluation has seen is
// counted as empty, and the series of a topology that is gone are removed after a day.
import type { Counter } from 'prom-client';

/** A restarting topology has no series for a while, and people still look for an outcome the next morning. */
const KEPT_FOR_MS = 24 * 3_600_000;

type Labels = Readonly<Record<string, string>> & { readonly topology: string };

export class TopologyCounters {
  /** When each topology was last seen, or counted by its name. */
  readonly #atMs = new Map<string, number>();
  /** Removes the series again, by topology and labels. */
  readonly #removals = new Map<string, Map<string, () => void>>();
  /** Time of the last look; null: there was none. */
  #nowMs: number | null = null;

  /** Notes the topologies evaluated now; one that was not seen for a day loses its series. */
  noteSeen(topologies: Iterable<string>, nowMs: number): void {
    this.#nowMs = nowMs;
    for (const topology of topologies) this.#atMs.set(topology, nowMs);
    for (const [topology, atMs] of this.#atMs) {
      // Counted before the first look, or before the clock was set back.
      if (atMs > nowMs) this.#atMs.set(topology, nowMs);
      else if (nowMs - atMs > KEPT_FOR_MS) this.#forget(topology);
    }
  }

  /** Counts a reported topology, without its name unless an evaluation has seen it within a day. */
  countReported(counter: Counter, labels: Labels): void {
    if (this.#atMs.has(labels.topology)) this.#increment(counter, labels);
    else counter.inc({ ...labels, topology: '' });
  }

  /** Counts a topology known from the action log, whether or not it was seen since the start. */
  countKnown(counter: Counter, labels: Labels): void {
    this.#atMs.set(labels.topology, this.#nowMs ?? Infinity);
    this.#increment(counter, labels);
  }

  #increment(counter: Counter, labels: Labels): void {
    counter.inc(labels);
    const removals = this.#removals.get(labels.topology) ?? new Map<string, () => void>();
    this.#removals.set(labels.topology, removals);
    // Counters differ in their label names.
    removals.set(JSON.stringify(labels), () => {
      counter.remove(labels);
    });
  }

  #forget(topology: string): void {
    this.#atMs.delete(topology);
    for (const remove of this.#removals.get(topology)?.values() ?? []) remove();
    this.#removals.delete(topology);
  }
}
