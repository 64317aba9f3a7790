// The envelope of every JSON answer, as in Prometheus' own API.
import type { Response } from 'express';

export const ERROR_TYPES = {
  400: 'bad_data',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'too_large',
  415: 'unsupported_media_type',
  500: 'internal',
  503: 'unavailable',
} as const;
export type ErrorStatus = keyof typeof ERROR_TYPES;

export function sendSuccess(response: Response, data: unknown, status: 200 | 201 | 202 = 200): void {
  sendJson(response, status, { status: 'success', data });
}

/** Ends with a line break, for terminals. */
function sendJson(response: Response, status: number, body: unknown): void {
  response
    .status(status)
    .type('application/json')
    .send(`${JSON.stringify(body)}\n`);
}

/** Done; there is nothing to return. */
export function sendDone(response: Response): void {
  response.status(204).end();
}

/** @param message quotes the input as the client wrote it */
export function sendError(response: Response, status: ErrorStatus, message: string): void {
  sendJson(response, status, { status: 'error', errorType: ERROR_TYPES[status], error: message });
}

export function isErrorStatus(status: unknown): status is ErrorStatus {
  return typeof status === 'number' && Object.hasOwn(ERROR_TYPES, status);
}
