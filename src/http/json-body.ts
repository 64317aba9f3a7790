// Request bodies that must be JSON: content type, size (after decompression), encoding, syntax. Their meaning is the route's.
import express, { type RequestHandler, type Response } from 'express';
import { sendError } from './envelope.js';

/** Alertmanager's groups are unbounded by default. */
export const DEFAULT_MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Told of a body that is answered 400 or 415, and why. */
export type OnRefusal = (status: 400 | 415, because: string) => void;

/**
 * Leaves the parsed body in `request.body`, or answers 400 or 415; a body over the cap is rejected with status 413.
 * Whatever charset is announced, the body is read as UTF-8: JSON has no other.
 */
export function jsonBody(maxBodyBytes: number, onRefusal: OnRefusal = () => undefined): RequestHandler[] {
  const refuse = (response: Response, status: 400 | 415, because: string): void => {
    onRefusal(status, because);
    sendError(response, status, because);
  };
  return [requireJson(refuse), express.raw({ type: () => true, limit: maxBodyBytes }), parseJson(refuse)];
}

type Refuse = (response: Response, status: 400 | 415, because: string) => void;

const requireJson =
  (refuse: Refuse): RequestHandler =>
  (request, response, next) => {
    const contentType = request.get('content-type');
    if (contentType !== undefined && /^\s*application\/json\s*(;|$)/i.test(contentType)) {
      next();
      return;
    }
    const sent = contentType === undefined ? 'no content type' : `content type '${contentType}'`;
    refuse(response, 415, `the body must be application/json, not ${sent}`);
  };

const parseJson =
  (refuse: Refuse): RequestHandler =>
  (request, response, next) => {
    const bytes: unknown = request.body;
    if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
      refuse(response, 400, 'the body is empty');
      return;
    }
    try {
      request.body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
    } catch (error) {
      refuse(response, 400, `the body is not JSON in UTF-8: ${error instanceof Error ? error.message : ''}`);
      return;
    }
    next();
  };
