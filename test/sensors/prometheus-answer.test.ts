import t from 'tap';
import { isRetryableStatus, parseQueryAnswer, parseRangeAnswer } from '../../src/sensors/prometheus-answer.js';

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

const RANGE = { startMs: 1_700_000_040_000, endMs: 1_700_000_220_000, stepMs: 60_000 };

function matrix(values: readonly (readonly [number, string])[]) {
  return answer(200, { status: 'success', data: { resultType: 'matrix', result: [{ metric: { a: 'b' }, values }] } });
}

await t.test('samples of a matrix are told by the instant of the range that they are of', (t) => {
  const samples = [
    [1_700_000_040, '1'],
    // Timestamps are decimals of three digits.
    [1_700_000_159.9999998, '2'],
    [1_700_000_220, 'NaN'],
  ] as const;
  t.strictSame(parseRangeAnswer(matrix(samples), RANGE), [
    { labels: { a: 'b' }, steps: [0, 2, 3], values: [1, 2, NaN] },
  ]);
  t.strictSame(parseRangeAnswer(matrix([]), RANGE), [{ labels: { a: 'b' }, steps: [], values: [] }]);
  t.end();
});

await t.test('a sample at another instant than those asked for is refused', (t) => {
  for (const atS of [1_700_000_000, 1_699_999_980, 1_700_000_041, 1_700_000_060, 1_700_000_280]) {
    t.throws(() => parseRangeAnswer(matrix([[atS, '1']]), RANGE), {
      code: 'prometheus_malformed',
      message: `Prometheus answered for instants that were not asked for: ${atS}, where 1700000040 to 1700000220 every 60 s`,
    });
  }
  t.end();
});

await t.test('what fewer steps may cure is told from what they cannot', (t) => {
  const tooMany = 'query processing would load too many samples into memory in query execution';
  const points = 'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution';
  const table: readonly (readonly [number, string, string, string])[] = [
    [422, 'execution', tooMany, 'range_too_large'],
    [400, 'bad_data', points, 'range_too_large'],
    [422, 'execution', 'the query exceeded the maximum number of chunks (limit: 2000000)', 'range_too_large'],
    [422, '422', 'cannot select more than -search.maxSamplesPerQuery=1000 samples', 'range_too_large'],
    [413, '', 'Request Entity Too Large', 'range_too_large'],
    [503, 'timeout', 'query timed out in expression evaluation', 'prometheus_timeout'],
    [504, '', 'Gateway Timeout', 'prometheus_timeout'],
    [400, 'bad_data', 'invalid parameter "query": 1:5: parse error: unexpected ")"', 'prometheus_rejected'],
    [401, '', 'Unauthorized', 'prometheus_rejected'],
    [403, '', 'too many cooks', 'prometheus_rejected'],
    [404, '', '404 page not found', 'prometheus_rejected'],
    [422, 'execution', 'many-to-many matching not allowed', 'prometheus_rejected'],
    [429, 'too_many_requests', 'too many outstanding requests', 'prometheus_rejected'],
    [503, 'unavailable', 'service unavailable', 'prometheus_rejected'],
  ];
  for (const [status, errorType, error, code] of table) {
    const body = { status: 'error', errorType, error };
    t.throws(() => parseRangeAnswer(answer(status, body), RANGE), { code, message: error }, error);
    t.throws(() => parseQueryAnswer(answer(status, body)), { code: 'prometheus_rejected' }, 'one instant has no fewer');
  }
  t.throws(() => parseRangeAnswer(answer(504, '<html>'), RANGE), { code: 'prometheus_timeout' });
  t.throws(() => parseRangeAnswer(answer(404, '<html>too many'), RANGE), { code: 'prometheus_rejected' });
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
