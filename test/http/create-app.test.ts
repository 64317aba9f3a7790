import t from 'tap';
import { DhalionError } from '../../src/errors.js';
import type { LogFilter } from '../../src/action-log/action-log.js';
import { NO_SYMPTOMS, operatorEvaluation, scaleUpAction, topologyEvaluation } from '../support/evaluations.js';
import { startTestService } from '../support/http-service.js';
import { sampleEvidence } from '../support/action-log-samples.js';

const WORDCOUNT = {
  topology: 'word/count',
  engine: 'flink',
  mode: 'enforce',
  resolvers: [],
  evaluation: topologyEvaluation('word/count', [operatorEvaluation('split')]),
  openAction: null,
  judging: null,
  lastDecisions: [],
} as const;

await t.test('every path answers in the envelope, with the headers of a careful server', async (t) => {
  const { url } = await startTestService(t);
  for (const path of ['/nowhere', '/api/v1/nothing', '/metrics/', '/METRICS', '/api/v1/topologies/']) {
    const response = await fetch(url + path);
    t.equal(response.status, 404, path);
    t.strictSame(await response.json(), { status: 'error', errorType: 'not_found', error: `not found: ${path}` });
    t.equal(response.headers.get('x-powered-by'), null);
    t.equal(response.headers.get('etag'), null);
    t.equal(response.headers.get('x-content-type-options'), 'nosniff');
    t.match(response.headers.get('content-security-policy'), "default-src 'none'");
    t.equal(response.headers.get('strict-transport-security'), null);
  }
  const broken = await fetch(`${url}/api/v1/topologies/%zz`);
  t.equal(broken.status, 400);
  t.match(await broken.json(), { status: 'error', errorType: 'bad_data' });
});

await t.test('a path asked with the wrong method says which it has', async (t) => {
  const { url } = await startTestService(t);
  const paths: Record<string, string> = {
    '/': 'GET, HEAD',
    '/metrics': 'GET, HEAD',
    '/-/healthy': 'GET, HEAD',
    '/-/ready': 'GET, HEAD',
    '/-/reload': 'POST, PUT',
    '/api/v1/alerts': 'POST',
    '/api/v1/topologies': 'GET, HEAD',
    '/api/v1/topologies/x': 'GET, HEAD',
    '/api/v1/actions': 'GET, HEAD',
    '/api/v1/actions/x': 'DELETE',
    '/api/v1/decisions': 'GET, HEAD',
    '/api/v1/blacklist': 'GET, HEAD',
    '/api/v1/blacklist/x': 'DELETE',
    '/api/v1/pauses': 'GET, HEAD, POST',
    '/api/v1/pauses/x': 'DELETE',
    '/api/v1/events': 'GET, HEAD',
    '/api/v1/openapi.json': 'GET, HEAD',
  };
  for (const [path, allow] of Object.entries(paths)) {
    const methods = allow.split(', ');
    for (const method of ['DELETE', 'PUT', 'POST', 'GET', 'PATCH'].filter((method) => !methods.includes(method))) {
      const response = await fetch(url + path, { method });
      t.equal(response.status, 405, `${method} ${path}`);
      t.equal(response.headers.get('allow'), allow);
      t.match(await response.json(), { status: 'error', errorType: 'method_not_allowed' });
    }
    const head = await fetch(url + path, { method: 'HEAD' });
    t.equal(head.status, !methods.includes('HEAD') ? 405 : path === '/api/v1/topologies/x' ? 404 : 200, `HEAD ${path}`);
    t.equal(await head.text(), '');
  }
});

await t.test('health is always good; readiness lists the faults', async (t) => {
  let problems: string[] = ['storage: disk full', 'no evaluation yet'];
  let warnings: string[] = [];
  const { url } = await startTestService(t, { service: { problems: () => problems, warnings: () => warnings } });
  const get = async (path: string): Promise<[number, string, string | null]> => {
    const response = await fetch(url + path);
    return [response.status, await response.text(), response.headers.get('content-type')];
  };
  const plain = 'text/plain; charset=utf-8';
  t.strictSame(await get('/-/healthy'), [200, 'Dhalion is healthy.\n', plain]);
  t.strictSame(await get('/-/ready'), [503, 'Dhalion is not ready.\nstorage: disk full\nno evaluation yet\n', plain]);
  problems = [];
  t.strictSame(await get('/-/ready'), [200, 'Dhalion is ready.\n', plain]);
  warnings = ['Prometheus does not answer.'];
  t.strictSame(
    await get('/-/ready'),
    [200, 'Dhalion is ready.\nPrometheus does not answer.\n', plain],
    'degradations are reported, and do not make it unready',
  );
});

