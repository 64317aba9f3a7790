// GET /api/v1/topologies and /api/v1/topologies/{name}: the latest evaluation, and the decisions.
// The list may have thousands of entries, and every open page requests it at every change: it is rendered once for all of them.
import { isDeepStrictEqual } from 'node:util';
import type { Express } from 'express';
import { SharedText } from '../rendered-text.js';
import { sendError, sendSuccess } from './envelope.js';
import { renderTopology } from './json-views.js';
import { takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import { sendText } from './send-text.js';
import type { ServiceView, TopologyView } from './service-view.js';
import { suggestTopology } from './unknown-topology.js';

const JSON_TYPE = 'application/json; charset=utf-8';

export function addTopologyRoutes(app: Express, service: Pick<ServiceView, 'topologies' | 'topology'>): void {
  const list = new SharedText(renderList, isSameList);
  app
    .route('/api/v1/topologies')
    .get(takeOnlyParameters(), async (request, response) => {
      const shared = await list.of(await service.topologies());
      await sendText(request, response, JSON_TYPE, { shared, rest: '' });
    })
    .all(allowOnly('GET', 'HEAD'));
  app
    .route('/api/v1/topologies/:name')
    .get(takeOnlyParameters(), async (request, response) => {
      const { name } = request.params;
      const topology = await service.topology(name);
      if (topology === null)
        sendError(response, 404, `unknown topology '${name}'${await suggestTopology(service, name)}`);
      else sendSuccess(response, renderTopology(topology));
    })
    .all(allowOnly('GET', 'HEAD'));
}

/** In the envelope, one topology at a time. */
function* renderList(topologies: readonly TopologyView[]): Generator<string> {
  yield '{"status":"success","data":[';
  for (const [index, topology] of topologies.entries()) {
    yield `${index === 0 ? '' : ','}${JSON.stringify(renderTopology(topology))}`;
  }
  yield ']}\n';
}

function isSameList(one: readonly TopologyView[], other: readonly TopologyView[]): boolean {
  if (one === other) return true;
  return one.length === other.length && one.every((view, index) => isSame(view, other[index]));
}

/** An evaluation does not change, and is by far the largest part. */
function isSame({ evaluation, ...view }: TopologyView, other: TopologyView | undefined): boolean {
  if (other?.evaluation !== evaluation) return false;
  const { evaluation: _same, ...otherView } = other;
  return isDeepStrictEqual(view, otherView);
}
