// Time as an argument: everything outside the pure core that waits or stamps takes a Clock.

export interface Clock {
  /** Unix time by the wall clock, ms: for what is stamped, or asked of others. It may be set back or forward at any moment. */
  now(): number;
  /** Time since some moment, ms: for how long something took or is to last. It never goes back. */
  elapsed(): number;
  /** Resolves after `delayMs`, or at once when the signal aborts; never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Wall clocks are adjusted by less than this all the time, a little at each second; whoever sets one moves it further. */
export const LARGEST_ADJUSTMENT_MS = 1000;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, delayMs));
      signal?.addEventListener('abort', done, { once: true });
    }),
};
