import t from 'tap';
import { isRetryableStatus, parseQueryAnswer } from '../../src/sensors/prometheus-answer.js';

function answer(status: number, body: unknown) {
  return { status, headers: new Map<string, string>(), body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function vector(result: unknown, more: object = {}) {
  return answer(200, { status: 'success', data: { resultType: 'vector', result }, ...more });
}

await t.test('a vector is read, NaN and infinities included', (t) => {
  const result = ['1.5', 'NaN', '+Inf', '-Inf'].map((value, index) => ({
    metric: { task: String(index) },
    value: [1700000000.123, value],
  }));
  t.strictSame(parseQueryAnswer(vector(result)), [
    { labels: { task: '0' }, value: 1.5 },
    { labels: { task: '1' }, value: NaN },
    { labels: { task: '2' }, value: Infinity },
    { labels: { task: '3' }, value: -Infinity },
  ]);
  t.strictSame(parseQueryAnswer(vector([{ metric: {}, value: [0, '1'] }])), [{ labels: {}, value: 1 }]);
  t.strictSame(parseQueryAnswer(vector([])), []);
  t.end();
});

await t.test("the engine's own annotations are no warnings", (t) => {
  const annotations = [
    'PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)',
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "x" (1:6)',
  ];
  t.strictSame(parseQueryAnswer(vector([], { warnings: annotations, infos: ['anything'] })), []);
  t.strictSame(parseQueryAnswer(vector([], { warnings: [] })), []);
  t.strictSame(parseQueryAnswer(vector([], { warnings: null, isPartial: false })), []);
  t.end();
});

await t.test('any other warning means that data may be missing', (t) => {
  const warnings = [
    'No StoreAPIs matched for this query',
    'remote_read: Post "http://b.test": context deadline exceeded',
    'results truncated due to limit',
    '3 more annotations omitted',
    'note the PromQL warning: in the middle',
    42,
  ];
  for (const warning of warnings) {
    const partial = vector([], { warnings: ['PromQL info: harmless', warning] });
    t.throws(() => parseQueryAnswer(partial), { code: 'prometheus_partial', message: String(warning) });
  }
  t.throws(() => parseQueryAnswer(vector([], { isPartial: true })), { code: 'prometheus_partial' });
  t.end();
});

await t.test('an error is told with its type and text, and only 429 and 5xx may pass by themselves', (t) => {
  const table: [number, string, boolean][] = [
    [400, 'bad_data', false],
    [422, 'execution', false],
    [422, '422', false],
    [429, 'too_many_requests', true],
    [500, 'internal', true],
    [503, 'timeout', true],
  ];
  for (const [status, errorType, retryable] of table) {
    const body = { status: 'error', errorType, error: 'what\nwent wrong' };
    t.throws(() => parseQueryAnswer(answer(status, body)), {
      code: 'prometheus_rejected',
      message: `Prometheus answered ${status}: ${errorType}: what went wrong`,
      retryable,
    });
  }
  t.throws(() => parseQueryAnswer(answer(200, { status: 'error', error: 'late' })), { code: 'prometheus_rejected' });
  t.throws(() => parseQueryAnswer(answer(404, vector([]).body)), { code: 'prometheus_rejected' }, 'status comes first');
  t.strictSame([301, 400, 404, 408, 422, 428, 429, 499, 500, 503, 599].filter(isRetryableStatus), [429, 500, 503, 599]);
  t.end();
});

await t.test('an answer that is not JSON is quoted on one short line', (t) => {
  const page = `<html>\r\n<h1>502 Bad Gateway</h1>\u001b[31m\u202e${'x'.repeat(100_000)}`;
  const quoted = `Prometheus answered 502: <html> <h1>502 Bad Gateway</h1> [31m ${'x'.repeat(163)}…`;
  const fault = thrownBy(() => parseQueryAnswer(answer(502, page)));
  t.match(fault, { code: 'prometheus_rejected', retryable: true });
  t.equal(fault.message.slice(0, 60), quoted.slice(0, 60));
  t.equal(fault.message.length, 'Prometheus answered 502: '.length + 201);
  t.throws(() => parseQueryAnswer(answer(302, '')), {
    message: 'Prometheus answered 302 (redirects are not followed): (empty)',
  });
  t.throws(() => parseQueryAnswer(answer(200, page)), { code: 'prometheus_malformed', message: '<html> <h1>502' });
  t.end();
});

await t.test('an answer of any other shape is malformed', (t) => {
  const whole = vector([{ metric: { a: 'b' }, value: [1, '2'] }]).body;
  for (let length = 0; length < whole.length; length += 1) {
    t.throws(() => parseQueryAnswer(answer(200, whole.slice(0, length))), { code: 'prometheus_malformed' });
  }
  const bodies = [
    null,
    [],
    {},
    { status: 'success' },
    { status: 'success', data: null },
    { status: 'success', data: { resultType: 'scalar', result: [1, '2'] } },
    { status: 'success', data: { resultType: 'matrix', result: [] } },
    { status: 'success', data: { resultType: 'vector', result: null } },
    { status: 'success', data: { resultType: 'vector', result: [] }, warnings: 'all is lost' },
  ];
  for (const body of bodies) {
    t.throws(() => parseQueryAnswer(answer(200, body)), { code: 'prometheus_malformed' }, JSON.stringify(body));
  }
  const samples = [
    null,
    { value: [1, '2'] },
    { metric: { a: 1 }, value: [1, '2'] },
    { metric: {} },
    { metric: {}, value: [1] },
    { metric: {}, value: [1, 2] },
    { metric: {}, value: [1, 'two'] },
    { metric: {}, values: [[1, '2']] },
  ];
  for (const sample of samples) {
    t.throws(() => parseQueryAnswer(vector([sample])), { code: 'prometheus_malformed' }, JSON.stringify(sample));
  }
  t.end();
});

await t.test('a native histogram is refused, with the series it belongs to', (t) => {
  const sample = { metric: { task: 'map' }, histogram: [1700000000, { count: '1', sum: '2', buckets: [] }] };
  t.throws(() => parseQueryAnswer(vector([sample])), {
    code: 'prometheus_malformed',
    message: 'Prometheus answered with a native histogram where a number is needed: {"task":"map"}',
  });
  t.end();
});

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
