import fc from 'fast-check';
import t from 'tap';
import { flinkUrlOf } from '../../../src/webhooks/flink/flink-url.js';
import { anyString } from '../../support/any-string.js';
import { HOSTILE_LABELS } from '../../support/hostile-labels.js';

const URL_OF_APP = 'http://{{ labels.app }}-rest.{{ labels.namespace }}.svc:8081';
const ALLOWED = ['*.flink.svc', 'one-rest.other.svc'];
const built = (
  labels: Readonly<Record<string, unknown>>,
  url = URL_OF_APP,
  allowedHosts: readonly string[] = ALLOWED,
) => flinkUrlOf({ url, allowedHosts }, labels);

void t.test('a host with labels must match a whole pattern', (t) => {
  t.strictSame(built({ app: 'wordcount', namespace: 'flink' }), { url: 'http://wordcount-rest.flink.svc:8081' });
  t.strictSame(built({ app: 'one', namespace: 'other' }), { url: 'http://one-rest.other.svc:8081' });
  const longest = 'a'.repeat(63 - '-rest'.length);
  t.strictSame(built({ app: longest, namespace: 'flink' }), { url: `http://${longest}-rest.flink.svc:8081` });
  t.strictSame(built({ app: 'a' }, 'HTTPS://{{labels.app}}.Flink.svc/path'), { url: 'HTTPS://a.flink.svc/path' });
  t.strictSame(built({ n: '2' }, 'http://127.0.0.{{ labels.n }}:1', ['127.0.0.2']), { url: 'http://127.0.0.2:1' });
  t.strictSame(
    flinkUrlOf({ url: 'http://fixed:8081' }, {}),
    { url: 'http://fixed:8081' },
    'a URL without labels is unchanged',
  );
  t.end();
});

void t.test('a host that matches no pattern, or only a part of one, is refused', (t) => {
  for (const labels of [
    { app: 'wordcount', namespace: 'other' },
    { app: 'two', namespace: 'other' },
    { app: 'one', namespace: 'flink-other' },
  ]) {
    t.match(built(labels), { failure: /is not in allowed_hosts/ }, JSON.stringify(labels));
  }
  const bare = 'http://{{ labels.app }}.svc';
  t.match(
    built({ app: 'flink' }, bare, ['*.flink.svc']),
    { failure: /not in allowed_hosts/ },
    'a part must not be missing',
  );
  t.match(
    built({ app: 'a' }, 'http://{{ labels.app }}.b.flink.svc', ['*.flink.svc']),
    { failure: /not in/ },
    'nor have two values',
  );
  t.match(flinkUrlOf({ url: URL_OF_APP }, { app: 'a', namespace: 'flink' }), { failure: /not in/ }, 'without patterns');
  t.end();
});

void t.test('a label value that is not a DNS label never becomes part of a host', (t) => {
  for (const [what, value] of Object.entries(HOSTILE_LABELS)) {
    // As a whole part, with every value allowed.
    for (const url of [
      'http://{{ labels.app }}.flink.svc',
      'http://flink.{{ labels.app }}',
      'http://{{ labels.app }}',
    ]) {
      const all = ['*.flink.svc', 'evil', 'evil.example', 'flink.evil', '*.evil', '*.example', '*.*'];
      t.match(
        built({ app: value }, url, all),
        { failure: /^label app is not a valid part of a host name/ },
        `${what}: ${url}`,
      );
    }
  }
  t.match(built({ app: 'a' }, 'http://{{ labels.app }}-', ['*']), { failure: /is not a valid host name/ });
  t.match(
    built({ app: 'a'.repeat(60), namespace: 'flink' }),
    { failure: /is not a valid host name/ },
    'a part of 65 characters',
  );
  const long = 'http://{{ labels.a }}.{{ labels.a }}.{{ labels.a }}.{{ labels.a }}';
  t.match(
    built({ a: 'a'.repeat(63) }, long, ['*.*.*.*']),
    { failure: /is not a valid host name/ },
    'of 255 characters',
  );
  t.match(built({ app: '127', namespace: '1' }, 'http://{{ labels.app }}.{{ labels.namespace }}', ['*.1']), {
    failure: /is not a valid host name/,
  });
  t.end();
});

void t.test('a label that some or all series lack is reported by its name', (t) => {
  t.match(built({ app: 'a' }), { failure: /no label namespace, or different values of it/ });
  t.match(built({ app: 'a', namespace: 7 }), { failure: /no label namespace/ });
  t.match(built({}, 'http://{{ labels.constructor }}.flink.svc'), { failure: /no label constructor/ });
  t.end();
});

void t.test('for all labels, the host is an allowed one', (t) => {
  const anything = fc.oneof(anyString(), fc.domain(), fc.webUrl(), fc.constantFrom(...Object.values(HOSTILE_LABELS)));
  const property = fc.property(anything, anything, (app, namespace) => {
    const result = built({ app, namespace });
    if (!('url' in result)) return true;
    const { hostname, port, username, protocol } = new URL(result.url);
    const isAllowed = /^[a-z0-9-]+\.flink\.svc$/.test(hostname) || hostname === 'one-rest.other.svc';
    return isAllowed && port === '8081' && username === '' && protocol === 'http:';
  });
  fc.assert(property, { numRuns: 2000 });
  t.end();
});
