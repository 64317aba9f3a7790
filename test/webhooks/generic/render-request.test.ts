import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { DhalionError } from '../../../src/errors.js';
import { renderRequest, type RequestSettings } from '../../../src/webhooks/generic/render-request.js';
import { webhookBodyOf } from '../../../src/webhooks/webhook-body.js';
import { sampleFacts, sampleWebhook, type FactsChanges } from '../../support/webhook-samples.js';

const ANY_TEXT = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points));
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

function render(webhook: Partial<RequestSettings>, facts: FactsChanges = {}) {
  return renderRequest(sampleWebhook(webhook), webhookBodyOf(sampleFacts(facts)));
}

await t.test('without templates the body is the JSON document', (t) => {
  t.strictSame(render({ method: 'PUT' }), {
    url: 'http://127.0.0.1:8080/scale',
    method: 'PUT',
    contentType: 'application/json',
    body: JSON.stringify(webhookBodyOf(sampleFacts())),
  });
  t.equal(
    render({ headers: { 'Content-Type': 'application/vnd.acme+json' } }).contentType,
    'application/vnd.acme+json',
  );
  t.end();
});

await t.test('a Kubernetes scale subresource is patched', (t) => {
  const request = render(
    {
      url: 'https://kubernetes.default.svc/apis/apps/v1/namespaces/{{ labels.namespace }}/deployments/{{ operator }}/scale?fieldManager=dhalion',
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: '{"spec":{"replicas":{{desired_parallelism}}}}',
    },
    { labels: { namespace: 'streams' } },
  );
  t.strictSame(request, {
    url: 'https://kubernetes.default.svc/apis/apps/v1/namespaces/streams/deployments/split/scale?fieldManager=dhalion',
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: '{"spec":{"replicas":4}}',
  });
  t.end();
});

await t.test("Heron's form is filled in with encoded values", (t) => {
  const body = 'component_parallelism={{operator}}:{{desired_parallelism}}';
  t.equal(render({ headers: FORM, body }).body, 'component_parallelism=split:4');
  const rendered = render({ headers: FORM, body }, { operator: 'split&x=1 é:%' }).body;
  t.strictSame([...new URLSearchParams(rendered)], [['component_parallelism', 'split&x=1 é:%:4']]);
  t.equal(render({ headers: FORM, body: 'c={{operator | url_encode}}' }, { operator: 'a&b' }).body, 'c=a%26b');
  t.end();
});

await t.test('a value inside a JSON string cannot end it', (t) => {
  const template =
    '{"name":"{{operator}}","to":{{desired_parallelism}},"labels":{{labels | json}},"at":{{operator_instances | json}},"reverts":{{reverts | json}}}';
  fc.assert(
    fc.property(ANY_TEXT, fc.dictionary(fc.string(), fc.string()), (operator, labels) => {
      const body = render({ body: template }, { operator, labels, operatorInstances: ['0', operator] }).body;
      return isDeepStrictEqual(JSON.parse(body), {
        name: operator,
        to: 4,
        labels: JSON.parse(JSON.stringify(labels)) as unknown,
        at: ['0', operator],
        reverts: null,
      });
    }),
  );
  t.end();
});

await t.test('values in a body of another content type are unchanged', (t) => {
  const headers = { 'content-type': 'text/plain' };
  t.equal(
    render({ headers, body: '{{operator}} <- {{desired_parallelism}}\n' }, { operator: 'a"b&c' }).body,
    'a"b&c <- 4\n',
  );
  t.end();
});

await t.test('a template can test an optional value', (t) => {
  const body = '{"j":"{% if labels.job %}{{labels.job}}{% else %}none{% endif %}","d":"{{labels.dc | default: "eu"}}"}';
  t.equal(render({ body }).body, '{"j":"none","d":"eu"}');
  t.equal(render({ body }, { labels: { job: 'x', dc: 'us' } }).body, '{"j":"x","d":"us"}');
  t.equal(render({ body: '{"s":{{reason.suspended_ratio | default: 0}}}' }).body, '{"s":0.5}');
  t.end();
});

