// GET /api/v1/actions and /api/v1/decisions: the action log, newest first, filtered alike.
import type { Express, RequestHandler } from 'express';
import type { LogFilter } from '../action-log/action-log.js';
import { sendError, sendSuccess } from './envelope.js';
import { renderAction, renderDecision } from './json-views.js';
import { parseLogFilter } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';

export function addLogRoutes(app: Express, service: Pick<ServiceView, 'actions' | 'decisions'>): void {
  const actions = async (filter: LogFilter) => (await service.actions(filter)).map(renderAction);
  const decisions = async (filter: LogFilter) => (await service.decisions(filter)).map(renderDecision);
  app.route('/api/v1/actions').get(listed(actions)).all(allowOnly('GET', 'HEAD'));
  app.route('/api/v1/decisions').get(listed(decisions)).all(allowOnly('GET', 'HEAD'));
}

function listed(list: (filter: LogFilter) => Promise<readonly unknown[]>): RequestHandler {
  return async (request, response) => {
    const parsed = parseLogFilter(request.query);
    if (parsed.kind === 'fault') sendError(response, 400, parsed.because);
    else sendSuccess(response, await list(parsed.filter));
  };
}
