// GET /metrics: always text format 0.0.4, whatever is asked for; compressed where the client takes gzip.
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Express } from 'express';
import { EXPOSITION_CONTENT_TYPE } from '../metrics/exposition-text.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';

const gzipped = promisify(gzip);

export function addMetricsRoute(app: Express, service: Pick<ServiceView, 'metricsText'>): void {
  app
    .route('/metrics')
    .get(async (request, response) => {
      const text = Buffer.from(await service.metricsText());
      // Not express' send(): it reorders the parameters of the content type.
      response.setHeader('Content-Type', EXPOSITION_CONTENT_TYPE);
      response.setHeader('Vary', 'Accept-Encoding');
      const isCompressed = request.acceptsEncodings('gzip', 'identity') === 'gzip';
      if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
      const body = isCompressed ? await gzipped(text, { level: constants.Z_BEST_SPEED }) : text;
      response.setHeader('Content-Length', body.length);
      response.end(body);
    })
    .all(allowOnly('GET', 'HEAD'));
}
