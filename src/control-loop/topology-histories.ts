// The histories that pages show: read when somebody asks, shared by all who ask at about the same time, few at once. Nothing is
// decided by them, so that they wait for nothing and hold up nothing.
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import type { Clock } from '../clock.js';
import { describeError, DhalionError } from '../errors.js';
import type { HistoryRange, TopologyHistory } from '../model/operator-history.js';
import { instantsOfRange, readOperatorHistory } from '../history/operator-history.js';
import type { PrometheusRangeClient } from '../sensors/prometheus-client.js';

export interface TopologyHistoriesParts {
  readonly client: PrometheusRangeClient;
  /** Label matchers of our own series. */
  readonly matchers: string;
  readonly evaluationIntervalMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Beside the queries of a look, whose answers people wait for less patiently. */
const MAX_PARALLEL_QUERIES = 2;
const MAX_WAITING = 100;
/** Half a step, within these: no other point can have been added, or one. A fault is not kept longer than it must. */
const SHORTEST_AGE_MS = 5_000;
const LONGEST_AGE_MS = 60_000;
const MAX_KEPT = 32;

interface Reading {
  readonly done: Promise<TopologyHistory>;
  /** Until when others are answered with it, in monotonic time. */
  usableUntilMs: number;
}

export class TopologyHistories {
  readonly #parts: TopologyHistoriesParts;
  readonly #lanes = bulkhead(MAX_PARALLEL_QUERIES, MAX_WAITING);
  readonly #kept = new Map<string, Reading>();

  constructor(parts: TopologyHistoriesParts) {
    this.#parts = parts;
  }

  /** Prometheus' faults are told in the history. Rejects with `DhalionError` too_many_requests where too many wait already. */
  read(topology: string, range: HistoryRange): Promise<TopologyHistory> {
    this.#forgetOld();
    const key = JSON.stringify([range, topology]);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept.done;
    const done = this.#lanes.execute(() => this.#ask(topology, range)).catch(refuseToWait);
    const reading: Reading = { done, usableUntilMs: Infinity };
    this.#kept.set(key, reading);
    const endAfter = (ageMs: number): void => {
      reading.usableUntilMs = this.#parts.clock.elapsed() + ageMs;
    };
    done.then(
      ({ unknownBecause, stepMs }) => {
        endAfter(unknownBecause === null ? usableForMs(stepMs) : SHORTEST_AGE_MS);
      },
      () => {
        endAfter(0);
      },
    );
    return done;
  }

  async #ask(topology: string, name: HistoryRange): Promise<TopologyHistory> {
    const { clock, ...parts } = this.#parts;
    const range = instantsOfRange(name, clock.now());
    const history = { topology, range: name, ...range };
    try {
      const operators = await readOperatorHistory({ ...parts, topology, range });
      return { ...history, operators, unknownBecause: operators.length === 0 ? NOTHING_RECORDED : null };
    } catch (error) {
      return { ...history, operators: [], unknownBecause: describeError(error) };
    }
  }

  /** And of those that are usable, the first where there are too many. */
  #forgetOld(): void {
    const now = this.#parts.clock.elapsed();
    for (const [key, { usableUntilMs }] of this.#kept) if (usableUntilMs <= now) this.#kept.delete(key);
    for (const [key, { usableUntilMs }] of this.#kept) {
      if (this.#kept.size < MAX_KEPT) return;
      if (usableUntilMs !== Infinity) this.#kept.delete(key);
    }
  }
}

function usableForMs(stepMs: number): number {
  return Math.min(Math.max(stepMs / 2, SHORTEST_AGE_MS), LONGEST_AGE_MS);
}

function refuseToWait(error: unknown): never {
  if (!(error instanceof BulkheadRejectedError)) throw error;
  throw new DhalionError('too_many_requests', 'too many histories are being read already', { retryable: true });
}

const NOTHING_RECORDED =
  'Prometheus has none of the series that Dhalion exports of it from that time: does it scrape Dhalion?';
