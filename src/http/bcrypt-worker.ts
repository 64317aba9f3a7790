// The thread that compares passwords with bcrypt hashes, and does nothing else. It is ended in mid-comparison when the service
// stops. password-thread.ts starts it.
import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';

export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

/** True if the password matches the hash; otherwise an error. */
export type ComparisonAnswer = boolean | { readonly problem: string };

parentPort?.on('message', ({ password, hash }: Comparison) => {
  parentPort?.postMessage(answerTo(password, hash));
});

function answerTo(password: string, hash: string): ComparisonAnswer {
  try {
    return bcrypt.compareSync(password, hash);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
