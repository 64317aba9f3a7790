import type { ServerResponse } from 'node:http';
import t, { type Test } from 'tap';
import type { PrometheusSettings } from '../../src/config/configuration.js';
import { describeError } from '../../src/errors.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { createPrometheusClient, querySamples } from '../../src/sensors/prometheus-client.js';
import type { VectorSample } from '../../src/sensors/prometheus-answer.js';
import { answerJson, answeringServer, type Answer, type SeenRequest } from '../support/answering-server.js';
import { createFakeClock } from '../support/fake-clock.js';
import { prometheusWithHistory } from '../support/real-parts.js';

const AT_MS = 1_700_000_000_123;

function clientFor(t: Test, settings: Partial<PrometheusSettings>) {
  const clock = createFakeClock();
  const http = createHttpClient(settings.http ?? PLAIN_HTTP, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    http.close();
  });
  const statuses: (number | null)[] = [];
  const client = createPrometheusClient(
    { url: 'http://127.0.0.1:9', timeoutMs: 30_000, method: 'POST', queryParams: {}, http: PLAIN_HTTP, ...settings },
    { http, clock, onRequest: (status) => statuses.push(status) },
  );
  const query = (promql = 'up', signal = new AbortController().signal): Promise<readonly VectorSample[]> =>
    querySamples(client, promql, AT_MS, signal);
  return { clock, query, statuses };
}

/** A server that gives these answers in turn, and the last one from then on. */
async function serverGiving(t: Test, ...answers: Answer[]) {
  let turn = 0;
  return answeringServer(t, (response, request) => {
    answers[Math.min(turn, answers.length - 1)]?.(response, request);
    turn += 1;
  });
}

function oneSample(response: ServerResponse): void {
  const result = [{ metric: { task: 'map' }, value: [1, '2'] }];
  answerJson(response, 200, { status: 'success', data: { resultType: 'vector', result } });
}

function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => {
    answerJson(response, code, { status: 'error', errorType: 'some_type', error: `says ${code}` }, headers);
  };
}

const ONE_SAMPLE = [{ labels: { task: 'map' }, value: 2 }];

function paramsOf(request: SeenRequest | undefined): Record<string, string> {
  const text = request?.method === 'GET' ? (request.path.split('?')[1] ?? '') : (request?.body ?? '');
  return Object.fromEntries(new URLSearchParams(text));
}

await t.test('answers are not compressed, unless http_headers ask for it', async (t) => {
  const server = await serverGiving(t, oneSample);
  for (const method of ['POST', 'GET'] as const) {
    await clientFor(t, { url: server.url, method }).query();
    const http = { ...PLAIN_HTTP, httpHeaders: { 'Accept-Encoding': 'gzip' } };
    await clientFor(t, { url: server.url, method, http }).query();
  }
  t.strictSame(
    server.requests.map(({ headers }) => headers['accept-encoding']),
    ['identity', 'gzip', 'identity', 'gzip'],
  );
});

await t.test('a query is posted as a form, below the path prefix', async (t) => {
  const server = await serverGiving(t, oneSample);
  const { query } = clientFor(t, { url: `${server.url}/select/0/prometheus` });
  t.strictSame(await query('sum by (a) (rate(b{c=~"d+&e=f"}[5m]))'), ONE_SAMPLE);
  const [request] = server.requests;
  t.match(request, {
    method: 'POST',
    path: '/select/0/prometheus/api/v1/query',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'dhalion/test' },
  });
  t.strictSame(paramsOf(request), {
    max_source_resolution: '0s',
    partial_response: 'false',
    query: 'sum by (a) (rate(b{c=~"d+&e=f"}[5m]))',
    time: '1700000000.123',
    timeout: '30.000',
  });
});

await t.test('with GET the same parameters are in the URL, after those it has', async (t) => {
  const server = await serverGiving(t, oneSample);
  const { query } = clientFor(t, { url: `${server.url}/prefix?tenant=a`, method: 'GET' });
  t.strictSame(await query('a + b'), ONE_SAMPLE);
  t.match(server.requests, [{ method: 'GET', path: /^\/prefix\/api\/v1\/query\?tenant=a&/, body: '' }]);
  t.match(paramsOf(server.requests[0]), {
    tenant: 'a',
    query: 'a + b',
    time: '1700000000.123',
    partial_response: 'false',
  });
});

await t.test('query_params are added and win over what is sent to Thanos, but not over the query', async (t) => {
  const server = await serverGiving(t, oneSample);
  const queryParams = { max_source_resolution: 'auto', dedup: 'false', query: 'x', time: '0', timeout: '1' };
  await clientFor(t, { url: server.url, queryParams }).query();
  const expected = {
    max_source_resolution: 'auto',
    dedup: 'false',
    query: 'up',
    time: '1700000000.123',
    timeout: '30.000',
  };
  t.match(paramsOf(server.requests[0]), expected);
});

await t.test('429 is asked again after the time it names', async (t) => {
  const server = await serverGiving(t, status(429, { 'retry-after': '7' }), oneSample);
  const { query, clock, statuses } = clientFor(t, { url: server.url });
  t.strictSame(await query(), ONE_SAMPLE);
  t.strictSame(clock.slept, [7000]);
  t.strictSame(statuses, [429, 200]);
  t.equal(paramsOf(server.requests[1])['timeout'], '23.000', 'what is left of the timeout');
  t.equal(paramsOf(server.requests[1])['time'], '1700000000.123', 'the same instant');
});

