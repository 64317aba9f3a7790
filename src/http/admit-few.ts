// So many requests of a kind at a time, each from before its body is read until it is answered; others wait, some are refused.
// What a request may take up in memory is thereby bounded for all of them.
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import type { Request, RequestHandler } from 'express';
import { DhalionError } from '../errors.js';

export interface Admission {
  readonly maxAtOnce: number;
  readonly maxWaiting: number;
  /** Shorter than the server's time limit for a request, which would be answered 408 and not be repeated by its sender. */
  readonly maxWaitMs: number;
  readonly isCounted: (request: Request) => boolean;
}

/** Passes on `DhalionError` too_many_requests where too many wait already, or one has waited too long. */
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
        // Its sender may have gone, or have been told to come again.
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
  return new DhalionError('too_many_requests', 'too many large requests are being handled already', {
    retryable: true,
  });
}
