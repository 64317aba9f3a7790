// bcrypt on a thread of its own: a comparison takes a tenth of a second to many seconds, in which everything else goes on. One
// comparison at a time; who comes next is password-check.ts' business.
import type { Comparison, ComparisonAnswer } from './bcrypt-worker.js';
import { createKeptThread } from './kept-thread.js';

export interface PasswordThread {
  /** Rejects if the thread ends before it has answered; the next call starts another. */
  compare(password: string, hash: string): Promise<boolean>;
  /** Ends it at once, in mid-comparison too. */
  close(): Promise<void>;
}

/** Starts nothing yet: a service that nobody asks with a password needs no thread. */
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
