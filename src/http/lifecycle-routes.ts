// GET /-/healthy and /-/ready, as Prometheus has them: plain text for people and probes.
import type { Express } from 'express';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';

export function addLifecycleRoutes(app: Express, service: Pick<ServiceView, 'problems'>): void {
  app
    .route('/-/healthy')
    .get((_request, response) => {
      response.type('text/plain').send('Dhalion is healthy.\n');
    })
    .all(allowOnly('GET', 'HEAD'));
  app
    .route('/-/ready')
    .get(async (_request, response) => {
      const problems = await service.problems();
      const isReady = problems.length === 0;
      const words = isReady ? ['Dhalion is ready.'] : ['Dhalion is not ready.', ...problems];
      response
        .status(isReady ? 200 : 503)
        .type('text/plain')
        .send(`${words.join('\n')}\n`);
    })
    .all(allowOnly('GET', 'HEAD'));
}
