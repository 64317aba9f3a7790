// What a path answers to methods it does not have.
import type { RequestHandler } from 'express';
import { sendError } from './envelope.js';

/** Last handler of a route: 405 with the methods the route has. */
export function allowOnly(...methods: readonly string[]): RequestHandler {
  const allow = methods.join(', ');
  return (request, response) => {
    response.set('Allow', allow);
    sendError(response, 405, `${request.method} is not allowed on ${request.path}, only ${allow}`);
  };
}
