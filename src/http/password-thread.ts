// bcrypt on a thread of its own: a comparison takes a tenth of a second to many seconds, in which everything else goes on. One
// comparison at a time; who comes next is password-check.ts' business.
import { Worker } from 'node:worker_threads';
import type { Comparison, ComparisonAnswer } from './bcrypt-worker.js';

export interface PasswordThread {
  /** Rejects if the thread ends before it has answered; the next call starts another. */
  compare(password: string, hash: string): Promise<boolean>;
  /** Ends it at once, in mid-comparison too. */
  close(): Promise<void>;
}

/** Starts nothing yet: a service that nobody asks with a password needs no thread. */
export function createPasswordThread(): PasswordThread {
  let worker: Worker | null = null;
  const started = (): Worker => {
    if (worker !== null) return worker;
    const fresh = new Worker(new URL('./bcrypt-worker.js', import.meta.url));
    // What is waiting for it is told by `compare`; nobody else needs it.
    fresh.on('error', () => undefined);
    fresh.once('exit', () => {
      if (worker === fresh) worker = null;
    });
    fresh.unref();
    worker = fresh;
    return fresh;
  };
  return {
    compare: (password, hash) => {
      const comparison: Comparison = { password, hash };
      return answerOf(started(), comparison);
    },
    close: async () => {
      await worker?.terminate();
    },
  };
}

function answerOf(worker: Worker, comparison: Comparison): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', answered);
      worker.off('error', failed);
      worker.off('exit', ended);
    };
    const answered = (answer: ComparisonAnswer): void => {
      settle();
      if (typeof answer === 'boolean') resolve(answer);
      else reject(new Error(`a password cannot be compared: ${answer.problem}`));
    };
    const failed = (error: Error): void => {
      settle();
      reject(error);
    };
    const ended = (): void => {
      settle();
      reject(new Error('the thread that compares passwords has ended'));
    };
    worker.on('message', answered);
    worker.on('error', failed);
    worker.on('exit', ended);
    worker.postMessage(comparison);
  });
}
