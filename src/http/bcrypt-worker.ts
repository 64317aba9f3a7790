// The thread that compares passwords with bcrypt hashes: it does nothing else, and is ended in mid-comparison when the service
// stops. Started by password-thread.ts.
import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';

export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

/** Whether the password is the hash's, or why that cannot be said. */
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
