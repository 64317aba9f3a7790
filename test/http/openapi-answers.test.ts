// Requests every documented answer from a running app, and checks it against the document.
import t, { type Test } from 'tap';
import { DhalionError } from '../../src/errors.js';
import type { AccessControl } from '../../src/http/authenticate.js';
import { createOpenApiDocument } from '../../src/http/openapi-document.js';
import { readPageFiles } from '../../src/http/page/page-files.js';
import type { ServiceView } from '../../src/http/service-view.js';
import { digestOf } from '../../src/http/web-config.js';
import { KNOWN_ID, OVER_ID, SAMPLE_SERVICE } from '../support/api-samples.js';
import { startTestService } from '../support/http-service.js';
import { ALERTMANAGER_NOTIFICATION } from '../support/notifications.js';
import { createValidator, responseOf, type OpenApiDocument } from '../support/openapi.js';

const document = createOpenApiDocument('1.2.3') as OpenApiDocument;
const validate = createValidator(document);
/** `get /metrics 200` for each that was asked for and fitted. */
const seen = new Set<string>();

interface Exchange {
  readonly method: string;
  /** As the document has it. */
  readonly path: string;
  /** As it is asked for; default: the documented one with known names for its parameters. */
  readonly asked?: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const HISTORY = '/api/v1/topologies/{name}/history';
const INSTANCES = '/api/v1/topologies/{name}/instances';
const PAUSE = { duration: '1h', reason: 'upgrade' };
const BODIES: Readonly<Record<string, unknown>> = {
  'post /api/v1/alerts': ALERTMANAGER_NOTIFICATION,
  'post /api/v1/pauses': PAUSE,
};
const UNKNOWN_ID = '00000000-2222-4333-8444-555555555555';
const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => ({ method, path })),
);

/** Of the files of the status page. */
const { digest } = readPageFiles();

function askedFor(path: string): string {
  return path
    .replace('{id}', KNOWN_ID)
    .replace('{name}', encodeURIComponent('word count/é'))
    .replace('{digest}', digest)
    .replace('{file}', 'main.js');
}

