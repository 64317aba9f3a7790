// One read for all who ask at about the same time. Observers only: decisions need a read of their own.
import type { Clock } from '../clock.js';

export class SharedReading<Read = void> {
  readonly #read: () => Promise<Read>;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  #last: { readonly beganMs: number; readonly done: Promise<Read>; isOver: boolean } | null = null;

  constructor(read: () => Promise<Read>, clock: Clock, maxAgeMs: number) {
    this.#read = read;
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Resolves with a read under way, one that is recent enough, or a new one. */
  recent(): Promise<Read> {
    const isUsable =
      this.#last !== null && (!this.#last.isOver || this.#clock.elapsed() - this.#last.beganMs < this.#maxAgeMs);
    if (this.#last !== null && isUsable) return this.#last.done;
    const done = this.#read();
    const reading = { beganMs: this.#clock.elapsed(), done, isOver: false };
    this.#last = reading;
    const end = (): void => {
      reading.isOver = true;
    };
    done.then(end, end);
    return done;
  }

  /** Marks the last read as outdated, even if it is still under way. */
  forget(): void {
    this.#last = null;
  }
}
