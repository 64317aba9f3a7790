// Estimates the skew of a server's clock from the Date header of its answers. The header has whole seconds, at some moment between
// request and answer: each answer gives bounds, and many answers narrow them.
import type { HttpAnswer } from './http-client.js';

/** The times of one answer, unix ms. */
export interface ClockReading {
  readonly answer: Pick<HttpAnswer, 'headers'>;
  /** By our clock. */
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

/** The server's time less ours, ms: somewhere in between. */
interface Bounds {
  readonly lowMs: number;
  readonly highMs: number;
}

/** A smaller skew changes nothing. */
export const TOLERATED_SKEW_MS = 1000;
/** Dhalion reports a larger skew. */
export const WORRYING_SKEW_MS = 5000;
/** Set by proxies and caches, never by Prometheus, Thanos, Mimir or VictoriaMetrics themselves: the Date may be theirs. */
const HEADERS_OF_OTHERS = ['server', 'via', 'age'];

export class ServerClock {
  readonly #server: string;
  #bounds: Bounds | null = null;
  #isDirect = true;
  #offsetMs = 0;

  /** @param server its name, to be told to people */
  constructor(server: string) {
    this.#server = server;
  }

  note({ answer: { headers }, askedAtMs, answeredAtMs }: ClockReading): void {
    const toldMs = Date.parse(headers.get('date') ?? '');
    // If our own clock was set in between, the answer says nothing.
    if (Number.isNaN(toldMs) || answeredAtMs < askedAtMs) return;
    const told = { lowMs: toldMs - answeredAtMs, highMs: toldMs + 1000 - askedAtMs };
    this.#bounds = (this.#bounds && intersectionOf(this.#bounds, told)) ?? told;
    this.#isDirect = !HEADERS_OF_OTHERS.some((name) => headers.has(name));
    this.#offsetMs = offsetWithin(this.#bounds, this.#offsetMs);
  }

  /** The server's time less ours, ms; 0 where the answers leave room for none. Null: no answer has told. */
  skewMs(): number | null {
    if (this.#bounds === null) return null;
    const { lowMs, highMs } = this.#bounds;
    return lowMs <= 0 && highMs >= 0 ? 0 : (lowMs + highMs) / 2;
  }

  /**
   * What to add to our time for the server's. 0 while the clocks agree within a second, or where somebody in between may have set
   * the Date.
   */
  offsetMs(): number {
    return this.#isDirect ? this.#offsetMs : 0;
  }

  /** In words; null: too small to mention. */
  describe(): string | null {
    const skewMs = this.skewMs();
    if (skewMs === null || Math.abs(skewMs) <= WORRYING_SKEW_MS) return null;
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    const asked = this.#isDirect
      ? 'it is asked for its own time'
      : 'but a proxy in between may have said so, and it is asked for our time';
    return `The clock of ${this.#server} is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} ours: ${asked}.`;
  }
}

/** null: the bounds contradict each other, because one of the clocks was set. */
function intersectionOf(one: Bounds, other: Bounds): Bounds | null {
  const bounds = { lowMs: Math.max(one.lowMs, other.lowMs), highMs: Math.min(one.highMs, other.highMs) };
  return bounds.lowMs <= bounds.highMs ? bounds : null;
}

/** Keeps the last estimate while the bounds allow it, so that it does not waver. */
function offsetWithin({ lowMs, highMs }: Bounds, beforeMs: number): number {
  if (lowMs <= TOLERATED_SKEW_MS && highMs >= -TOLERATED_SKEW_MS) return 0;
  return beforeMs >= lowMs && beforeMs <= highMs && beforeMs !== 0 ? beforeMs : (lowMs + highMs) / 2;
}
