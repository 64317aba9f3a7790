// GET / and its files, /assets/{digest}/{file}: all from memory, without a build step at run time.
import type { Express, Response } from 'express';
import { sendError } from '../envelope.js';
import { allowOnly } from '../route-methods.js';
import { readPageFiles } from './page-files.js';
import { renderStatusPage } from './render-status-page.js';

export function addStatusPage(app: Express, version: string): void {
  const files = readPageFiles();
  const page = renderStatusPage(version, files);
  app
    .route('/')
    .get((_request, response) => {
      cacheAs(response, 'no-cache').type('text/html').send(page);
    })
    .all(allowOnly('GET', 'HEAD'));
  app
    .route('/assets/:digest/:file')
    .get((request, response) => {
      const { digest, file } = request.params;
      const found = digest === files.digest ? files.byName.get(file) : undefined;
      if (found === undefined) sendError(response, 404, `not found: ${request.path}`);
      else {
        // Its address changes with its content.
        cacheAs(response, 'private, max-age=31536000, immutable').set('Content-Type', found.type).send(found.body);
      }
    })
    .all(allowOnly('GET', 'HEAD'));
}

/** Except behind credentials, where nothing is cached. */
function cacheAs(response: Response, directives: string): Response {
  return response.hasHeader('Cache-Control') ? response : response.set('Cache-Control', directives);
}
