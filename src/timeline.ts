// A clock that notices when the wall clock is set, and keeps the age of earlier timestamps: by the time that has passed,
// whatever the wall clock says now. The caller decides what to stamp, and where.
import { LARGEST_ADJUSTMENT_MS, type Clock } from './clock.js';

/** Another replica's clock may be ahead of ours by this much: its stamps are in the future, and correct. */
const TOLERATED_FUTURE_MS = 60_000;

/** The time between two settings of the wall clock. */
interface Stretch {
  /** Wall time minus monotonic time. */
  readonly offsetMs: number;
  /** Its earliest wall time; the first stretch has no start. */
  readonly beginsAtMs: number;
  /** The latest stamp that can be from it: its end, or the time that the wall clock was set forward to. Infinity: it lasts. */
  readonly reachesToMs: number;
  /** Monotonic time of its end; Infinity: it lasts. */
  readonly endedMs: number;
}

export class Timeline implements Clock {
  readonly #clock: Clock;
  readonly #onJump: (byMs: number) => void;
  readonly #startedMs: number;
  /** Oldest first, without the present one. */
  readonly #past: Stretch[] = [];
  #lasting: Stretch;
  #forwardMs = 0;

  /** @param onJump called once for each setting of the wall clock, with the difference; negative: back */
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

  /** Total by which the wall clock was set forward: the true age of a stamp may be smaller by that. */
  get forwardMs(): number {
    this.now();
    return this.#forwardMs;
  }

  /**
   * A past stamp in terms of the present wall clock. Set back from 14:00 to 12:00 five minutes ago: 13:50 becomes 11:50. Set
   * forward from 12:00 to 14:00: 11:50 becomes 13:50. A stamp that may be from before or after counts as the younger one:
   * that holds back for longer and never acts sooner. A future stamp that this process did not see is from a clock that was
   * set back before it started: it becomes the process's start.
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