async function exchange(t: Test, url: string, { method, path, asked = askedFor(path), status, ...request }: Exchange) {
  const { headers = {}, body = BODIES[`${method} ${path}`] } = request;
  const response = await fetch(url + asked, {
    method: method.toUpperCase(),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await textOf(response);
  const name = `${method} ${path} ${response.status}`;
  t.equal(response.status, status, `${name}: ${text.slice(0, 200)}`);
  const documented = responseOf(document, path, method, response.status);
  const type = response.headers.get('content-type');
  if (documented?.content === undefined) {
    t.ok(documented !== undefined && text === '' && type === null, `${name} has no body, and is documented`);
  } else {
    const given = type?.replace('application/json; charset=utf-8', 'application/json') ?? 'none';
    const schema = documented.content[given]?.schema;
    if (schema === undefined) t.fail(`${name}: ${given} is not among ${Object.keys(documented.content).join()}`);
    else {
      const isValid = validate(schema);
      const value: unknown = given === 'application/json' ? JSON.parse(text) : text;
      t.ok(isValid(value), `${name} ${JSON.stringify(isValid.errors)}`);
    }
  }
  seen.add(name);
}

/** Of a stream without end only its beginning. */
async function textOf(response: Response): Promise<string> {
  if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) return response.text();
  const reader = response.body?.getReader();
  const beginning = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(beginning?.value as Uint8Array | undefined);
}

await t.test('successful answers fit', async (t) => {
  const { url } = await startTestService(t, { service: SAMPLE_SERVICE });
  for (const { method, path } of OPERATIONS) {
    const status = Number(
      Object.keys(document.paths[path]?.[method]?.responses ?? {}).find((status) => status.startsWith('2')),
    );
    await exchange(t, url, { method, path, status });
  }
  const actions = '/api/v1/actions';
  await exchange(t, url, { method: 'get', path: actions, asked: `${actions}?topology=x&since=5&limit=7`, status: 200 });
  const file = '/assets/{digest}/{file}';
  for (const name of ['status-page.css', 'favicon.svg', 'dagre.js']) {
    await exchange(t, url, { method: 'get', path: file, asked: `/assets/${digest}/${name}`, status: 200 });
  }
  const name = '/api/v1/topologies/{name}';
  for (const view of ['new', 'unbounded', 'unknown']) {
    await exchange(t, url, { method: 'get', path: name, asked: `/api/v1/topologies/${view}`, status: 200 });
  }
  const unanswered = '/api/v1/topologies/new/history?range=24h';
  await exchange(t, url, { method: 'get', path: HISTORY, asked: unanswered, status: 200 });
  const pauses = { method: 'post', path: '/api/v1/pauses', status: 201 };
  await exchange(t, url, { ...pauses, body: { ...PAUSE, topology: 'new', resolver: 'scale_down' } });
});

await t.test('an empty service fits too', async (t) => {
  const { url } = await startTestService(t);
  for (const path of ['topologies', 'actions', 'decisions', 'blacklist', 'pauses']) {
    await exchange(t, url, { method: 'get', path: `/api/v1/${path}`, status: 200 });
  }
});

await t.test('answers to invalid requests fit', async (t) => {
  const { url } = await startTestService(t, { service: SAMPLE_SERVICE, app: { maxBodyBytes: 1000 } });
  const asked: Exchange[] = [
    { method: 'get', path: '/api/v1/actions', asked: '/api/v1/actions?limit=x', status: 400 },
    { method: 'get', path: '/api/v1/decisions', asked: '/api/v1/decisions?since=x', status: 400 },
    { method: 'get', path: '/api/v1/topologies/{name}', asked: '/api/v1/topologies/%zz', status: 400 },
    { method: 'get', path: '/api/v1/topologies/{name}', asked: '/api/v1/topologies/nowhere', status: 404 },
    { method: 'get', path: HISTORY, asked: '/api/v1/topologies/new/history?range=7h', status: 400 },
    { method: 'get', path: HISTORY, asked: '/api/v1/topologies/nowhere/history', status: 404 },
    { method: 'delete', path: '/api/v1/actions/{id}', asked: `/api/v1/actions/${OVER_ID}`, status: 409 },
    ...[
      { asked: 'nowhere/instances', status: 404 },
      { asked: '%00/instances', status: 404 },
      { asked: 'new/instances?operator=nobody', status: 404 },
      { asked: 'new/instances?operator=', status: 400 },
      { asked: 'new/instances?operators=split', status: 400 },
    ].map(({ asked, status }) => {
      return { method: 'delete', path: INSTANCES, asked: `/api/v1/topologies/${asked}`, status };
    }),
  ];
  const file = { method: 'get', path: '/assets/{digest}/{file}', status: 404 };
  asked.push({ ...file, asked: `/assets/${digest}/..%2fmain.js` }, { ...file, asked: '/assets/0/main.js' });
  for (const things of ['actions', 'blacklist', 'pauses']) {
    const path = `/api/v1/${things}/{id}`;
    asked.push({ method: 'delete', path, asked: `/api/v1/${things}/%zz`, status: 400 });
    for (const id of [UNKNOWN_ID, 'x', '%00']) {
      asked.push({ method: 'delete', path, asked: `/api/v1/${things}/${id}`, status: 404 });
    }
  }
  for (const path of ['/api/v1/alerts', '/api/v1/pauses']) {
    const post = { method: 'post', path };
    asked.push({ ...post, status: 400, body: '{' }, { ...post, status: 400, body: {} });
    asked.push({ ...post, status: 413, body: JSON.stringify({ padding: 'x'.repeat(100_000) }) });
    asked.push({ ...post, status: 415, headers: { 'content-type': 'text/plain' } });
  }
  asked.push({ method: 'post', path: '/api/v1/pauses', status: 404, body: { ...PAUSE, topology: 'nowhere' } });
  for (const one of asked) await exchange(t, url, one);
});

await t.test('methods that a path does not have fit', async (t) => {
  const { url } = await startTestService(t);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of ['get', 'post', 'put', 'delete', 'patch', 'options']) {
      if (method in methods) continue;
      await exchange(t, url, { method, path, status: 405 });
      // Each operation of the path documents it.
      for (const documented of Object.keys(methods)) seen.add(`${documented} ${path} 405`);
    }
  }
});

const failing = (fault: Error): Partial<ServiceView> => {
  const fail = (): Promise<never> => Promise.reject(fault);
  return {
    acceptAlerts: fail,
    topologies: fail,
    topology: fail,
    history: fail,
    actions: fail,
    cancelAction: fail,
    decisions: fail,
    blacklist: fail,
    removeBlacklistEntry: fail,
    pauses: fail,
    addPause: fail,
    endPause: fail,
    problems: fail,
    metricsText: fail,
    reload: fail,
  };
};
const FIXED = ['/', '/assets/{digest}/{file}', '/api/v1/events', '/-/healthy', '/api/v1/openapi.json'];

