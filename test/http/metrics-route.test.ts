import t from 'tap';
import { gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { renderMetrics } from '../../src/metrics/metrics-text.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { operatorEvaluation, topologyEvaluation } from '../support/evaluations.js';
import { parseExposition, promtoolComplaints, valuesOf } from '../support/exposition.js';
import { startTestService } from '../support/http-service.js';

interface RawAnswer {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** As it is on the wire: fetch would decompress. */
function get(url: string, headers: Record<string, string>, method = 'GET'): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    request(url, { headers, method }, (response) => {
      buffer(response).then((body) => {
        resolve({ headers: response.headers, body });
      }, reject);
    })
      .on('error', reject)
      .end();
  });
}

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

await t.test('the content type is the text format’s, whatever is asked for', async (t) => {
  const { url } = await startTestService(t);
  for (const accept of ['*/*', 'application/openmetrics-text; version=1.0.0', 'image/png', '']) {
    const { headers, body } = await get(`${url}/metrics`, { accept });
    t.equal(headers['content-type'], CONTENT_TYPE, accept);
    t.equal(headers['etag'], undefined);
    t.match(body.toString(), /^x 1$/m);
  }
});

await t.test('a scrape is compressed for those who take gzip, and only for them', async (t) => {
  const { url } = await startTestService(t);
  const plain = await get(`${url}/metrics`, { 'accept-encoding': 'identity' });
  t.equal(plain.headers['content-encoding'], undefined);
  const refused = await get(`${url}/metrics`, { 'accept-encoding': 'gzip;q=0' });
  t.same(refused.body, plain.body);
  const compressed = await get(`${url}/metrics`, { 'accept-encoding': 'gzip' });
  t.equal(compressed.headers['content-encoding'], 'gzip');
  t.equal(compressed.headers['content-type'], CONTENT_TYPE);
  t.equal(compressed.headers['vary'], 'Accept-Encoding');
  t.same(gunzipSync(compressed.body), plain.body);
  const head = await get(`${url}/metrics`, {}, 'HEAD');
  t.equal(head.body.length, 0);
  t.equal(head.headers['content-length'], String(plain.body.length));
});

await t.test('concurrent scrapes agree, and promtool has no complaint about them', async (t) => {
  const metrics = createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' });
  const name = 'w"\\\n☃';
  const evaluations = [topologyEvaluation(name, [operatorEvaluation('split')])];
  const snapshot = { evaluations, openActions: [], lastActions: [], blacklist: [] };
  const { url } = await startTestService(t, { service: { metricsText: () => renderMetrics(metrics, snapshot) } });
  const scrapes = await Promise.all(Array.from({ length: 8 }, async () => (await fetch(`${url}/metrics`)).text()));
  const own = scrapes.map((text) => text.split('\n').filter((line) => line.startsWith('dhalion_')));
  for (const lines of own) t.strictSame(lines, own[0]);
  t.equal(await promtoolComplaints(scrapes[0] ?? ''), '');
  t.strictSame(valuesOf(parseExposition(scrapes[0] ?? ''), 'dhalion_operator_parallelism', { topology: name }), [2]);
});
