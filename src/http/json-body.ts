// Request bodies that must be JSON: content type, size (after decompression), encoding, syntax. Their meaning is the route's.
import express, { type RequestHandler } from 'express';
import { sendError } from './envelope.js';

/** Alertmanager's groups are unbounded by default. */
export const DEFAULT_MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Leaves the parsed body in `request.body`, or answers 400 or 415; a body over the cap is rejected with status 413.
 * Whatever charset is announced, the body is read as UTF-8: JSON has no other.
 */
export function jsonBody(maxBodyBytes: number): RequestHandler[] {
  return [requireJson, express.raw({ type: () => true, limit: maxBodyBytes }), parseJson];
}

const requireJson: RequestHandler = (request, response, next) => {
  const contentType = request.get('content-type');
  if (contentType !== undefined && /^\s*application\/json\s*(;|$)/i.test(contentType)) {
    next();
    return;
  }
  const sent = contentType === undefined ? 'no content type' : `content type '${contentType}'`;
  sendError(response, 415, `the body must be application/json, not ${sent}`);
};

const parseJson: RequestHandler = (request, response, next) => {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
    sendError(response, 400, 'the body is empty');
    return;
  }
  try {
    request.body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    sendError(response, 400, `the body is not JSON in UTF-8: ${error instanceof Error ? error.message : ''}`);
    return;
  }
  next();
};
