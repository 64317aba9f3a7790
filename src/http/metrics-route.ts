// GET /metrics: always text format 0.0.4, whatever format the client asks for; compressed if it accepts gzip.
import type { Express } from 'express';
import { EXPOSITION_CONTENT_TYPE } from '../metrics/exposition-text.js';
import { allowOnly } from './route-methods.js';
import { sendText } from './send-text.js';
import type { ServiceView } from './service-view.js';

export function addMetricsRoute(app: Express, service: Pick<ServiceView, 'metricsText'>): void {
  app
    .route('/metrics')
    .get(async (request, response) => {
      const { evaluation, rest } = await service.metricsText();
      await sendText(request, response, EXPOSITION_CONTENT_TYPE, { shared: evaluation, rest });
    })
    .all(allowOnly('GET', 'HEAD'));
}