await t.test('5xx and network errors are asked again after short pauses, three times in all', async (t) => {
  const html: Answer = (response) => response.writeHead(502).end('<html><h1>Bad\nGateway</h1></html>');
  const reset: Answer = (response) => response.socket?.resetAndDestroy();
  const recovering = await serverGiving(t, html, reset, oneSample);
  const recovered = clientFor(t, { url: recovering.url });
  t.strictSame(await recovered.query(), ONE_SAMPLE);
  t.strictSame(recovered.statuses, [502, null, 200]);
  t.equal(recovered.clock.slept.length, 2);
  t.ok(recovered.clock.slept.every((delayMs) => delayMs >= 0 && delayMs <= 5000));

  const broken = clientFor(t, { url: (await serverGiving(t, html)).url });
  const message = 'Prometheus answered 502: <html><h1>Bad Gateway</h1></html>';
  await t.rejects(broken.query(), { code: 'prometheus_rejected', retryable: true, message });
  t.strictSame(broken.statuses, [502, 502, 502]);

  const gone = clientFor(t, { url: (await serverGiving(t, reset)).url });
  const fault: unknown = await gone.query().catch((error: unknown) => error);
  t.match(fault, { code: 'prometheus_unreachable', retryable: true });
  t.match(describeError(fault), /^Prometheus is unreachable: POST http.*ECONNRESET/);
  t.strictSame(gone.statuses, [null, null, null]);
});

await t.test('what will not change is not asked again', async (t) => {
  for (const code of [302, 400, 401, 403, 404, 408, 422]) {
    const server = await serverGiving(t, status(code));
    const { query, statuses } = clientFor(t, { url: server.url });
    await t.rejects(query(), { code: 'prometheus_rejected', retryable: false, message: `some_type: says ${code}` });
    t.strictSame(statuses, [code]);
  }
  const partial = { status: 'success', warnings: ['store down'], data: { resultType: 'vector', result: [] } };
  const server = await serverGiving(t, (response) => {
    answerJson(response, 200, partial);
  });
  await t.rejects(clientFor(t, { url: server.url }).query(), { code: 'prometheus_partial' });
  t.equal(server.requests.length, 1);
});

await t.test('no pause is begun that would outlast the timeout', async (t) => {
  const server = await serverGiving(t, status(503, { 'retry-after': '30' }), oneSample);
  const { query, clock } = clientFor(t, { url: server.url, timeoutMs: 30_000 });
  await t.rejects(query(), { code: 'prometheus_rejected', message: 'says 503' });
  t.strictSame(clock.slept, []);
});

await t.test('a server that does not answer is a timeout, asked once', async (t) => {
  const server = await serverGiving(t, () => undefined);
  const { query, statuses } = clientFor(t, { url: server.url, timeoutMs: 100 });
  await t.rejects(query(), { code: 'prometheus_timeout', retryable: true });
  t.strictSame(statuses, [null]);
});

await t.test('an aborted query is not asked again', async (t) => {
  const controller = new AbortController();
  const server = await serverGiving(t, () => {
    controller.abort();
  });
  const { query } = clientFor(t, { url: server.url });
  await t.rejects(query('up', controller.signal), { code: 'call_aborted' });
  t.equal(server.requests.length, 1);
});

await t.test('what is quoted of an answer of success holds no secret either', async (t) => {
  const http = { ...PLAIN_HTTP, httpHeaders: { authorization: 'Bearer abc.def.ghi' } };
  const echo: Answer = (response, request) => {
    answerJson(response, 200, { echo: request.headers.authorization });
  };
  const partial: Answer = (response, request) => {
    const warnings = [`no store for ${request.headers.authorization ?? ''}`];
    answerJson(response, 200, { status: 'success', warnings, data: { resultType: 'vector', result: [] } });
  };
  for (const answer of [echo, partial]) {
    const server = await serverGiving(t, answer);
    const { query } = clientFor(t, { url: server.url, http });
    const said = await query().then(String, describeError);
    t.match(said, '<secret>');
    t.notMatch(said, 'abc');
  }
});

await t.test('a secret that cannot be read is told as such', async (t) => {
  const http = { ...PLAIN_HTTP, authorization: { type: 'Bearer', credentialsFile: '/nonexistent/token' } };
  await t.rejects(clientFor(t, { http }).query(), { code: 'secret_unreadable', message: '/nonexistent/token' });
});

await t.test('a real Prometheus answers', async (t) => {
  const samples = [[AT_MS / 1000 - 10, 0.25]] as const;
  const server = await prometheusWithHistory(t, [
    { name: 'busy', labels: { job_name: 'a"b\\c' }, samples },
    { name: 'busy', labels: { job_name: 'd' }, samples: [[AT_MS / 1000 - 10, Number.POSITIVE_INFINITY]] },
    { name: 'busy', labels: { job_name: 'e' }, samples: [[AT_MS / 1000 - 10, Number.NaN]] },
  ]);
  for (const method of ['POST', 'GET'] as const) {
    const { query, statuses } = clientFor(t, { url: server.url, method });
    const vector = await query('sum by (job_name) (busy)');
    t.same(
      new Map(vector.map(({ labels, value }) => [labels['job_name'], value])),
      new Map([
        ['a"b\\c', 0.25],
        ['d', Infinity],
        ['e', NaN],
      ]),
    );
    t.strictSame(await query('no_such_series'), []);
    t.strictSame(await query('1e-7 * sum(busy{job_name=~"a.*"})'), [{ labels: {}, value: 2.5e-8 }]);
    await t.rejects(query('sum('), { code: 'prometheus_rejected', message: /answered 400: bad_data: .*parse error/ });
    const manyToMany = 'busy * on() group_left() busy';
    await t.rejects(query(manyToMany), { code: 'prometheus_rejected', message: /answered 422: execution: / });
    await t.rejects(query('time()'), { code: 'prometheus_malformed', message: /scalar/ });
    t.strictSame(statuses, [200, 200, 200, 400, 422, 200]);
  }
});
