// No cache may store an answer to an authenticated request: every operation of the OpenAPI document, with every kind of
// credentials, and without.
import t, { type Test } from 'tap';
import { createOpenApiDocument } from '../../src/http/openapi-document.js';
import type { AccessControl } from '../../src/http/authenticate.js';
import { readPageFiles } from '../../src/http/page/page-files.js';
import { digestOf, type WebConfig } from '../../src/http/web-config.js';
import { KNOWN_ID, SAMPLE_SERVICE } from '../support/api-samples.js';
import { startTestService } from '../support/http-service.js';
import { ALERTMANAGER_NOTIFICATION } from '../support/notifications.js';
import type { OpenApiDocument } from '../support/openapi.js';

const document = createOpenApiDocument('1.2.3') as OpenApiDocument;
const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);
/** As the document says it: whatever security is asked for elsewhere, none is here. */
const OPEN = OPERATIONS.filter(({ operation }) => (operation as { security?: unknown[] }).security?.length === 0);
const CLOSED = OPERATIONS.filter((one) => !OPEN.includes(one));

const NOTHING: WebConfig = { tls: null, users: new Map(), tokenDigests: [], headers: {} };
const KINDS: Readonly<Record<string, WebConfig | null>> = {
  'users and passwords': { ...NOTHING, users: new Map([['alice', 'a hash']]) },
  'bearer tokens': { ...NOTHING, tokenDigests: [digestOf('t0ken')] },
  'client certificates': { ...NOTHING, tls: { clientAuthType: 'RequireAndVerifyClientCert', context: {} } },
  'headers of its own besides': {
    ...NOTHING,
    tokenDigests: [digestOf('t0ken')],
    headers: { 'Cache-Control': 'public, max-age=60' },
  },
  'a configuration that cannot be used': null,
};
const SHOWN: readonly Record<string, string>[] = [
  {},
  { authorization: 'Bearer t0ken' },
  { authorization: 'Bearer wrong' },
  { authorization: `Basic ${btoa('alice:sesame')}` },
  { authorization: `Basic ${btoa('alice:wrong')}` },
  { authorization: `Basic ${btoa('alice:busy')}` },
  { authorization: 'Basic ?' },
];
const passwords: AccessControl['passwords'] = {
  check: ({ password }) => Promise.resolve(password === 'sesame' ? 'right' : password === 'busy' ? 'busy' : 'wrong'),
};

function startWith(t: Test, config: WebConfig | null) {
  const access: AccessControl = { webConfig: { initial: config ?? NOTHING, current: () => config }, passwords };
  return startTestService(t, { service: SAMPLE_SERVICE, app: { access } });
}

const BODIES: Readonly<Record<string, unknown>> = {
  '/api/v1/alerts': ALERTMANAGER_NOTIFICATION,
  '/api/v1/pauses': { duration: '1h', reason: 'upgrade' },
};

/** Its status and what it says to caches. */
async function ask(url: string, method: string, path: string, headers: Readonly<Record<string, string>> = {}) {
  const asked = path
    .replace('{id}', KNOWN_ID)
    .replace('{name}', encodeURIComponent('word count/é'))
    .replace('{digest}', readPageFiles().digest)
    .replace('{file}', 'main.js');
  const body = method === 'POST' ? BODIES[path] : undefined;
  const response = await fetch(url + asked, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.body?.cancel();
  return { status: response.status, caching: response.headers.get('cache-control') };
}

t.equal(OPEN.length, 2, 'health and readiness');
t.ok(CLOSED.length > 15);

for (const [kind, config] of Object.entries(KINDS)) {
  await t.test(`with ${kind}, no answer but health and readiness may be stored`, async (t) => {
    const { url } = await startWith(t, config);
    const statuses = new Set<number>();
    for (const { method, path } of CLOSED) {
      for (const shown of SHOWN) {
        for (const asked of method === 'GET' ? ['GET', 'HEAD', 'PATCH'] : [method]) {
          const { status, caching } = await ask(url, asked, path, shown);
          statuses.add(status);
          t.equal(caching, 'no-store', `${asked} ${path} ${status} ${JSON.stringify(shown)}`);
        }
      }
    }
    t.equal((await ask(url, 'GET', '/nowhere')).caching, 'no-store');
    for (const { method, path } of OPEN) t.not((await ask(url, method, path)).caching, 'no-store', path);
    // Every such answer occurred.
    if (config === null) t.strictSame([...statuses], [500]);
    else t.ok(statuses.has(200) && statuses.has(202) && statuses.has(405), [...statuses].join());
    if (kind !== 'client certificates' && config !== null) t.ok(statuses.has(401));
  });
}

await t.test('without credentials only changing content must not be stored', async (t) => {
  for (const start of [() => startTestService(t, { service: SAMPLE_SERVICE }), () => startWith(t, NOTHING)]) {
    const { url } = await start();
    for (const { method, path } of OPERATIONS) {
      const { caching } = await ask(url, method, path);
      if (path === '/api/v1/events') t.equal(caching, 'no-store');
      else t.not(caching, 'no-store', `${method} ${path}`);
    }
  }
});