await t.test('the status page is HTML, and its links are relative', async (t) => {
  const { url } = await startTestService(t, { app: { version: '<1.2.3>' } });
  const response = await fetch(url);
  t.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  const page = await response.text();
  t.match(page, '&lt;1.2.3&gt;');
  t.match(page, '<a href="metrics">');
  t.notMatch(page, /(href|src)="(\/|https?:)/);
});

await t.test('topologies are listed, and found by name', async (t) => {
  const { url } = await startTestService(t, {
    service: {
      topologies: () => Promise.resolve([WORDCOUNT]),
      topology: (name) => Promise.resolve(name === 'word/count' ? WORDCOUNT : null),
    },
  });
  const listed = (await (await fetch(`${url}/api/v1/topologies`)).json()) as { data: unknown[] };
  t.match(listed, { status: 'success', data: [{ topology: 'word/count', operators: [{ operator: 'split' }] }] });
  const one = await fetch(`${url}/api/v1/topologies/word%2Fcount`);
  t.equal(one.headers.get('content-type'), 'application/json; charset=utf-8');
  t.strictSame(await one.json(), { status: 'success', data: listed.data[0] });
  const none = await fetch(`${url}/api/v1/topologies/w%22x`);
  t.equal(none.status, 404);
  const error = `unknown topology 'w"x'; known: 'word/count'`;
  t.strictSame(await none.json(), { status: 'error', errorType: 'not_found', error });
});

await t.test('the JSON of every answer ends with a line break, which a terminal needs', async (t) => {
  const { url } = await startTestService(t, {
    service: { topologies: () => Promise.resolve([WORDCOUNT]), topology: () => Promise.resolve(WORDCOUNT) },
  });
  for (const path of ['topologies', 'topologies/wordcount', 'pauses', 'actions?limit=x', 'none', 'openapi.json']) {
    t.match(await (await fetch(`${url}/api/v1/${path}`)).text(), /\}\n$/, path);
  }
});

await t.test('actions and decisions are listed through the same filter', async (t) => {
  const filters: LogFilter[] = [];
  const decision = {
    atMs: 0,
    topology: 'wordcount',
    operator: 'split',
    diagnosis: 'underprovisioning',
    resolver: 'scale_up',
    decision: 'hold',
    reason: 'cooldown',
    actionId: null,
    alertId: 7,
    evidence: sampleEvidence({ evaluatedAtMs: 0, suspendedRatio: 0.5 }),
  } as const;
  const { url } = await startTestService(t, {
    service: {
      actions: (filter) => {
        filters.push(filter);
        return Promise.resolve([scaleUpAction()]);
      },
      decisions: (filter) => {
        filters.push(filter);
        return Promise.resolve([decision]);
      },
    },
  });
  const get = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1/${path}`)).json();
  t.match(await get('actions?topology=wordcount&since=5&limit=7'), { data: [{ resolver: 'scale_up' }] });
  const at = '1970-01-01T00:00:00.000Z';
  const { topology, operator, diagnosis, resolver, reason } = decision;
  t.strictSame(await get('decisions'), {
    status: 'success',
    data: [
      {
        at,
        topology,
        operator,
        diagnosis,
        resolver,
        decision: 'hold',
        reason,
        unknown_because: null,
        action_id: null,
        evidence: {
          evaluated_at: at,
          operator_known: true,
          backpressure: 'yes',
          parallelism: 2,
          recommended_parallelism: 4,
          suspended_ratio: 0.5,
          symptoms: NO_SYMPTOMS,
          diagnoses: ['underprovisioning'],
          missing_sensors: [],
          unknown_because: null,
        },
      },
    ],
  });
  t.strictSame(filters, [{ topology: 'wordcount', sinceMs: 5000, limit: 7 }, { limit: 100 }]);
  for (const path of ['actions', 'decisions']) {
    const response = await fetch(`${url}/api/v1/${path}?limit=many`);
    t.equal(response.status, 400);
    t.match(await response.json(), { errorType: 'bad_data', error: /limit='many'/ });
  }
});

await t.test('an unreadable storage is 503; any other fault is 500, with details only in the log', async (t) => {
  const { url, logLines } = await startTestService(t, {
    service: {
      actions: () => Promise.reject(new DhalionError('storage_unavailable', 'the action log is locked')),
      decisions: () => Promise.reject(new Error('secret inside')),
      topologies: () => {
        throw new DhalionError('prometheus_timeout', 'no answer', { retryable: true });
      },
    },
  });
  const actions = await fetch(`${url}/api/v1/actions`);
  t.equal(actions.status, 503);
  t.equal(actions.headers.get('retry-after'), '10');
  t.strictSame(await actions.json(), {
    status: 'error',
    errorType: 'unavailable',
    error: 'the action log is locked',
  });
  t.equal((await fetch(`${url}/api/v1/topologies`)).status, 503);
  const decisions = await fetch(`${url}/api/v1/decisions`);
  t.equal(decisions.status, 500);
  t.strictSame(await decisions.json(), {
    status: 'error',
    errorType: 'internal',
    error: 'internal error, see the log',
  });
  t.match(logLines, [{ level: 'warn' }, { level: 'warn' }, { level: 'error', error: 'secret inside' }]);
});
