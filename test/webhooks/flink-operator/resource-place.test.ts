import fc from 'fast-check';
import t from 'tap';
import { placeInUrl, placeOf, urlOfPlace } from '../../../src/webhooks/flink-operator/resource-place.js';
import { anyString } from '../../support/any-string.js';
import { HOSTILE_LABELS } from '../../support/hostile-labels.js';

const API = 'https://kubernetes.default.svc';
const SETTINGS = { resource: 'flinkdeployments', namespaceLabel: 'namespace', nameLabel: 'app' } as const;
const place = (labels: Readonly<Record<string, unknown>>) => placeOf(SETTINGS, labels);

void t.test('namespace and name come from the configured labels', (t) => {
  const own = { resource: 'flinksessionjobs', namespaceLabel: 'kubernetes_namespace', nameLabel: 'flink_job' } as const;
  const found = placeOf(own, { kubernetes_namespace: 'prod', flink_job: 'clicks-1', namespace: 'other', app: 'other' });
  t.strictSame(found, { resource: 'flinksessionjobs', namespace: 'prod', name: 'clicks-1' });
  const url = `${API}/apis/flink.apache.org/v1beta1/namespaces/prod/flinksessionjobs/clicks-1`;
  if ('failure' in found) throw new Error(found.failure);
  t.equal(urlOfPlace(API, found), url);
  t.strictSame(placeInUrl(url), { ...found, api: API }, 'and the request in the action log gives the same place');
  t.strictSame(place({ namespace: 'a'.repeat(63), app: '1' }), {
    resource: 'flinkdeployments',
    namespace: 'a'.repeat(63),
    name: '1',
  });
  t.end();
});

void t.test('a label value that is not a DNS label never becomes part of a path', (t) => {
  for (const [what, value] of Object.entries(HOSTILE_LABELS)) {
    t.match(place({ namespace: value, app: 'a' }), { failure: /^label namespace is not a valid namespace/ }, what);
    t.match(place({ namespace: 'a', app: value }), { failure: /^label app is not a valid name/ }, what);
  }
  t.end();
});

void t.test('a label that some or all series lack is reported by its name', (t) => {
  t.match(place({ app: 'a' }), { failure: /^the series have no label namespace, or different values of it/ });
  t.match(place({ namespace: 'a', app: 7 }), { failure: /no label app/ });
  const inherited = { ...SETTINGS, nameLabel: 'constructor' };
  t.match(placeOf(inherited, { namespace: 'a' }), { failure: /no label constructor/ });
  t.end();
});

void t.test('for all labels, the path is that of one resource of this kind', (t) => {
  const anything = fc.oneof(
    anyString(),
    fc.domain(),
    fc.webPath(),
    { weight: 4, arbitrary: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/) },
    fc.constantFrom(...Object.values(HOSTILE_LABELS)),
  );
  let reached = 0;
  const property = fc.property(anything, anything, (namespace, app) => {
    const found = place({ namespace, app });
    if ('failure' in found) return true;
    reached += 1;
    const url = new URL(urlOfPlace(API, found));
    const [, group, ...rest] = url.pathname.split('/apis/flink.apache.org/v1beta1/');
    return (
      url.origin === API &&
      url.search === '' &&
      url.hash === '' &&
      rest.length === 0 &&
      group === `namespaces/${namespace}/flinkdeployments/${app}` &&
      group.split('/').length === 4
    );
  });
  fc.assert(property, { numRuns: 5000 });
  t.ok(reached > 50, 'and some labels are valid');
  t.end();
});

void t.test('a request of another type has no resource', (t) => {
  for (const url of [
    '',
    'http://127.0.0.1:8081',
    `${API}/apis/apps/v1/namespaces/a/deployments/b`,
    `${API}/apis/flink.apache.org/v1beta1/namespaces/a/flinkdeployments/b/status`,
  ]) {
    t.equal(placeInUrl(url), null, url);
  }
  t.end();
});