await t.test('answers about failures fit', async (t) => {
  const faults: [Error, number][] = [
    [new Error('a bug'), 500],
    [new DhalionError('storage_unavailable', 'disk full'), 503],
  ];
  for (const [fault, status] of faults) {
    const { url } = await startTestService(t, { service: failing(fault) });
    for (const { method, path } of OPERATIONS) {
      if (!FIXED.includes(path)) await exchange(t, url, { method, path, status });
    }
  }
  const refusal = new DhalionError('config_invalid', 'dhalion.yml:1:1: evaluation_interval: must be a duration');
  const notReady = { reload: () => Promise.reject(refusal), problems: () => ['storage: disk full'] };
  const { url } = await startTestService(t, { service: notReady });
  await exchange(t, url, { method: 'post', path: '/-/reload', status: 500 });
  await exchange(t, url, { method: 'put', path: '/-/reload', status: 500 });
  await exchange(t, url, { method: 'get', path: '/-/ready', status: 503 });
});

await t.test('answers to unauthorized requests fit', async (t) => {
  const webConfig = { tls: null, users: new Map([['u', 'x']]), tokenDigests: [digestOf('right')], headers: {} };
  const passwords: AccessControl['passwords'] = { check: () => Promise.resolve('busy') };
  const guarded = (current: typeof webConfig | null): AccessControl => ({
    webConfig: { initial: webConfig, current: () => current },
    passwords,
  });
  const { url } = await startTestService(t, { service: SAMPLE_SERVICE, app: { access: guarded(webConfig) } });
  const unusable = await startTestService(t, { service: SAMPLE_SERVICE, app: { access: guarded(null) } });
  const isOpen = (path: string): boolean => ['/-/healthy', '/-/ready'].includes(path);
  for (const { method, path } of OPERATIONS.filter(({ path }) => !isOpen(path))) {
    await exchange(t, url, { method, path, status: 401 });
    if (path === '/') await exchange(t, url, { method, path, status: 401, headers: { accept: 'text/html,*/*' } });
    await exchange(t, url, { method, path, status: 401, headers: { authorization: 'Bearer wrong' } });
    await exchange(t, url, { method, path, status: 400, headers: { authorization: 'Basic ?' } });
    await exchange(t, url, { method, path, status: 503, headers: { authorization: 'Basic dTpw' } });
    await exchange(t, unusable.url, { method, path, status: 500 });
    if (method !== 'get') {
      await exchange(t, url, { method, path, status: 403, headers: { 'sec-fetch-site': 'cross-site' } });
    }
  }
  for (const path of ['/-/healthy', '/-/ready']) await exchange(t, url, { method: 'get', path, status: 200 });
  await exchange(t, unusable.url, { method: 'get', path: '/-/ready', status: 503 });
  const authorization = 'Bearer right';
  await exchange(t, url, { method: 'get', path: '/api/v1/pauses', status: 200, headers: { authorization } });
});

await t.test('nothing is documented that is not answered', (t) => {
  const documented = OPERATIONS.flatMap(({ method, path }) =>
    Object.keys(document.paths[path]?.[method]?.responses ?? {}).map((status) => `${method} ${path} ${status}`),
  );
  t.strictSame(
    documented.filter((name) => !seen.has(name)),
    [],
  );
  t.ok(documented.length > 100);
  t.end();
});

await t.test('an answer that does not fit is found', (t) => {
  const { content } = responseOf(document, '/api/v1/pauses', 'get', 200) ?? {};
  const isValid = validate(content?.['application/json']?.schema ?? {});
  const pause = { id: KNOWN_ID, topology: null, resolver: null, reason: 'x' };
  const times = { created_at: '2026-01-02T03:04:05.678Z', expires_at: '2026-01-02T03:04:05.678Z' };
  const answer = (data: unknown, more = {}): unknown => ({ status: 'success', data, ...more });
  t.ok(isValid(answer([{ ...pause, ...times }])));
  t.notOk(isValid(answer([pause])), 'a key is missing');
  t.notOk(isValid(answer([{ ...pause, ...times, secret: 1 }])), 'a key is not documented');
  t.notOk(isValid(answer([{ ...pause, ...times, created_at: 'now' }])));
  t.notOk(isValid(answer([{ ...pause, ...times, resolver: 'scale' }])));
  t.notOk(isValid(answer([], { warnings: [] })));
  t.notOk(isValid([]));
  t.end();
});
