import t from 'tap';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { DhalionError } from '../../src/errors.js';
import { anyString } from '../support/any-string.js';
import { postAlerts, startTestService } from '../support/http-service.js';
import { ALERTMANAGER_NOTIFICATION, GRAFANA_NOTIFICATION } from '../support/notifications.js';

const OK = { status: 'success', data: { accepted: 2, ignored: 0 } };

await t.test('a notification is accepted once its alerts are durable', async (t) => {
  let commit: () => void = () => undefined;
  const committed = new Promise<void>((resolve) => (commit = resolve));
  const { url, recorded } = await startTestService(t, { service: { acceptAlerts: () => committed } });
  let isAnswered = false;
  const answer = postAlerts(url, ALERTMANAGER_NOTIFICATION).finally(() => (isAnswered = true));
  await fetch(`${url}/-/healthy`);
  await fetch(`${url}/-/healthy`);
  t.equal(isAnswered, false);
  t.strictSame(recorded, []);
  commit();
  t.match(await answer, { status: 202, answer: OK });
  t.match(recorded, [{ accepted: [{ status: 'firing' }, { status: 'resolved' }] }]);
});

await t.test('Grafana’s notifications are accepted too', async (t) => {
  const { url, accepted } = await startTestService(t);
  const { status, answer } = await postAlerts(url, GRAFANA_NOTIFICATION);
  t.strictSame([status, answer], [202, { status: 'success', data: { accepted: 1, ignored: 0 } }]);
  t.match(accepted, [{ topology: 'wordcount', operator: 'split', diagnosis: 'slow_instances', status: 'firing' }]);
});

await t.test(
  'alerts that are not ours are ignored and counted, not refused; the log is not troubled for them',
  async (t) => {
    const { url, recorded, logLines } = await startTestService(t, {
      service: { acceptAlerts: () => Promise.reject(new Error('called for nothing')) },
    });
    const alerts = [
      { status: 'firing', labels: { alertname: 'Watchdog' } },
      {},
      { status: 'firing', labels: { a: 'b' } },
    ];
    const { status, answer } = await postAlerts(url, { alerts, truncatedAlerts: 4 });
    t.strictSame([status, answer], [202, { status: 'success', data: { accepted: 0, ignored: 3 } }]);
    t.strictSame(
      recorded.map(({ ignored }) => Object.fromEntries(ignored)),
      [{ not_ours: 2, malformed: 1, truncated: 4 }],
    );
    t.match(logLines[0], { level: 'warn', truncated: 4 });
  },
);

await t.test('ignored alerts are logged once per reason and name, for a thousand of them', async (t) => {
  const { url, logLines } = await startTestService(t);
  const [alert] = ALERTMANAGER_NOTIFICATION.alerts;
  const named = (alertname: string): unknown => ({ ...alert, labels: { ...alert?.labels, alertname } });
  const warnings = (): unknown[] => logLines.filter(({ level }) => level === 'warn');
  await postAlerts(url, { alerts: [named('InfoInhibitor'), named('InfoInhibitor'), { labels: 7 }] });
  await postAlerts(url, { alerts: [named('InfoInhibitor')] });
  t.match(warnings(), [
    {
      alertname: 'InfoInhibitor',
      reason: 'other_alertname',
      because: /alerts\.alertname/,
      msg: /ignored an alert/,
    },
    { alertname: '', reason: 'malformed', because: /status/ },
  ]);
  t.equal(warnings().length, 2);
  for (let i = 0; i < 20; i += 1) {
    await postAlerts(url, { alerts: Array.from({ length: 100 }, (_, k) => named(`Invented${100 * i + k}`)) });
  }
  t.equal(warnings().length, 1001);
  t.match(warnings().at(-1), { msg: /only counted/ });
});

