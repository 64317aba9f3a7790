// GET / and the files it loads, /assets/{digest}/{file}: all from memory, no step of building at run time.
import type { Express } from 'express';
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
      response.set('Cache-Control', 'no-cache').type('text/html').send(page);
    })
    .all(allowOnly('GET', 'HEAD'));
  app
    .route('/assets/:digest/:file')
    .get((request, response) => {
      const { digest, file } = request.params;
      const found = digest === files.digest ? files.byName.get(file) : undefined;
      if (found === undefined) sendError(response, 404, `nothing is at ${request.path}`);
      else {
        // Its address changes with it. Private: behind credentials it is not for a proxy to keep.
        response.set('Cache-Control', 'private, max-age=31536000, immutable');
        response.set('Content-Type', found.type).send(found.body);
      }
    })
    .all(allowOnly('GET', 'HEAD'));
}
