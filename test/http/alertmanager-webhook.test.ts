import t from 'tap';
import fc from 'fast-check';
import { createLabelPattern } from '../../src/config/label-pattern.js';
import { parseAlertmanagerWebhook } from '../../src/http/alertmanager-webhook.js';
import { ALERTMANAGER_NOTIFICATION, GRAFANA_NOTIFICATION } from '../support/notifications.js';

const ALERT = {
  status: 'firing',
  labels: {
    alertname: 'DhalionUnderprovisioned',
    topology: 'wordcount',
    operator: 'split',
    diagnosis: 'underprovisioning',
  },
};

const SHIPPED_NAMES = createLabelPattern('Dhalion.+');

/** Accepted alerts and the reasons of the others. */
function parse(body: unknown) {
  const parsed = parseAlertmanagerWebhook(body, SHIPPED_NAMES);
  if (parsed.kind === 'fault') return parsed.because;
  return { alerts: parsed.alerts, ignored: Object.fromEntries(parsed.ignored) };
}

const reasonFor = (alert: unknown) => {
  const parsed = parse({ alerts: [alert] });
  return typeof parsed === 'string' ? parsed : (Object.keys(parsed.ignored)[0] ?? 'accepted');
};

await t.test('each alert of a notification has its own status, whatever the group has', (t) => {
  t.strictSame(parse(ALERTMANAGER_NOTIFICATION), {
    alerts: [
      {
        status: 'firing',
        topology: 'wordcount',
        operator: 'split',
        diagnosis: 'underprovisioning',
        fingerprint: 'b3f1c2d4e5a60718',
        startsAt: '2026-01-02T03:04:05.678Z',
      },
      {
        status: 'resolved',
        topology: 'wordcount',
        operator: 'count',
        diagnosis: 'overprovisioning',
        fingerprint: '00aa11bb22cc33dd',
        startsAt: '2026-01-02T02:00:00Z',
      },
    ],
    ignored: {},
  });
  t.end();
});

await t.test('Grafana’s dialect is understood', (t) => {
  const parsed = parse(GRAFANA_NOTIFICATION);
  t.match(parsed, {
    alerts: [{ status: 'firing', operator: 'split', diagnosis: 'slow_instances' }],
    ignored: {},
  });
  t.end();
});

await t.test('labels and status are all an alert needs, alerts all an envelope needs', (t) => {
  const { alertname: _name, ...ours } = ALERT.labels;
  t.strictSame(parse({ alerts: [ALERT] }), {
    alerts: [{ status: 'firing', ...ours, fingerprint: null, startsAt: null }],
    ignored: {},
  });
  t.strictSame(parse({ alerts: [] }), { alerts: [], ignored: {} });
  t.match(parse({ version: '99', status: 7, groupLabels: 'none', alerts: [ALERT] }), { alerts: [{}], ignored: {} });
  t.end();
});

await t.test('only a body without an envelope is a fault', (t) => {
  const notEnvelopes = [
    null,
    undefined,
    true,
    3,
    'alerts',
    [],
    [ALERT],
    {},
    { alerts: null },
    { alerts: { 0: ALERT } },
  ];
  for (const body of notEnvelopes)
    t.equal(parseAlertmanagerWebhook(body, SHIPPED_NAMES).kind, 'fault', JSON.stringify(body));
  t.match(parse({}), /alerts/);
  t.match(parse({ alerts: 'x' }), 'notification/alerts must be array');
  t.end();
});

await t.test('an alert that cannot be taken up is ignored for one reason, the others are taken up', (t) => {
  const { alertname, ...ours } = ALERT.labels;
  const { topology, operator, diagnosis } = ours;
  const cases: [unknown, string][] = [
    [ALERT, 'accepted'],
    [{ ...ALERT, labels: { ...ALERT.labels, extra: 7 } }, 'accepted'],
    [{ ...ALERT, endsAt: 12, annotations: null }, 'accepted'],
    [{ ...ALERT, startsAt: null, fingerprint: null }, 'accepted'],
    [{ ...ALERT, labels: {} }, 'not_ours'],
    [{ ...ALERT, labels: { operator, diagnosis } }, 'not_ours'],
    [{ ...ALERT, labels: { topology, diagnosis } }, 'not_ours'],
    [{ ...ALERT, labels: { topology, operator } }, 'not_ours'],
    [{ ...ALERT, labels: { ...ALERT.labels, topology: '' } }, 'not_ours'],
    [{ ...ALERT, labels: { ...ALERT.labels, diagnosis: 'flu' } }, 'unknown_diagnosis'],
    [{ ...ALERT, labels: { ...ALERT.labels, diagnosis: 'toString' } }, 'unknown_diagnosis'],
    [{ ...ALERT, labels: { ...ALERT.labels, topology: 7 } }, 'malformed'],
    [{ ...ALERT, labels: { ...ALERT.labels, topology: 'a\u0000b' } }, 'malformed'],
    [{ ...ALERT, labels: { ...ALERT.labels, topology: 'a\ud800' } }, 'malformed'],
    [{ ...ALERT, labels: { ...ALERT.labels, topology: '😀' } }, 'accepted'],
    [{ ...ALERT, labels: { ...ALERT.labels, topology: 'x'.repeat(1025) } }, 'accepted'],
    [{ ...ALERT, labels: { ...ALERT.labels, operator: 'x'.repeat(1_000_000) } }, 'accepted'],
    [{ ...ALERT, labels: ours }, 'other_alertname'],
    [{ ...ALERT, labels: { ...ours, alertname: '' } }, 'other_alertname'],
    [{ ...ALERT, labels: { ...ours, alertname: 'InfoInhibitor' } }, 'other_alertname'],
    [{ ...ALERT, labels: { ...ours, alertname: `My${alertname}` } }, 'other_alertname'],
    [{ ...ALERT, labels: { ...ours, alertname: 'InfoInhibitor', diagnosis: 'flu' } }, 'other_alertname'],
    [{ ...ALERT, labels: { alertname: 'Watchdog', severity: 'none' } }, 'not_ours'],
    [{ ...ALERT, labels: { ...ours, alertname: 7 } }, 'malformed'],
    [{ ...ALERT, labels: null }, 'malformed'],
    [{ ...ALERT, labels: [] }, 'malformed'],
    [{ ...ALERT, status: 'FIRING' }, 'malformed'],
    [{ labels: ALERT.labels }, 'malformed'],
    [{ status: 'firing' }, 'malformed'],
    [{ ...ALERT, startsAt: 'yesterday' }, 'malformed'],
    [{ ...ALERT, startsAt: 12 }, 'malformed'],
    [{ ...ALERT, fingerprint: {} }, 'malformed'],
    [null, 'malformed'],
    ['firing', 'malformed'],
    [[], 'malformed'],
  ];
  for (const [alert, reason] of cases) t.equal(reasonFor(alert), reason, JSON.stringify(alert));
  const mixed = parseAlertmanagerWebhook({ alerts: cases.map(([alert]) => alert) }, SHIPPED_NAMES);
  const accepted = cases.filter(([, reason]) => reason === 'accepted').length;
  t.equal(mixed.kind === 'notification' && mixed.alerts.length, accepted);
  t.end();
});

