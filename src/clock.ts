// Time as an argument: everything outside the pure core that waits or takes timestamps takes a Clock.
import { whenAborted } from './when-aborted.js';

export interface Clock {
  /** Unix time by the wall clock, ms: for timestamps and queries. The clock may be set back or forward at any moment. */
  now(): number;
  /** Monotonic time, ms: for durations. It never goes back. */
  elapsed(): number;
  /** Resolves after `delayMs`, or at once when the signal aborts; never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Wall clocks are continuously adjusted by less than this per second; somebody who sets one moves it further. */
export const LARGEST_ADJUSTMENT_MS = 1000;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve) => {
      let stopWaiting = (): void => undefined;
      const timer = setTimeout(
        () => {
          stopWaiting();
          resolve();
        },
        Math.max(0, delayMs),
      );
      if (signal === undefined) return;
      stopWaiting = whenAborted(signal, () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};
