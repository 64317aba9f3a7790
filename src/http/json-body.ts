// JSON request bodies: content type, size (after decompression), encoding, syntax. Each route interprets its own body.
import express, { type RequestHandler, type Response } from 'express';
import { sendError } from './envelope.js';
import { parseJsonBytes } from './parse-json-bytes.js';

/** Alertmanager's groups are unbounded by default. */
export const DEFAULT_MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Receives a body answered with 400 or 415, and the reason. */
export type OnRefusal = (status: 400 | 415, because: string) => void;

/**
 * Stores the parsed body in `request.body`, or answers 400 or 415; a body over the limit is rejected with status 413.
 * The body is read as UTF-8 whatever charset is announced: JSON has no other.
 */
export function jsonBody(maxBodyBytes: number): RequestHandler[] {
  const parse: RequestHandler = (request, response, next) => {
    const parsed = parseJsonBytes(request.body as Buffer);
    if (parsed.kind === 'fault') {
      sendError(response, 400, parsed.because);
      return;
    }
    request.body = parsed.value;
    next();
  };
  return [requireJson(sendError), readBytes(maxBodyBytes), requireBytes(sendError), parse];
}

/**
 * The same with the bytes of the body, at least one, in `request.body`.
 * @param admit called before the first byte of the body is read
 */
export function jsonBytes(maxBodyBytes: number, admit: RequestHandler, onRefusal: OnRefusal): RequestHandler[] {
  const refuse: Refuse = (response, status, because) => {
    onRefusal(status, because);
    sendError(response, status, because);
  };
  return [requireJson(refuse), admit, readBytes(maxBodyBytes), requireBytes(refuse)];
}

type Refuse = (response: Response, status: 400 | 415, because: string) => void;

function readBytes(maxBodyBytes: number): RequestHandler {
  return express.raw({ type: () => true, limit: maxBodyBytes });
}

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

const requireBytes =
  (refuse: Refuse): RequestHandler =>
  (request, response, next) => {
    const bytes: unknown = request.body;
    if (Buffer.isBuffer(bytes) && bytes.length > 0) next();
    else refuse(response, 400, 'the body is empty');
  };
