// One reading for all who ask at about the same time. For those who only look on: what decides must read by itself.
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

  /** Resolves with what is read now, by whoever asked before, or was no longer ago than it may be. */
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

  /** What was read, or is being read, is not what there is any more. */
  forget(): void {
    this.#last = null;
  }
}
