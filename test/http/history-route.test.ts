import t from 'tap';
import { renderAction } from '../../src/http/json-views.js';
import { DhalionError } from '../../src/errors.js';
import type { HistoryRange } from '../../src/model/operator-history.js';
import { scaleUpAction } from '../support/evaluations.js';
import { historyView, operatorHistory, pointsOf } from '../support/histories.js';
import { startTestService } from '../support/http-service.js';

const NOW_MS = Date.parse('2026-01-31T08:00:00Z');

await t.test('points are numbers or unknown, in equal steps between two times', async (t) => {
  const parallelism = pointsOf((place) => (place < 0.5 ? 2 : 4));
  const rate = pointsOf((place) => (place < 0.25 ? null : 0));
  const action = scaleUpAction();
  const asked: (readonly [string, HistoryRange | null])[] = [];
  const { url } = await startTestService(t, {
    service: {
      history: (topology, range) => {
        asked.push([topology, range]);
        const operators = [operatorHistory('split', { parallelism, processing_rate: rate })];
        return Promise.resolve(historyView(topology, operators, { nowMs: NOW_MS, actions: [action] }));
      },
    },
  });
  const response = await fetch(`${url}/api/v1/topologies/${encodeURIComponent('word/count é')}/history?range=1h`);
  t.equal(response.status, 200);
  const { data } = (await response.json()) as { data: Record<string, unknown> };
  t.match(data, {
    topology: 'word/count é',
    from: '2026-01-31T02:00:00.000Z',
    to: '2026-01-31T08:00:00.000Z',
    step_seconds: 180,
    unknown_because: null,
    operators: [{ operator: 'split', prometheus: { parallelism: null }, alertmanager: null }],
    ...{ grafana: null, alertmanager: null, prometheus: null },
  });
  const [operator] = data['operators'] as Record<string, unknown>[];
  t.strictSame(operator?.['parallelism'], parallelism);
  t.strictSame(operator?.['processing_rate'], rate, 'unknown is null, and zero is zero');
  t.strictSame(data['actions'], [JSON.parse(JSON.stringify(renderAction(action)))]);
  await fetch(`${url}/api/v1/topologies/x/history`);
  t.strictSame(asked, [
    ['word/count é', '1h'],
    ['x', null],
  ]);
});

await t.test('a range is one of few, and a topology one that is known', async (t) => {
  let asked = 0;
  const history = () => {
    asked += 1;
    return Promise.resolve(null);
  };
  const { url } = await startTestService(t, { service: { history } });
  const path = `${url}/api/v1/topologies/x/history`;
  const of = async (query: string): Promise<unknown> => (await fetch(path + query)).json();
  t.match(await of('?range=7h'), { error: "parameter range='7h': must be one of 10m, 1h, 6h and 24h, given once" });
  t.match(await of('?range=1h&range=6h'), { error: /given once/ });
  t.match(await of('?ranges=1h'), { error: "parameter 'ranges' is unknown; known: range; did you mean 'range'?" });
  t.equal(asked, 0);
  t.match(await of('?range=24h'), { errorType: 'not_found', error: "unknown topology 'x'; none is known yet" });
});

await t.test('too many waiting requests are asked to come again', async (t) => {
  const fault = new DhalionError('too_many_requests', 'too many histories are being read already', { retryable: true });
  const { url } = await startTestService(t, { service: { history: () => Promise.reject(fault) } });
  const response = await fetch(`${url}/api/v1/topologies/x/history`);
  t.equal(response.status, 503);
  t.ok(Number(response.headers.get('retry-after')) > 0);
  t.match(await response.json(), { error: 'too many histories are being read already' });
});
