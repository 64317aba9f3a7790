// GET /api/v1/openapi.json: the description of this interface; not in the envelope, so that tools can read it.
import type { Express } from 'express';
import { createOpenApiDocument } from './openapi-document.js';
import { takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';

export function addOpenApiRoute(app: Express, version: string): void {
  const document = JSON.stringify(createOpenApiDocument(version));
  app
    .route('/api/v1/openapi.json')
    .get(takeOnlyParameters(), (_request, response) => {
      response.type('application/json').send(document);
    })
    .all(allowOnly('GET', 'HEAD'));
}
