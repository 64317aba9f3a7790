// GET and POST /api/v1/pauses, DELETE /api/v1/pauses/{id}: temporary stops of actions.
import type { Express } from 'express';
import { sendDone, sendError, sendSuccess } from './envelope.js';
import { jsonBody } from './json-body.js';
import { renderPause } from './json-views.js';
import { parsePauseRequest } from './pause-request.js';
import { takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';
import { suggestTopology } from './unknown-topology.js';
import { answerUnknownId, requireUuid } from './uuid-parameter.js';

/** Far more than the longest names and reason need, escaped. */
const MAX_PAUSE_BYTES = 64 * 1024;

export function addPauseRoutes(
  app: Express,
  service: Pick<ServiceView, 'pauses' | 'addPause' | 'endPause' | 'knowsTopology' | 'topologies'>,
): void {
  app
    .route('/api/v1/pauses')
    .get(takeOnlyParameters(), async (_request, response) => {
      const pauses = await service.pauses();
      sendSuccess(response, pauses.map(renderPause));
    })
    .post(...jsonBody(MAX_PAUSE_BYTES), async (request, response) => {
      const parsed = parsePauseRequest(request.body);
      if (parsed.kind === 'fault') {
        sendError(response, 400, parsed.because);
        return;
      }
      const { topology } = parsed.request;
      // A misspelt name would pause nothing, and nobody would notice in time.
      if (topology !== null && !(await service.knowsTopology(topology))) {
        const suggestion = await suggestTopology(service, topology);
        sendError(response, 404, `topology '${topology}' is neither configured nor discovered${suggestion}`);
        return;
      }
      sendSuccess(response, renderPause(await service.addPause(parsed.request)), 201);
    })
    .all(allowOnly('GET', 'HEAD', 'POST'));
  app
    .route('/api/v1/pauses/:id')
    .delete(requireUuid('pause'), async (request, response) => {
      const { id } = request.params;
      if (await service.endPause(id)) sendDone(response);
      else answerUnknownId(response, 'pause', id);
    })
    .all(allowOnly('DELETE'));
}
