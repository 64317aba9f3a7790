// Time that passes only in `sleep` and `advance`, so that waiting is visible and costs nothing.
import type { Clock } from '../../src/clock.js';

export interface FakeClock extends Clock {
  /** The delays slept so far, ms. */
  readonly slept: readonly number[];
  advance(byMs: number): void;
  /** Sets the wall clock, forward or back: no time passes. */
  setWall(byMs: number): void;
}

export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  let elapsedMs = 0;
  let offsetMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    now: () => offsetMs + elapsedMs,
    elapsed: () => elapsedMs,
    advance: (byMs) => {
      elapsedMs += byMs;
    },
    setWall: (byMs) => {
      offsetMs += byMs;
    },
    sleep: (delayMs) => {
      slept.push(delayMs);
      elapsedMs += delayMs;
      return Promise.resolve();
    },
  };
}
