// Estimates the skew of Prometheus' clock from the Date header of its answers. The header has whole seconds, at some moment between
// request and answer: each answer gives bounds, and many answers narrow them. The time of queries follows the estimate.
import type { HttpAnswer } from '../outbound/http-client.js';
import type { PrometheusClient, PrometheusRangeClient } from './prometheus-client.js';
import { sense, type EngineSensing, type SensingRequest } from './sense.js';

/** The times of one answer, unix ms. */
export interface ClockReading {
  readonly answer: Pick<HttpAnswer, 'headers'>;
  /** By our clock. */
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

/** Prometheus' time less ours, ms: somewhere in between. */
interface Bounds {
  readonly lowMs: number;
  readonly highMs: number;
}

/** A smaller skew does not change the time of queries. */
const TOLERATED_MS = 1000;
/** Dhalion reports a larger skew. */
export const WORRYING_SKEW_MS = 5000;
/** Set by proxies and caches, never by Prometheus, Thanos, Mimir or VictoriaMetrics themselves: the Date may be theirs. */
const HEADERS_OF_OTHERS = ['server', 'via', 'age'];

export class PrometheusClock {
  #bounds: Bounds | null = null;
  #isDirect = true;
  #offsetMs = 0;

  note({ answer: { headers }, askedAtMs, answeredAtMs }: ClockReading): void {
    const toldMs = Date.parse(headers.get('date') ?? '');
    // If our own clock was set in between, the answer says nothing.
    if (Number.isNaN(toldMs) || answeredAtMs < askedAtMs) return;
    const told = { lowMs: toldMs - answeredAtMs, highMs: toldMs + 1000 - askedAtMs };
    this.#bounds = (this.#bounds && intersectionOf(this.#bounds, told)) ?? told;
    this.#isDirect = !HEADERS_OF_OTHERS.some((name) => headers.has(name));
    this.#offsetMs = offsetWithin(this.#bounds, this.#offsetMs);
  }

  /** Prometheus' time less ours, ms; 0 where the answers leave room for none. Null: no answer has told. */
  skewMs(): number | null {
    if (this.#bounds === null) return null;
    const { lowMs, highMs } = this.#bounds;
    return lowMs <= 0 && highMs >= 0 ? 0 : (lowMs + highMs) / 2;
  }

  /**
   * What to add to our time for Prometheus'. Samples are stamped by its clock: 60 s off, the window of a minute would be another
   * one. 0 while the clocks agree within a second, or where somebody in between may have set the Date.
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
    return `The clock of Prometheus is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} ours: ${asked}.`;
  }
}

/** Takes one look with `sense` at Prometheus' own time, and repeats it if the answers show a different time. */
export async function senseAtPrometheusTime(
  request: SensingRequest,
  clock: PrometheusClock,
  take: typeof sense = sense,
): Promise<EngineSensing> {
  const takeAt = (offsetMs: number): Promise<EngineSensing> =>
    take({ ...request, client: clientWithOffset(request.client, () => offsetMs) });
  const offsetMs = clock.offsetMs();
  const sensing = await takeAt(offsetMs);
  const isAtPrometheusTime = Math.abs(clock.offsetMs() - offsetMs) <= TOLERATED_MS;
  return isAtPrometheusTime || request.signal.aborted ? sensing : takeAt(clock.offsetMs());
}

/** The same client with a shifted time of queries. */
export function clientWithOffset(client: PrometheusClient, offsetMs: () => number): PrometheusClient {
  return { query: (promql, atMs, ...more) => client.query(promql, atMs + Math.round(offsetMs()), ...more) };
}

/** The same for ranges. */
export function rangeClientWithOffset(client: PrometheusRangeClient, offsetMs: () => number): PrometheusRangeClient {
  return {
    queryRange: (promql, { startMs, endMs, stepMs }, ...more) => {
      const byMs = Math.round(offsetMs());
      return client.queryRange(promql, { startMs: startMs + byMs, endMs: endMs + byMs, stepMs }, ...more);
    },
  };
}

/** null: the bounds contradict each other, because one of the clocks was set. */
function intersectionOf(one: Bounds, other: Bounds): Bounds | null {
  const bounds = { lowMs: Math.max(one.lowMs, other.lowMs), highMs: Math.min(one.highMs, other.highMs) };
  return bounds.lowMs <= bounds.highMs ? bounds : null;
}

/** Keeps the last estimate while the bounds allow it, so that it does not waver. */
function offsetWithin({ lowMs, highMs }: Bounds, beforeMs: number): number {
  if (lowMs <= TOLERATED_MS && highMs >= -TOLERATED_MS) return 0;
  return beforeMs >= lowMs && beforeMs <= highMs && beforeMs !== 0 ? beforeMs : (lowMs + highMs) / 2;
}
