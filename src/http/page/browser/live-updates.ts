// Keeps the page up to date: asks when the service says that something has changed, and every now and then in case it cannot.
// A hidden page asks nothing and holds no connection: a browser has few to spare for one host.
import { askAll } from './api-client.js';
import type { Answers } from './api-types.js';
import type { Freshness } from './service-view.js';

export interface Listener {
  onAnswers(answers: Answers): void;
  onFault(words: string): void;
  onFreshness(freshness: Freshness): void;
}

const POLL_MS = 15_000;
const POLL_WITHOUT_EVENTS_MS = 5000;
/** However often something changes. */
const MIN_PAUSE_MS = 500;
/** A connection that is made anew at once is not worth a word. */
const RECONNECTING_AFTER_MS = 3000;

export class LiveUpdates {
  readonly #listener: Listener;
  #events: EventSource | null = null;
  #isConnected = false;
  #isLost = false;
  #disconnectedAtMs = -Infinity;
  #isAsking = false;
  #askedAtMs = -Infinity;
  #hasChanged = false;
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

  /** Asks at once, or as soon as the question under way is answered. */
  refresh(): void {
    this.#hasChanged = true;
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
      // What happened in between was not told.
      this.refresh();
      this.#tell();
    });
    events.addEventListener('change', () => {
      this.refresh();
    });
    events.addEventListener('error', () => {
      if (this.#isConnected) this.#disconnectedAtMs = Date.now();
      this.#isConnected = false;
      // The browser tries again by itself unless it was refused; then the next poll does.
      if (events.readyState === EventSource.CLOSED && this.#events === events) this.#events = null;
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isAsking || document.visibilityState === 'hidden') return;
    const pollMs = this.#isConnected ? POLL_MS : POLL_WITHOUT_EVENTS_MS;
    const dueAtMs = this.#askedAtMs + (this.#hasChanged ? MIN_PAUSE_MS : pollMs);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), Math.max(0, dueAtMs - Date.now()));
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#hasChanged = false;
    this.#askedAtMs = Date.now();
    try {
      this.#listener.onAnswers(await askAll());
      this.#isLost = false;
      this.#connect();
    } catch (error) {
      this.#isLost = true;
      this.#listener.onFault(error instanceof Error ? error.message : String(error));
    }
    this.#isAsking = false;
    this.#tell();
    this.#schedule();
  }

  #tell(): void {
    const isBrief = Date.now() - this.#disconnectedAtMs < RECONNECTING_AFTER_MS;
    this.#listener.onFreshness(this.#isLost ? 'lost' : this.#isConnected || isBrief ? 'live' : 'polling');
  }
}
