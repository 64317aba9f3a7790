// Answers methods that a path does not have.
import type { RequestHandler } from 'express';
import { sendError } from './envelope.js';

/** The last handler of a route: 405 with the methods of the route. */
export function allowOnly(...methods: readonly string[]): RequestHandler {
  const allow = methods.join(', ');
  return (request, response) => {
    response.set('Allow', allow);
    sendError(response, 405, `${request.method} is not allowed on ${request.path}, only ${allow}`);
  };
}
