// Time that passes only when someone sleeps, so that waiting is seen and costs nothing.
import type { Clock } from '../../src/clock.js';

export interface FakeClock extends Clock {
  /** The delays slept so far, ms. */
  readonly slept: readonly number[];
  advance(byMs: number): void;
}

export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  let nowMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    advance: (byMs) => {
      nowMs += byMs;
    },
    sleep: (delayMs) => {
      slept.push(delayMs);
      nowMs += delayMs;
      return Promise.resolve();
    },
  };
}
