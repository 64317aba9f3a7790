// bcrypt on its own thread: a comparison takes a tenth of a second to many seconds, and must not block the event loop. One
// comparison at a time; password-check.ts chooses the next.
import type { Comparison, ComparisonAnswer } from './bcrypt-worker.js';
import { createKeptThread } from './kept-thread.js';

export interface PasswordThread {
  /** Rejects if the thread ends before it answers; the next call starts another. */
  compare(password: string, hash: string): Promise<boolean>;
  /** Ends it at once, even in mid-comparison. */
  close(): Promise<void>;
}

/** Starts nothing yet: a service without password checks needs no thread. */
export function createPasswordThread(): PasswordThread {
  const entry = new URL('./bcrypt-worker.js', import.meta.url);
  const thread = createKeptThread<Comparison, ComparisonAnswer>(entry);
  return {
    compare: async (password, hash) => {
      const answer = await thread.run({ password, hash });
      if (typeof answer === 'boolean') return answer;
      throw new Error(`a password cannot be compared: ${answer.problem}`);
    },
    close: () => thread.close(),
  };
}
