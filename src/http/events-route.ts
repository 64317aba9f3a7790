// GET /api/v1/events: a stream that reports every change, for pages that show it.
import type { Express } from 'express';
import { sendError } from './envelope.js';
import type { EventStreams } from './event-streams.js';
import { allowOnly } from './route-methods.js';

const RETRY_AFTER_SECONDS = '10';

export function addEventsRoute(app: Express, streams: EventStreams): void {
  app
    .route('/api/v1/events')
    .get((request, response) => {
      if (request.method === 'HEAD') streams.describe(response);
      else if (!streams.add(response)) {
        response.set('Retry-After', RETRY_AFTER_SECONDS);
        sendError(response, 503, 'too many event streams are open, or the service is ending');
      }
    })
    .all(allowOnly('GET', 'HEAD'));
}
