import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import {
  isRetryableStatus,
  parsePrometheusValue,
  parseQueryAnswer as readQueryAnswer,
  parseRangeAnswer as readRangeAnswer,
} from '../../src/sensors/prometheus-answer.js';
import type { RangeSeries, VectorSample } from '../../src/sensors/prometheus-answer.js';
import type { QueryRange } from '../../src/sensors/range-steps.js';
import { anyString } from '../support/any-string.js';

type Answer = Parameters<typeof readQueryAnswer>[0];

const { parse } = JSON;

function parseQueryAnswer(answer: Answer, pieceLength?: number): VectorSample[] {
  return [...readQueryAnswer(answer, pieceLength)];
}

function parseRangeAnswer(answer: Answer, range: QueryRange, pieceLength?: number): RangeSeries[] {
  return [...readRangeAnswer(answer, range, pieceLength)];
}

function answer(status: number, body: unknown): Answer {
  return { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
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

await t.test('each sample of a matrix has the instant of the range that it is of', (t) => {
  const samples = [
    [1_700_000_040, '1'],
    // Timestamps are decimals of three digits.
    [1_700_000_159.9999998, '2'],
    [1_700_000_220, 'NaN'],
  ] as const;
  t.strictSame(parseRangeAnswer(matrix(samples), RANGE), [{ labels: { a: 'b' }, values: [1, undefined, 2, NaN] }]);
  const none = [undefined, undefined, undefined, undefined];
  t.strictSame(parseRangeAnswer(matrix([]), RANGE), [{ labels: { a: 'b' }, values: none }]);
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

/** Text as a label may hold it, of which much looks like what stands between two series. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string(),
      anyString(),
      fc.constantFrom(',{"metric":', '{"metric":', ',{\\"metric":', '"', '\\', ']}}', 'ä', '☕', '\u2028'),
    ),
  )
  .map((parts) => parts.join(''));

const series = fc.record({
  metric: fc.dictionary(hostileText, hostileText, { maxKeys: 3 }),
  value: fc.tuple(fc.constant(1_700_000_040), fc.constantFrom('1', 'NaN', '-2.5e+07')),
  values: fc.array(fc.tuple(fc.constantFrom(1_700_000_040, 1_700_000_160), fc.constantFrom('3', '+Inf')), {
    maxLength: 3,
  }),
});

/** What is no series, or none that is read. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, 1, 'text', [], {}, { metric: { a: 1 }, value: [1, '2'] }, { metric: {} }),
  fc.record({ value: fc.constant([1, '2']), metric: fc.dictionary(hostileText, hostileText, { maxKeys: 2 }) }),
);

const results = fc.oneof(
  { weight: 4, arbitrary: fc.array(series, { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof({ weight: 4, arbitrary: series }, odd), { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>([1, '2'], null, 'text') },
);

const more = fc.record(
  {
    warnings: fc.array(fc.oneof(hostileText, fc.constant('PromQL info: harmless'), series), { maxLength: 2 }),
    infos: fc.array(fc.oneof(hostileText, series), { maxLength: 3 }),
    isPartial: fc.boolean(),
    errorType: hostileText,
    error: hostileText,
  },
  { requiredKeys: [] },
);

/** As Prometheus writes it, and as others might. */
const bodies = fc
  .record({
    status: fc.oneof({ weight: 9, arbitrary: fc.constant('success') }, fc.constant('error')),
    resultType: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('vector', 'matrix') }, fc.constant('scalar')),
    result: results,
    ofData: fc.record({ stats: fc.array(series, { maxLength: 2 }) }, { requiredKeys: [] }),
    before: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, more),
    after: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, more),
    space: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.constant(1)),
    cutAt: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(({ status, resultType, result, ofData, before, after, space, cutAt }) => {
    const text = JSON.stringify({ status, ...before, data: { resultType, result, ...ofData }, ...after }, null, space);
    return text.slice(0, Math.ceil(cutAt * text.length));
  });

await t.test('an answer that is read in pieces is the answer that is read at once', (t) => {
  const outcomeOf = (read: () => unknown): unknown => {
    try {
      return read();
    } catch (error) {
      return error instanceof Error ? String(error) : error;
    }
  };
  fc.assert(
    fc.property(bodies, fc.constantFrom(200, 422), fc.integer({ min: 0, max: 300 }), (body, status, pieceLength) => {
      const given = { status, body };
      for (const length of [pieceLength, 1]) {
        deepStrictEqual(
          outcomeOf(() => parseQueryAnswer(given, length)),
          outcomeOf(() => parseQueryAnswer(given, Infinity)),
        );
        deepStrictEqual(
          outcomeOf(() => parseRangeAnswer(given, RANGE, length)),
          outcomeOf(() => parseRangeAnswer(given, RANGE, Infinity)),
        );
      }
    }),
    { numRuns: 2000 },
  );
  t.end();
});

await t.test('no piece of a long answer is long, and none of it is read before it is asked for', (t) => {
  const lengths: number[] = [];
  t.intercept(JSON, 'parse', {
    value: (text: string): unknown => {
      lengths.push(text.length);
      return parse(text);
    },
  });
  const items = Array.from({ length: 20_000 }, (_, index) => ({
    metric: { job_name: `job ${index}`, task_name: 'a "quoted" \\ task' },
    value: [1, String(index)],
  }));
  const data = { resultType: 'vector', result: items };
  for (const body of [
    { status: 'success', data },
    { status: 'success', isPartial: false, data },
    { status: 'success', data: { ...data, stats: {} }, warnings: ['PromQL info: harmless'] },
  ]) {
    const given = answer(200, body);
    const samples = readQueryAnswer(given);
    t.match(samples.next(), { value: { value: 0 } });
    t.ok(lengths.length <= 2, 'the envelope and the first piece');
    t.equal([...samples].length, items.length - 1);
    t.ok(given.body.length > 1_000_000);
    t.ok(Math.max(...lengths.splice(0)) < 300_000);
  }
  t.end();
});

await t.test('every spelling that Prometheus uses is read', (t) => {
  const table: [string, number][] = [
    ['NaN', NaN],
    ['+Inf', Infinity],
    ['Inf', Infinity],
    ['-Inf', -Infinity],
    ['0', 0],
    ['-0', -0],
    ['12.5', 12.5],
    ['-3', -3],
    ['+3', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['1e-07', 1e-7],
    ['1.5E+21', 1.5e21],
    ['1.7976931348623157e+308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
  ];
  for (const [text, value] of table) t.ok(Object.is(parsePrometheusValue(text), value), text);
  t.end();
});

await t.test('any other spelling is malformed and never NaN or 0', (t) => {
  const others = ['', ' ', ' 1', '1 ', 'nan', 'inf', 'Infinity', '0x10', '0b1', '1_000', '1,5', '1e', 'e5', '.', '--1'];
  for (const text of [...others, '1e999', 'null', '1\n']) {
    t.throws(() => parsePrometheusValue(text), { code: 'prometheus_malformed', message: JSON.stringify(text) }, text);
  }
  t.end();
});

await t.test('every double survives', (t) => {
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(doubles, (value) => {
        const text = Object.is(value, -0) ? '-0' : String(value);
        return Object.is(parsePrometheusValue(text), value);
      }),
    );
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
