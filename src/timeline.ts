// A clock that notices when the wall clock is set, and knows how long ago something was that was stamped before: by the time
// that has passed, whatever the wall clock says now. What is stamped, and where, is the caller's business.
import { LARGEST_ADJUSTMENT_MS, type Clock } from './clock.js';

/** Another replica's clock may be ahead of ours by so much: its stamps are in the future, and right. */
const TOLERATED_FUTURE_MS = 60_000;

/** Between two settings of the wall clock. */
interface Stretch {
  /** Wall time less the time elapsed. */
  readonly offsetMs: number;
  /** The earliest wall time in it; the first one has no beginning. */
  readonly beginsAtMs: number;
  /** Up to where a stamp can be of it: its end, or where the wall clock was set forward to. Infinity: it lasts. */
  readonly reachesToMs: number;
  /** Time elapsed at its end; Infinity: it lasts. */
  readonly endedMs: number;
}

export class Timeline implements Clock {
  readonly #clock: Clock;
  readonly #onJump: (byMs: number) => void;
  readonly #startedMs: number;
  /** Oldest first, but for the one that lasts. */
  readonly #past: Stretch[] = [];
  #lasting: Stretch;
  #forwardMs = 0;

  /** @param onJump told once of each setting of the wall clock: by how much, back if negative */
  constructor(clock: Clock, onJump: (byMs: number) => void = () => undefined) {
    this.#clock = clock;
    this.#onJump = onJump;
    this.#startedMs = clock.elapsed();
    const offsetMs = clock.now() - this.#startedMs;
    this.#lasting = { offsetMs, beginsAtMs: -Infinity, reachesToMs: Infinity, endedMs: Infinity };
  }

  now(): number {
    const nowMs = this.#clock.now();
    const elapsedMs = this.#clock.elapsed();
    const offsetMs = nowMs - elapsedMs;
    const byMs = offsetMs - this.#lasting.offsetMs;
    if (Math.abs(byMs) <= LARGEST_ADJUSTMENT_MS) {
      this.#lasting = { ...this.#lasting, offsetMs, beginsAtMs: Math.min(this.#lasting.beginsAtMs, nowMs) };
      return nowMs;
    }
    const endedAtMs = nowMs - byMs;
    this.#past.push({ ...this.#lasting, reachesToMs: Math.max(endedAtMs, nowMs), endedMs: elapsedMs });
    this.#lasting = { offsetMs, beginsAtMs: nowMs, reachesToMs: Infinity, endedMs: Infinity };
    if (byMs > 0) this.#forwardMs += byMs;
    this.#onJump(byMs);
    return nowMs;
  }

  elapsed(): number {
    this.now();
    return this.#clock.elapsed();
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(delayMs, signal);
  }

  /** By how much the wall clock was set forward, all in all: what seems so old may be younger by that. */
  get forwardMs(): number {
    this.now();
    return this.#forwardMs;
  }

  /**
   * A stamp of the past as the wall clock, as it is set now, would have written it. Set back from 14:00 to 12:00 five minutes
   * ago: 13:50 becomes 11:50. Set forward from 12:00 to 14:00: 11:50 becomes 13:50. Where a stamp can be of before and of
   * after, it is the younger one: that holds back for longer and never acts sooner. A future that was not seen here is of a
   * clock that was set back before this process began: it becomes the beginning.
   */
  present(stampMs: number): number {
    const nowMs = this.now();
    if (stampMs > nowMs && stampMs <= nowMs + TOLERATED_FUTURE_MS) return stampMs;
    if (stampMs <= nowMs && stampMs >= this.#lasting.beginsAtMs) return stampMs;
    const stretch = this.#past.findLast(
      ({ beginsAtMs, reachesToMs }) => beginsAtMs <= stampMs && stampMs <= reachesToMs,
    );
    const elapsedMs = stretch === undefined ? this.#startedMs : Math.min(stampMs - stretch.offsetMs, stretch.endedMs);
    const presentMs = Math.round(this.#lasting.offsetMs + elapsedMs);
    return stampMs > nowMs ? presentMs : Math.min(nowMs, Math.max(stampMs, presentMs));
  }
}