await t.test('each reason and name has one example, in words, and there are not more than a hundred', (t) => {
  const labelled = (labels: Record<string, unknown>, count = 1): unknown[] =>
    Array<unknown>(count).fill({ ...ALERT, labels: { ...ALERT.labels, ...labels } });
  const examplesOf = (alerts: readonly unknown[]) => {
    const parsed = parseAlertmanagerWebhook({ alerts }, SHIPPED_NAMES);
    return parsed.kind === 'notification' ? parsed.examples : [];
  };
  const examples = examplesOf([
    ...labelled({ alertname: 'InfoInhibitor' }, 3),
    ...labelled({ operator: 7 }),
    ...labelled({ operator: 'a\u0000' }, 2),
    ...labelled({ diagnosis: 'flu' }),
    { ...ALERT, labels: { alertname: 'Watchdog' } },
    7,
  ]);
  t.strictSame(examples, [
    {
      reason: 'other_alertname',
      alertname: 'InfoInhibitor',
      because: 'its name does not match alerts.alertname of the configuration',
    },
    { reason: 'malformed', alertname: 'DhalionUnderprovisioned', because: 'alert/labels/operator must be string' },
    {
      reason: 'unknown_diagnosis',
      alertname: 'DhalionUnderprovisioned',
      because: 'its label diagnosis is not one of underprovisioning, overprovisioning, slow_instances, data_skew',
    },
    {
      reason: 'not_ours',
      alertname: 'Watchdog',
      because: 'a label is missing: topology, operator or diagnosis',
    },
    { reason: 'malformed', alertname: '', because: 'alert must be object' },
  ]);
  t.match(examplesOf(labelled({ topology: '\u0000' })), [{ because: /^alert\/labels\/topology contains NUL/ }]);
  const many = Array.from({ length: 1000 }, (_, i) => labelled({ alertname: `Other${i}` })).flat();
  t.equal(examplesOf(many).length, 100);
  t.ok((examplesOf(labelled({ alertname: 'x'.repeat(5_000_000) }))[0]?.alertname.length ?? Infinity) <= 100);
  t.end();
});

await t.test('alerts the sender cut off are counted', (t) => {
  t.match(parse({ alerts: [ALERT], truncatedAlerts: 12 }), { ignored: { truncated: 12 } });
  for (const truncatedAlerts of [1_000_000, 1_000_001, Number.MAX_SAFE_INTEGER]) {
    t.match(
      parse({ alerts: [], truncatedAlerts }),
      { ignored: { truncated: 1_000_000 } },
      'from a sender with a false number',
    );
  }
  for (const truncatedAlerts of [0, -1, 0.5, '3', null, 1e308, Infinity]) {
    t.strictSame(parse({ alerts: [], truncatedAlerts }), { alerts: [], ignored: {} });
  }
  t.end();
});

await t.test('every alert is either accepted or ignored', (t) => {
  const almost = fc.record(
    {
      status: fc.oneof(fc.constantFrom('firing', 'resolved'), fc.jsonValue()),
      labels: fc.oneof(
        fc.dictionary(fc.constantFrom('topology', 'operator', 'diagnosis'), fc.string()),
        fc.jsonValue(),
      ),
      startsAt: fc.oneof(fc.constant('2026-01-02T03:04:05Z'), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(almost, fc.jsonValue(), fc.constant(ALERT))), (alerts) => {
      const parsed = parseAlertmanagerWebhook({ alerts }, SHIPPED_NAMES);
      if (parsed.kind === 'fault') return false;
      const ignored = [...parsed.ignored.values()].reduce((sum, count) => sum + count, 0);
      return parsed.alerts.length + ignored === alerts.length;
    }),
    { numRuns: 2000 },
  );
  t.end();
});
