// Limits how many requests of a kind run at a time, from before the body is read until the answer. Others wait; some are refused.
// This bounds the memory of all of them together.
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import type { Request, RequestHandler } from 'express';
import { DhalionError } from '../errors.js';

export interface Admission {
  readonly maxAtOnce: number;
  readonly maxWaiting: number;
  /** Shorter than the server's time limit for a request: that answers 408, which the sender would not repeat. */
  readonly maxWaitMs: number;
  readonly isCounted: (request: Request) => boolean;
}

/** Passes on `DhalionError` too_many_requests if too many wait already, or one has waited too long. */
export function admitFew({ maxAtOnce, maxWaiting, maxWaitMs, isCounted }: Admission): RequestHandler {
  const places = bulkhead(maxAtOnce, maxWaiting);
  return (request, response, next) => {
    if (!isCounted(request)) {
      next();
      return;
    }
    const waiting = setTimeout(() => {
      next(tooMany());
    }, maxWaitMs);
    const untilAnswered = (): Promise<void> =>
      new Promise((resolve) => {
        clearTimeout(waiting);
        // The sender may have gone, or may have been asked to come again.
        if (response.destroyed || response.headersSent) {
          resolve();
          return;
        }
        response.once('close', resolve);
        next();
      });
    places.execute(untilAnswered).catch((error: unknown) => {
      clearTimeout(waiting);
      next(error instanceof BulkheadRejectedError ? tooMany() : error);
    });
  };
}

function tooMany(): DhalionError {
  return new DhalionError('too_many_requests', 'too many large requests at once', {
    retryable: true,
  });
}