await t.test('a template fault names the webhook, the template and the position', (t) => {
  const nulls = { reason: { suspendedRatio: null, pendingPackets: null, processingRate: null } };
  const table: [Partial<RequestSettings>, RegExp, FactsChanges?][] = [
    [{ body: '{"a":\n  {{ desired }}}' }, /^webhook scaler: body, line 2, column 6: undefined variable: desired$/],
    [{ body: '{{ labels.nope }}' }, /line 1, column 4: undefined variable: labels.nope$/],
    [{ body: '{{ constructor }}' }, /undefined variable: constructor/],
    [{ body: '{{ labels.constructor }}' }, /undefined variable: labels.constructor/],
    [{ body: '{{ operator | upper }}' }, /undefined filter: upper/],
    [{ body: '{{ operator | raw }}' }, /the filter raw is not available/],
    [{ body: '{% if operator %}' }, /not closed/],
    [{ body: '{{ operator' }, /not closed/],
    [{ body: '{% include "/etc/passwd" %}' }, /the tag include is not available/],
    [{ body: '{% render "/etc/passwd" %}' }, /the tag render is not available/],
    [{ body: '{% layout "/etc/passwd" %}' }, /the tag layout is not available/],
    [{ body: '{{ labels }}' }, /is a list or an object/],
    [{ body: '{{ operator_instances }}' }, /is a list or an object/],
    [{ body: '{"s":{{ reason.suspended_ratio }}}' }, /body, line 1, column 6: the value is null/, nulls],
    [{ body: '{{ reason.suspended_ratio }}', headers: { 'content-type': 'text/plain' } }, /the value is null/, nulls],
    [{ body: '{"operator":{{ operator }}}' }, /body: result is not JSON/],
    [{ body: '{% for i in (1..100000000) %}{{ i }}{% endfor %}' }, /limit exceeded/],
    [{ url: 'http://h/\n{{ nope }}' }, /^webhook scaler: url, line 2, column 4: undefined variable: nope$/],
    [{ url: 'http://h/{{ reverts }}' }, /url, line 1, column 10: the value is null/],
    [{ url: 'http://h/{{ labels.x }}/y' }, /the value is empty/, { labels: { x: '' } }],
    [{ url: 'http://h/{{ operator | raw }}' }, /the filter raw is not available/],
    [{ url: 'http://h/{% capture x %}a{% endcapture %}' }, /the tag capture is not available/],
  ];
  for (const [webhook, message, facts] of table) {
    t.throws(() => render(webhook, facts), { code: 'config_invalid', message }, JSON.stringify(webhook));
  }
  t.end();
});

await t.test('scheme, credentials and host are never templated', (t) => {
  const urls = [
    '{{ labels.url }}',
    '{{ labels.scheme }}://h/',
    'http://{{ operator }}/scale',
    'http://h{{ operator }}/scale',
    'http://h:80{{ desired_parallelism }}/scale',
    'http://h.example{% if operator %}.evil.example{% endif %}/scale',
    'http://user:{{ operator }}@h/',
    'http://user:secret@h/',
    'http://h\\@evil/',
    'ftp://h/',
    '//h/',
    'http:///x',
    'h/scale',
    '',
  ];
  for (const url of urls) {
    t.throws(() => render({ url }), { code: 'config_invalid', message: /^webhook scaler: url/ }, url);
  }
  t.end();
});

await t.test('values in path and query are percent-encoded', (t) => {
  const url =
    'http://h:8080/p%20q/{{ topology }}/{{ operator | upcase }}?t={{ topology }}&d={{ desired_parallelism }}&e={{ topology | url_encode }}';
  t.equal(
    render({ url }, { topology: 'a/b?c#d&e=f g' }).url,
    'http://h:8080/p%20q/a%2Fb%3Fc%23d%26e%3Df%20g/SPLIT?t=a%2Fb%3Fc%23d%26e%3Df%20g&d=4&e=a%2Fb%3Fc%23d%26e%3Df%20g',
  );
  t.end();
});

await t.test('a value that the URL parser reads as a parent folder is refused', (t) => {
  for (const topology of ['.', '..', '%2e%2E']) {
    const settings = { url: 'http://h/a/{{ topology }}/scale' };
    if (topology.startsWith('%')) t.equal(render(settings, { topology }).url, 'http://h/a/%252e%252E/scale');
    else t.throws(() => render(settings, { topology }), { code: 'config_invalid', message: /would change the path/ });
  }
  t.throws(() => render({ url: 'http://h/a/{{ topology }}./scale' }, { topology: '.' }), { code: 'config_invalid' });
  t.end();
});

await t.test('no value changes scheme, host, or the number of path segments and query parameters', (t) => {
  const url =
    'https://api.example:8443/v1/{{ topology }}/{{ operator }}.{{ labels.x }}/scale?a={{ labels.x }}&b={{ topology }}';
  const tricky = fc.oneof(
    ANY_TEXT,
    fc.string({
      unit: fc.constantFrom(
        '/',
        '\\',
        '.',
        '..',
        '%2e',
        '%',
        '?',
        '#',
        '&',
        '=',
        '@',
        ':',
        ' ',
        '\n',
        '\t',
        '{{',
        '}}',
        '+',
        'a',
      ),
    }),
  );
  let rendered = 0;
  fc.assert(
    fc.property(tricky, tricky, tricky, (topology, operator, x) => {
      let href: string;
      try {
        href = render({ url }, { topology, operator, labels: { x } }).url;
      } catch (error) {
        return error instanceof DhalionError && error.code === 'config_invalid';
      }
      rendered += 1;
      const parsed = new URL(href);
      const segments = parsed.pathname.split('/');
      return (
        parsed.origin === 'https://api.example:8443' &&
        parsed.username === '' &&
        parsed.hash === '' &&
        segments.length === 5 &&
        decodeURIComponent(segments[2] ?? '') === topology &&
        decodeURIComponent(segments[3] ?? '') === `${operator}.${x}` &&
        parsed.searchParams.size === 2 &&
        parsed.searchParams.get('a') === x &&
        parsed.searchParams.get('b') === topology
      );
    }),
    { numRuns: 1000 },
  );
  t.ok(rendered > 300, 'most values are possible');
  t.end();
});
