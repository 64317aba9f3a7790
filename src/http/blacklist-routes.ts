// GET /api/v1/blacklist and DELETE /api/v1/blacklist/{id}: resolvers that are not tried for a while, and the order to remove one.
import type { Express } from 'express';
import { sendDone, sendSuccess } from './envelope.js';
import { renderBlacklistEntry } from './json-views.js';
import { takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';
import { answerUnknownId, requireUuid } from './uuid-parameter.js';

export function addBlacklistRoutes(
  app: Express,
  service: Pick<ServiceView, 'blacklist' | 'removeBlacklistEntry'>,
): void {
  app
    .route('/api/v1/blacklist')
    .get(takeOnlyParameters(), async (_request, response) => {
      const entries = await service.blacklist();
      sendSuccess(response, entries.map(renderBlacklistEntry));
    })
    .all(allowOnly('GET', 'HEAD'));
  app
    .route('/api/v1/blacklist/:id')
    .delete(requireUuid('blacklist entry'), async (request, response) => {
      const { id } = request.params;
      if (await service.removeBlacklistEntry(id)) sendDone(response);
      else answerUnknownId(response, 'blacklist entry', id);
    })
    .all(allowOnly('DELETE'));
}