await t.test('operator names of any length are accepted', async (t) => {
  const { url, accepted } = await startTestService(t);
  const [alert] = ALERTMANAGER_NOTIFICATION.alerts;
  const operator = `Calc(select=[${'CAST(order_id AS BIGINT) AS id, '.repeat(30_000)}])`;
  const { status } = await postAlerts(url, { alerts: [{ ...alert, labels: { ...alert?.labels, operator } }] });
  t.equal(status, 202);
  t.equal(accepted[0]?.operator, operator);
});

await t.test('alerts that cannot be stored are 503 and not counted', async (t) => {
  const { url, recorded } = await startTestService(t, {
    service: { acceptAlerts: () => Promise.reject(new DhalionError('storage_unavailable', 'disk full')) },
  });
  const { status, answer, response } = await postAlerts(url, ALERTMANAGER_NOTIFICATION);
  t.equal(status, 503);
  t.equal(response.headers.get('retry-after'), '10');
  t.strictSame(answer, { status: 'error', errorType: 'unavailable', error: 'disk full' });
  t.strictSame(recorded, []);
});

await t.test('a body without an envelope is 400, and the answer has the reason', async (t) => {
  const { url } = await startTestService(t);
  const cases: [string | Uint8Array, RegExp][] = [
    ['{}', /'alerts'/],
    ['{"alerts":{}}', /alerts must be array/],
    ['[]', /must be object/],
    ['', /empty/],
    ['{"alerts":[', /not valid JSON/],
    ['alerts=1', /not valid JSON/],
    [Uint8Array.of(0x22, 0xff, 0x22), /UTF-8/],
    ['['.repeat(200_000), /not valid JSON/],
  ];
  for (const [body, error] of cases) {
    const { status, answer } = await postAlerts(url, body);
    t.equal(status, 400);
    t.match(answer, { status: 'error', errorType: 'bad_data', error });
  }
});

await t.test('the content type must be JSON, in any charset', async (t) => {
  const { url } = await startTestService(t);
  const statusFor = async (type: string): Promise<number> =>
    (await postAlerts(url, ALERTMANAGER_NOTIFICATION, { 'content-type': type })).status;
  for (const type of ['application/json', 'Application/JSON;charset=UTF-8', 'application/json ; charset=latin1']) {
    t.equal(await statusFor(type), 202, type);
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'application/xml']) {
    t.equal(await statusFor(type), 415, type);
  }
  const bytes = new TextEncoder().encode('{"alerts":[]}');
  const untyped = await fetch(`${url}/api/v1/alerts`, { method: 'POST', body: bytes });
  t.equal(untyped.status, 415);
  t.match(await untyped.json(), { errorType: 'unsupported_media_type', error: /no content type/ });
});

await t.test('the limit applies to the sent and to the decompressed size', async (t) => {
  const { url } = await startTestService(t, { app: { maxBodyBytes: 20_000 } });
  const padded = (length: number): string =>
    JSON.stringify({ ...ALERTMANAGER_NOTIFICATION, padding: 'x'.repeat(length) });
  const gzip = { 'content-encoding': 'gzip' };
  t.equal((await postAlerts(url, padded(15_000))).status, 202);
  t.match(await postAlerts(url, padded(20_000)), { status: 413, answer: { errorType: 'too_large' } });
  t.match(await postAlerts(url, gzipSync(padded(15_000)), gzip), { status: 202, answer: OK });
  t.equal((await postAlerts(url, gzipSync(padded(5_000_000)), gzip)).status, 413);
  t.equal((await postAlerts(url, 'not gzip', gzip)).status, 400);
  t.equal((await postAlerts(url, '{}', { 'content-encoding': 'lzma' })).status, 415);
});

await t.test('a group of thousands of alerts, beyond what express takes unasked, is accepted', async (t) => {
  const { url, accepted } = await startTestService(t);
  const [alert] = ALERTMANAGER_NOTIFICATION.alerts;
  const alerts = Array.from({ length: 10_000 }, (_, i) => ({ ...alert, fingerprint: String(i) }));
  const { status, answer } = await postAlerts(url, { alerts });
  t.strictSame([status, answer], [202, { status: 'success', data: { accepted: 10_000, ignored: 0 } }]);
  t.equal(accepted.length, 10_000);
});

