// Time that is stopped except in `advance`: a sleeper wakes only when that reaches its time, or when aborted.
import type { Clock } from '../../src/clock.js';

export interface PausedClock extends Clock {
  /** Wakes the sleepers that are due, and lets them run. */
  advance(byMs: number): Promise<void>;
}

export function createPausedClock(startMs = 1_700_000_000_000): PausedClock {
  let nowMs = startMs;
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  return {
    now: () => nowMs,
    elapsed: () => nowMs - startMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        sleepers.push({ atMs: nowMs + delayMs, wake: resolve });
        signal?.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
      }),
    advance: async (byMs) => {
      nowMs += byMs;
      const due = sleepers.filter(({ atMs }) => atMs <= nowMs);
      sleepers = sleepers.filter(({ atMs }) => atMs > nowMs);
      for (const { wake } of due) wake();
      await new Promise(setImmediate);
    },
  };
}
