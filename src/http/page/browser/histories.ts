// Requests the history of open topologies: when one is opened, and again when a new point may exist. One request at a time, since a
// person may open many.
import type { HistoryRange } from '../../../model/operator-history.js';
import type { History } from './api-types.js';
import type { ShownHistory } from './history-view.js';

export interface HistoriesParts {
  /** Rejects with an error whose message is for people. */
  readonly ask: (topology: string, range: HistoryRange | null) => Promise<History>;
  readonly onChange: () => void;
  /** A monotonic clock, ms. */
  readonly nowMs: () => number;
}

interface Known {
  readonly shown: ShownHistory;
  /** The requested range. */
  readonly range: HistoryRange | null;
  readonly dueMs: number;
}

const SHORTEST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 60_000;

export class Histories {
  readonly #parts: HistoriesParts;
  readonly #known = new Map<string, Known>();
  #range: HistoryRange | null = null;
  #isAsking = false;

  constructor(parts: HistoriesParts) {
    this.#parts = parts;
  }

  /** null: no answer yet. */
  of(topology: string): ShownHistory | null {
    return this.#known.get(topology)?.shown ?? null;
  }

  /** Sets the range of all topologies from now on. */
  choose(range: HistoryRange): void {
    this.#range = range;
  }

  /** Call after each rendering: requests the history that is due longest, unless a request is in flight. */
  follow(open: readonly string[]): void {
    for (const topology of this.#known.keys()) if (!open.includes(topology)) this.#known.delete(topology);
    if (this.#isAsking) return;
    const nowMs = this.#parts.nowMs();
    const [first] = open
      .map((topology) => ({ topology, dueMs: this.#dueMsOf(topology) }))
      .filter(({ dueMs }) => dueMs <= nowMs)
      .sort((a, b) => a.dueMs - b.dueMs);
    if (first !== undefined) void this.#ask(first.topology, this.#range);
  }

  /** Missing histories and those of another range come first. */
  #dueMsOf(topology: string): number {
    const known = this.#known.get(topology);
    return known?.range === this.#range ? known.dueMs : 0;
  }

  async #ask(topology: string, range: HistoryRange | null): Promise<void> {
    this.#isAsking = true;
    let shown: ShownHistory;
    let pauseMs = SHORTEST_PAUSE_MS;
    try {
      const history = await this.#parts.ask(topology, range);
      shown = { history, fault: null };
      const isKnown = history.unknown_because === null;
      if (isKnown) pauseMs = Math.min(Math.max(history.step_seconds * 500, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
    } catch (error) {
      // The old chart is of another range: it is not kept next to the new range's name.
      shown = { history: null, fault: error instanceof Error ? error.message : String(error) };
    }
    this.#known.set(topology, { shown, range, dueMs: this.#parts.nowMs() + pauseMs });
    this.#isAsking = false;
    this.#parts.onChange();
  }
}