await t.test('notifications that arrive together are all accepted', async (t) => {
  const { url, accepted } = await startTestService(t);
  const answers = await Promise.all(Array.from({ length: 50 }, () => postAlerts(url, ALERTMANAGER_NOTIFICATION)));
  t.ok(answers.every(({ status }) => status === 202));
  t.equal(accepted.length, 100);
});

await t.test('each refused notification is counted by its status, an accepted one is not', async (t) => {
  let isDurable = true;
  const { url, refused, recorded } = await startTestService(t, {
    app: { maxBodyBytes: 5000 },
    service: {
      acceptAlerts: () =>
        isDurable ? Promise.resolve() : Promise.reject(new DhalionError('storage_unavailable', 'disk full')),
    },
  });
  await postAlerts(url, ALERTMANAGER_NOTIFICATION);
  t.strictSame(refused, []);
  await postAlerts(url, {});
  await postAlerts(url, '{');
  await postAlerts(url, ALERTMANAGER_NOTIFICATION, { 'content-type': 'text/plain' });
  await postAlerts(url, { alerts: [], padding: 'x'.repeat(5000) });
  await postAlerts(url, ALERTMANAGER_NOTIFICATION, { origin: 'http://elsewhere.example' });
  isDurable = false;
  await postAlerts(url, ALERTMANAGER_NOTIFICATION);
  await fetch(`${url}/api/v1/alerts`);
  await fetch(`${url}/api/v1/pauses`, { method: 'POST' });
  t.strictSame(refused, [400, 400, 415, 413, 403, 503]);
  t.equal(recorded.length, 1);
});

await t.test('no mutation of a notification makes the service fail', async (t) => {
  const { url, recorded } = await startTestService(t);
  const notification = JSON.stringify(ALERTMANAGER_NOTIFICATION);
  const position = fc.nat(notification.length - 1);
  const replaced = fc
    .tuple(position, fc.nat(40), anyString({ maxLength: 10 }))
    .map(([start, length, text]) => notification.slice(0, start) + text + notification.slice(start + length));
  const bytes = fc.uint8Array({ maxLength: 200 });
  const json = fc.json();
  const alerts = fc.array(fc.jsonValue()).map((alerts) => JSON.stringify({ ...ALERTMANAGER_NOTIFICATION, alerts }));
  const retyped = fc
    .tuple(fc.constantFrom('status', 'labels', 'startsAt', 'fingerprint', '__proto__', 'constructor'), fc.jsonValue())
    .map(
      ([key, value]) =>
        `{"alerts":[${JSON.stringify(ALERTMANAGER_NOTIFICATION.alerts[0]).slice(0, -1)},"${key}":${JSON.stringify(value)}}]}`,
    );
  await fc.assert(
    fc.asyncProperty(fc.oneof(replaced, bytes, json, alerts, retyped), async (body) => {
      const { status } = await postAlerts(url, body);
      return status === 202 || status === 400;
    }),
    { numRuns: 2000 },
  );
  t.ok(recorded.length > 200, `${recorded.length} were accepted, so that not all failed at the door`);
});

await t.test('a sender’s fault is logged once, until a notification is accepted', async (t) => {
  const { url, logLines } = await startTestService(t);
  const told = (): unknown[] => logLines.flatMap(({ msg, error }) => (msg === 'refused a notification' ? [error] : []));
  for (const body of ['{"alerts":[', 'not JSON', '{}', '[]']) await postAlerts(url, body);
  await postAlerts(url, '{}', { 'content-type': 'text/plain' });
  t.match(told(), [/^the body is not valid JSON in UTF-8: /, /'alerts'/, /not content type 'text\/plain'/]);
  t.equal(told().length, 3);
  await postAlerts(url, ALERTMANAGER_NOTIFICATION);
  await postAlerts(url, 'not JSON');
  t.equal(told().length, 4);
});
