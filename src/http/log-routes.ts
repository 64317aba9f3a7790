// GET /api/v1/actions and /api/v1/decisions: the action log, newest first, with the same filters. DELETE /api/v1/actions/{id}:
// cancels an action.
import type { Express, RequestHandler } from 'express';
import type { LogFilter } from '../action-log/action-log.js';
import type { Action } from '../model/action.js';
import { sendDone, sendError, sendSuccess } from './envelope.js';
import { renderAction, renderLoggedDecision } from './json-views.js';
import { LOG_FILTER_PARAMETERS, parseLogFilter, takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';
import { answerUnknownId, requireUuid } from './uuid-parameter.js';

export function addLogRoutes(
  app: Express,
  service: Pick<ServiceView, 'actions' | 'action' | 'cancelAction' | 'decisions'>,
): void {
  const actions = async (filter: LogFilter) => (await service.actions(filter)).map(renderAction);
  const decisions = async (filter: LogFilter) => (await service.decisions(filter)).map(renderLoggedDecision);
  const takeFilter = takeOnlyParameters(...LOG_FILTER_PARAMETERS);
  app.route('/api/v1/actions').get(takeFilter, listed(actions)).all(allowOnly('GET', 'HEAD'));
  app
    .route('/api/v1/actions/:id')
    .delete(requireUuid('action'), async (request, response) => {
      const { id } = request.params;
      const end = await service.cancelAction(id);
      if (end === 'cancelled') sendDone(response);
      else if (end === 'unknown') answerUnknownId(response, 'action', id);
      else sendError(response, 409, `action '${id}' is over: ${describeEnd(await service.action(id))}`);
    })
    .all(allowOnly('DELETE'));
  app.route('/api/v1/decisions').get(takeFilter, listed(decisions)).all(allowOnly('GET', 'HEAD'));
}

function listed(list: (filter: LogFilter) => Promise<readonly unknown[]>): RequestHandler {
  return async (request, response) => {
    const parsed = parseLogFilter(request.query);
    if (parsed.kind === 'fault') sendError(response, 400, parsed.because);
    else sendSuccess(response, await list(parsed.filter));
  };
}

function describeEnd(action: Action | null): string {
  if (action === null) return 'it is no longer in the action log';
  if (action.outcome !== null) return `its outcome is ${action.outcome}`;
  return action.dryRun ? 'it was a dry run' : 'it is judged';
}
