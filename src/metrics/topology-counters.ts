// Counters with a label `topology`, whose values come from whoever reports alerts, made to end: what no evaluation has seen is
// counted without its name, and the series of a topology that is gone leave after a day.
import type { Counter } from 'prom-client';

/** A topology that is restarted has no series for a while, and an outcome is still looked for the next morning. */
const KEPT_FOR_MS = 24 * 3_600_000;

type Labels = Readonly<Record<string, string>> & { readonly topology: string };

export class TopologyCounters {
  /** When each was last seen, or counted by its name. */
  readonly #atMs = new Map<string, number>();
  /** Takes the series away again, by topology and labels. */
  readonly #removals = new Map<string, Map<string, () => void>>();
  /** Of the last look; null: there was none. */
  #nowMs: number | null = null;

  /** These were evaluated now; what was not for a day loses its series. */
  noteSeen(topologies: Iterable<string>, nowMs: number): void {
    this.#nowMs = nowMs;
    for (const topology of topologies) this.#atMs.set(topology, nowMs);
    for (const [topology, atMs] of this.#atMs) {
      // Named before the first look, or before the clock was set back.
      if (atMs > nowMs) this.#atMs.set(topology, nowMs);
      else if (nowMs - atMs > KEPT_FOR_MS) this.#forget(topology);
    }
  }

  /** Counts what somebody reported: without the topology's name unless an evaluation has seen it within a day. */
  countReported(counter: Counter, labels: Labels): void {
    if (this.#atMs.has(labels.topology)) this.#increment(counter, labels);
    else counter.inc({ ...labels, topology: '' });
  }

  /** Counts what is known of the topology from the action log, whether or not it was seen since the start. */
  countKnown(counter: Counter, labels: Labels): void {
    this.#atMs.set(labels.topology, this.#nowMs ?? Infinity);
    this.#increment(counter, labels);
  }

  #increment(counter: Counter, labels: Labels): void {
    counter.inc(labels);
    const removals = this.#removals.get(labels.topology) ?? new Map<string, () => void>();
    this.#removals.set(labels.topology, removals);
    // The counters differ in their labels' names.
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
