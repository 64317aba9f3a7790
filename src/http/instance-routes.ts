// DELETE /api/v1/topologies/{name}/instances: a person confirms that a topology runs with no more instances than are seen.
import type { Express } from 'express';
import { sendError, sendSuccess } from './envelope.js';
import { renderForgotten } from './json-views.js';
import { parseOperator, takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';
import { isStorableText } from './storable-text.js';
import { suggestTopology } from './unknown-topology.js';

export function addInstanceRoutes(
  app: Express,
  service: Pick<ServiceView, 'knowsTopology' | 'forgetInstances' | 'topologies'>,
): void {
  app
    .route('/api/v1/topologies/:name/instances')
    .delete(takeOnlyParameters('operator'), async (request, response) => {
      const { name: topology } = request.params;
      const parsed = parseOperator(request.query);
      if (parsed.kind === 'fault') {
        sendError(response, 400, parsed.because);
        return;
      }
      if (!isStorableText(topology) || !(await service.knowsTopology(topology))) {
        sendError(response, 404, `unknown topology '${topology}'${await suggestTopology(service, topology)}`);
        return;
      }
      const { operator } = parsed;
      const forgotten = await service.forgetInstances({ topology, operator });
      if (forgotten === null) sendError(response, 404, `topology '${topology}' has no operator '${operator ?? ''}'`);
      else sendSuccess(response, renderForgotten(topology, forgotten));
    })
    .all(allowOnly('DELETE'));
}
