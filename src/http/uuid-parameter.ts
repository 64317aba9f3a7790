// Ids in paths. All are UUIDs, so the storage is never asked for anything else.
import type { RequestHandler, Response } from 'express';
import { sendError } from './envelope.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The first handler of a route with `:id`: 404 unless it is a UUID. @param kind of thing, as in `no action has the id …` */
export function requireUuid(kind: string): RequestHandler<{ id: string }> {
  return (request, response, next) => {
    if (UUID.test(request.params.id)) next();
    else answerUnknownId(response, kind, request.params.id);
  };
}

export function answerUnknownId(response: Response, kind: string, id: string): void {
  sendError(response, 404, `no ${kind} has the id '${id}'`);
}
