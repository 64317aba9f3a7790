// The last two handlers of the app: an unknown path, and a thrown error; both answer in the envelope.
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import { isErrorStatus, sendError, type ErrorStatus } from './envelope.js';

const RETRY_AFTER_SECONDS = '10';

export const answerNotFound: RequestHandler = (request, response) => {
  sendError(response, 404, `not found: ${request.path}`);
};

/** The client's faults are reported to the client. Ours are logged, and reported only if waiting helps. */
export function createErrorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const status = statusOf(error);
    const words = describeError(error);
    const level = status === 500 ? 'error' : 'warn';
    logger[level]({ method: request.method, path: request.path, status, error: words }, 'request failed');
    if (response.headersSent) {
      // A partly sent answer can only be aborted.
      response.destroy();
      return;
    }
    if (status === 503) response.set('Retry-After', RETRY_AFTER_SECONDS);
    sendError(response, status, status === 500 ? 'internal error, see the log' : words);
  };
}

function statusOf(error: unknown): ErrorStatus {
  if (error instanceof DhalionError) return error.retryable || error.code === 'storage_unavailable' ? 503 : 500;
  // express and its body reader mark the client's faults with a status; other statuses become 400.
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  if (typeof status !== 'number' || status < 400 || status > 499) return 500;
  return isErrorStatus(status) ? status : 400;
}
