// GET /api/v1/topologies and /api/v1/topologies/{name}: the latest evaluation, and why something or nothing is done.
import type { Express } from 'express';
import { sendError, sendSuccess } from './envelope.js';
import { renderTopology } from './json-views.js';
import { takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';

export function addTopologyRoutes(app: Express, service: Pick<ServiceView, 'topologies' | 'topology'>): void {
  app
    .route('/api/v1/topologies')
    .get(takeOnlyParameters(), async (_request, response) => {
      const topologies = await service.topologies();
      sendSuccess(response, topologies.map(renderTopology));
    })
    .all(allowOnly('GET', 'HEAD'));
  app
    .route('/api/v1/topologies/:name')
    .get(takeOnlyParameters(), async (request, response) => {
      const { name } = request.params;
      const topology = await service.topology(name);
      if (topology === null) sendError(response, 404, `no topology is named '${name}'`);
      else sendSuccess(response, renderTopology(topology));
    })
    .all(allowOnly('GET', 'HEAD'));
}
