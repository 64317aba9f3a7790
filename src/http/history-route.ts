// GET /api/v1/topologies/{name}/history: an operator's series over the last hours, for the charts of the status page.
import type { Express } from 'express';
import type { FromSchema } from 'json-schema-to-ts';
import { listNames } from '../grammar/config-fault.js';
import { HISTORY_RANGES, type HistoryRange } from '../model/operator-history.js';
import { sendError, sendSuccess } from './envelope.js';
import type { topologyHistorySchema } from './history-api-schema.js';
import { alertsLink, dashboardLink, firedLink, grafanaLinksOf, prometheusLinksOf, promqlOf } from './history-links.js';
import { renderAction } from './json-views.js';
import { takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import type { HistoryView, ServiceView } from './service-view.js';
import { suggestTopology } from './unknown-topology.js';

export function addHistoryRoute(app: Express, service: Pick<ServiceView, 'topologies' | 'history'>): void {
  app
    .route('/api/v1/topologies/:name/history')
    .get(takeOnlyParameters('range'), async (request, response) => {
      const { name } = request.params;
      const { range = null } = request.query;
      if (range !== null && !isRange(range)) {
        const given = typeof range === 'string' ? `'${range}'` : 'several';
        const because = `must be one of ${listNames(HISTORY_RANGES)}, given once`;
        sendError(response, 400, `parameter range=${given}: ${because}`);
        return;
      }
      const view = await service.history(name, range);
      if (view === null) {
        sendError(response, 404, `unknown topology '${name}'${await suggestTopology(service, name)}`);
      } else sendSuccess(response, renderHistory(view));
    })
    .all(allowOnly('GET', 'HEAD'));
}

function isRange(given: unknown): given is HistoryRange {
  return (HISTORY_RANGES as readonly unknown[]).includes(given);
}

/** Unknown is null. */
export function renderHistory({
  history,
  actions,
  links,
  ownMatchers,
}: HistoryView): FromSchema<typeof topologyHistorySchema> {
  const { topology, range, startMs, endMs, stepMs, unknownBecause } = history;
  const linked = { links, ownMatchers, topology, range };
  return {
    topology,
    range,
    from: new Date(startMs).toISOString(),
    to: new Date(endMs).toISOString(),
    step_seconds: stepMs / 1000,
    unknown_because: unknownBecause,
    operators: history.operators.map(({ operator, series }) => ({
      operator,
      parallelism: [...series.parallelism],
      processing_rate: [...series.processing_rate],
      suspended_ratio: [...series.suspended_ratio],
      promql: promqlOf(linked, operator),
      prometheus: prometheusLinksOf(linked, operator),
      grafana: grafanaLinksOf(linked, operator),
      alertmanager: alertsLink(linked, operator),
    })),
    actions: actions.map(renderAction),
    grafana: dashboardLink(linked),
    alertmanager: alertsLink(linked),
    prometheus: firedLink(linked),
  };
}
