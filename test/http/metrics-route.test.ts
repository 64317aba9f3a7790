import t from 'tap';
import { gunzipSync } from 'node:zlib';
import { createMetricsText } from '../../src/metrics/metrics-text.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { operatorEvaluation, topologyEvaluation } from '../support/evaluations.js';
import { parseExposition, promtoolComplaints, valuesOf } from '../support/exposition.js';
import { scrapeOf } from '../support/scrapes.js';
import type { TopologyEvaluation } from '../../src/model/evaluation.js';
import { startTestService } from '../support/http-service.js';
import { rawGet } from '../support/raw-get.js';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

await t.test('the content type is the text format’s, whatever is asked for', async (t) => {
  const { url } = await startTestService(t);
  for (const accept of ['*/*', 'application/openmetrics-text; version=1.0.0', 'image/png', '']) {
    const { headers, body } = await rawGet(`${url}/metrics`, { accept });
    t.equal(headers['content-type'], CONTENT_TYPE, accept);
    t.equal(headers['etag'], undefined);
    t.match(body.toString(), /^x 1$/m);
  }
});

await t.test('a scrape is compressed for those who take gzip, and only for them', async (t) => {
  const { url } = await startTestService(t);
  const plain = await rawGet(`${url}/metrics`, { 'accept-encoding': 'identity' });
  t.equal(plain.headers['content-encoding'], undefined);
  const refused = await rawGet(`${url}/metrics`, { 'accept-encoding': 'gzip;q=0' });
  t.same(refused.body, plain.body);
  const compressed = await rawGet(`${url}/metrics`, { 'accept-encoding': 'gzip' });
  t.equal(compressed.headers['content-encoding'], 'gzip');
  t.equal(compressed.headers['content-type'], CONTENT_TYPE);
  t.equal(compressed.headers['vary'], 'Accept-Encoding');
  t.same(gunzipSync(compressed.body), plain.body);
  const head = await rawGet(`${url}/metrics`, {}, 'HEAD');
  t.equal(head.body.length, 0);
  t.equal(head.headers['content-length'], String(plain.body.length));
});

await t.test('concurrent scrapes agree, and promtool has no complaint about them', async (t) => {
  const metrics = createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' });
  const name = 'w"\\\n☃';
  const evaluations = [topologyEvaluation(name, [operatorEvaluation('split')])];
  const snapshot = { evaluations, openActions: [], lastActions: [], blacklist: [] };
  const metricsText = createMetricsText(metrics);
  const { url } = await startTestService(t, { service: { metricsText: () => metricsText(snapshot) } });
  const scrapes = await Promise.all(Array.from({ length: 8 }, async () => (await fetch(`${url}/metrics`)).text()));
  const own = scrapes.map((text) => text.split('\n').filter((line) => line.startsWith('dhalion_')));
  for (const lines of own) t.strictSame(lines, own[0]);
  t.equal(await promtoolComplaints(scrapes[0] ?? ''), '');
  t.strictSame(valuesOf(parseExposition(scrapes[0] ?? ''), 'dhalion_operator_parallelism', { topology: name }), [2]);
});

await t.test('an evaluation is rendered once for all its scrapes, and the next one is rendered again', async (t) => {
  const metrics = createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' });
  const metricsText = createMetricsText(metrics);
  let looks = 0;
  const evaluate = (): readonly TopologyEvaluation[] => {
    const evaluation = topologyEvaluation('wordcount', []);
    const operators = [operatorEvaluation('split')];
    const get = (): typeof operators => {
      looks += 1;
      return operators;
    };
    return [Object.defineProperty(evaluation, 'operators', { get })];
  };
  const log = { openActions: [], lastActions: [], blacklist: [] };
  let evaluations = evaluate();
  const { url } = await startTestService(t, { service: { metricsText: () => metricsText({ evaluations, ...log }) } });
  const scrape = (encoding: string) => rawGet(`${url}/metrics`, { 'accept-encoding': encoding });
  await Promise.all(['gzip', 'identity', 'gzip', 'identity', 'gzip'].map(scrape));
  await scrape('gzip');
  t.equal(looks, 1);
  metrics.recordTopologies(['wordcount'], Date.now());
  metrics.recordHold('wordcount', 'cooldown');
  const { body } = await scrape('gzip');
  t.equal(looks, 1, 'values that change without an evaluation are current');
  const series = parseExposition(gunzipSync(body).toString());
  t.strictSame(valuesOf(series, 'dhalion_holds_total', { topology: 'wordcount' }), [1]);
  t.strictSame(valuesOf(series, 'dhalion_operator_parallelism', { topology: 'wordcount' }), [2]);
  evaluations = evaluate();
  await scrape('gzip');
  t.equal(looks, 2);
});

await t.test('a scraper that disconnects during a large answer is not a fault', async (t) => {
  const text = `# HELP x y\n# TYPE x gauge\n${'x{l="1"} 1\n'.repeat(1_000_000)}`;
  const { url, logLines } = await startTestService(t, {
    service: { metricsText: () => Promise.resolve(scrapeOf(text)) },
  });
  const going = new AbortController();
  const response = await fetch(`${url}/metrics`, { signal: going.signal, headers: { 'accept-encoding': 'identity' } });
  await response.body?.getReader().read();
  going.abort();
  t.match(await (await fetch(`${url}/-/healthy`)).text(), /healthy/);
  t.match((await rawGet(`${url}/metrics`, {})).body.toString('latin1', 0, 100), /^# HELP x y/);
  t.strictSame(
    logLines.filter(({ level }) => level !== 'debug' && level !== 20),
    [],
  );
});
