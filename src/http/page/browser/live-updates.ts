// Keeps the page up to date: requests what changed, and everything at intervals in case an event was lost.
// A hidden page sends no requests and holds no connection: a browser has few per host.
import type { Change } from '../../../model/change.js';
import { askFor, PARTS, type Part } from './api-client.js';
import type { Answers } from './api-types.js';
import type { Freshness } from './service-view.js';

export interface Listener {
  onAnswers(answers: Answers): void;
  onFault(words: string): void;
  onFreshness(freshness: Freshness): void;
}

const POLL_MS = 15_000;
const POLL_WITHOUT_EVENTS_MS = 5000;
/** Shortest time between two rounds of requests, however often something changes: many pages may be open. */
const MIN_PAUSE_MS = 2000;
/** A connection that is restored within this time is not reported. */
const RECONNECTING_AFTER_MS = 3000;

/** The parts of the page that show each change. */
const SHOWN_IN: Readonly<Record<Change, readonly Part[]>> = {
  // The last known load decides whether an entry is suspended or in force.
  evaluation: ['topologies', 'blacklist'],
  decision: ['topologies', 'decisions'],
  action: ['topologies', 'actions'],
  pause: ['pauses'],
  blacklist: ['blacklist'],
};

export class LiveUpdates {
  readonly #listener: Listener;
  #events: EventSource | null = null;
  #isConnected = false;
  #isLost = false;
  /** On a monotonic clock, as the next two. */
  #disconnectedMs = -Infinity;
  #isAsking = false;
  #answers: Answers | null = null;
  #askedMs = -Infinity;
  #askedAllMs = -Infinity;
  /** The parts to request, and the latest time of the next round. */
  readonly #wanted = new Set<Part>();
  #pauseMs = Infinity;
  #timer = 0;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  start(): void {
    document.addEventListener('visibilitychange', () => {
      this.#followVisibility();
    });
    this.#followVisibility();
  }

  /** Requests everything at once, or as soon as the requests in flight are answered. */
  refresh(): void {
    this.#want(PARTS, 0);
  }

  #want(parts: readonly Part[], pauseMs: number): void {
    for (const part of parts) this.#wanted.add(part);
    this.#pauseMs = Math.min(this.#pauseMs, pauseMs);
    this.#schedule();
  }

  #followVisibility(): void {
    if (document.visibilityState === 'hidden') {
      this.#events?.close();
      this.#events = null;
      this.#isConnected = false;
      window.clearTimeout(this.#timer);
      return;
    }
    this.#connect();
    this.refresh();
  }

  #connect(): void {
    if (this.#events !== null) return;
    const events = new EventSource('api/v1/events');
    this.#events = events;
    events.addEventListener('open', () => {
      this.#isConnected = true;
      // Events between the two connections are lost.
      this.#want(PARTS, MIN_PAUSE_MS);
      this.#announce();
    });
    events.addEventListener('change', ({ data }: MessageEvent<string>) => {
      this.#want(partsChanged(data), MIN_PAUSE_MS);
    });
    events.addEventListener('error', () => {
      if (this.#isConnected) this.#disconnectedMs = performance.now();
      this.#isConnected = false;
      // The browser reconnects by itself unless it was refused; then the next poll does.
      if (events.readyState === EventSource.CLOSED && this.#events === events) this.#events = null;
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isAsking || document.visibilityState === 'hidden') return;
    const dueMs = this.#askedMs + Math.min(this.#pauseMs, this.#pollMs());
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), Math.max(0, dueMs - performance.now()));
  }

  #pollMs(): number {
    return this.#isConnected ? POLL_MS : POLL_WITHOUT_EVENTS_MS;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#askedMs = performance.now();
    // Not every change has an event: other replicas change the log, too.
    const isAll = this.#wanted.size === 0 || this.#askedMs - this.#askedAllMs >= this.#pollMs();
    const parts = isAll ? PARTS : [...this.#wanted];
    if (isAll) this.#askedAllMs = this.#askedMs;
    this.#wanted.clear();
    this.#pauseMs = Infinity;
    try {
      this.#answers = await askFor(parts, this.#answers);
      this.#isLost = false;
      this.#connect();
      this.#listener.onAnswers(this.#answers);
    } catch (error) {
      this.#isLost = true;
      this.#askedAllMs = -Infinity;
      this.#listener.onFault(error instanceof Error ? error.message : String(error));
    } finally {
      // Whatever the result of this round, there is a next one.
      this.#isAsking = false;
      this.#schedule();
      this.#announce();
    }
  }

  #announce(): void {
    const isBrief = performance.now() - this.#disconnectedMs < RECONNECTING_AFTER_MS;
    this.#listener.onFreshness(this.#isLost ? 'lost' : this.#isConnected || isBrief ? 'live' : 'polling');
  }
}

/** All parts, if the service reports a change that this page does not know. */
function partsChanged(data: string): readonly Part[] {
  const { changed } = JSON.parse(data) as { changed: readonly Change[] };
  const parts = changed.map((change): readonly Part[] | undefined => SHOWN_IN[change]);
  return parts.flatMap((known) => known ?? PARTS);
}
