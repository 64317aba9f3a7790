// GET /-/healthy and /-/ready, POST or PUT /-/reload, as in Prometheus: plain text for people, probes and scripts.
import type { Express, Request, Response } from 'express';
import { describeError, DhalionError } from '../errors.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';

export function addLifecycleRoutes(app: Express, service: Pick<ServiceView, 'problems' | 'warnings' | 'reload'>): void {
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
        .send(`${[...words, ...service.warnings()].join('\n')}\n`);
    })
    .all(allowOnly('GET', 'HEAD'));
  const reload = async (_request: Request, response: Response): Promise<void> => {
    const refusal = await reloadOrRefuse(service);
    response
      .status(refusal === null ? 200 : 500)
      .type('text/plain')
      .send(refusal === null ? 'The configuration is reloaded.\n' : `The configuration is not reloaded: ${refusal}\n`);
  };
  app.route('/-/reload').post(reload).put(reload).all(allowOnly('POST', 'PUT'));
}

/** The fault of the configuration; null: it is in force. Other faults are thrown. */
async function reloadOrRefuse(service: Pick<ServiceView, 'reload'>): Promise<string | null> {
  try {
    await service.reload();
    return null;
  } catch (error) {
    if (error instanceof DhalionError && (error.code === 'config_invalid' || error.code === 'config_unreadable')) {
      return describeError(error);
    }
    throw error;
  }
}
