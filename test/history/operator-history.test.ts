import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import {
  instantsOfRange,
  readOperatorHistory,
  usualRange,
  type OperatorHistoryRequest,
} from '../../src/history/operator-history.js';
import { createPrometheusClient, type PrometheusRangeClient } from '../../src/sensors/prometheus-client.js';
import { MINUTE_MS } from '../support/measurements.js';
import { prometheusWithHistory, type History } from '../support/real-parts.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

const END_MS = 1_750_000_140_000;
const ODD = 'a"b\\c|.*\nd{e}';
const [PARALLELISM, RATE, SUSPENDED] = [
  'dhalion_operator_parallelism',
  'dhalion_operator_processing_rate',
  'dhalion_operator_suspended_ratio',
] as const;

/** Scraped every 30 s, in the minutes before the end: what was exported then; null: nothing. */
function scraped(
  name: string,
  labels: Record<string, string>,
  exported: (minutesBefore: number) => number | null,
): History {
  const samples = Array.from({ length: 481 }, (_, index) => (480 - index) / 2).flatMap(
    (minutes): (readonly [number, number])[] => {
      const value = exported(minutes);
      return value === null ? [] : [[END_MS / 1000 - minutes * 60, value]];
    },
  );
  return { name, labels: { job: 'dhalion', instance: 'a:10017', ...labels }, samples };
}

const of = (topology: string, operator = 'split'): Record<string, string> => ({ topology, operator });

interface Asked {
  readonly read: (more?: Partial<OperatorHistoryRequest>) => ReturnType<typeof readOperatorHistory>;
  readonly queries: readonly string[];
}

async function setUp(t: Test): Promise<Asked> {
  const server = await prometheusWithHistory(t, [
    scraped(PARALLELISM, of('wordcount'), (minutes) => (minutes > 40 ? 2 : 6)),
    // The service was gone for a while, and came back as another instance.
    scraped(RATE, of('wordcount'), (minutes) => (minutes > 30 ? 100 : null)),
    scraped(RATE, { ...of('wordcount'), instance: 'b:10017' }, (minutes) => (minutes < 15 ? 300 : null)),
    scraped(SUSPENDED, of('wordcount'), (minutes) => (minutes === 100 ? 0.75 : 0)),
    scraped(SUSPENDED, { ...of('wordcount'), instance: 'b:10017' }, (minutes) => (minutes < 5 ? 0.5 : null)),
    scraped(PARALLELISM, { ...of('wordcount'), job: 'staging' }, () => 99),
    scraped(PARALLELISM, of('wordcount', ODD), () => 3),
    scraped(SUSPENDED, of('wordcount', ODD), (minutes) => (minutes > 20 ? NaN : Infinity)),
    scraped(PARALLELISM, of(ODD), () => 7),
    scraped(PARALLELISM, of('other'), () => 8),
  ]);
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    http.close();
  });
  const access = { url: server.url, timeoutMs: 30_000, method: 'POST', queryParams: {}, http: PLAIN_HTTP } as const;
  const real = createPrometheusClient(access, { http, clock: systemClock });
  const queries: string[] = [];
  const client: PrometheusRangeClient = {
    queryRange: (promql, ...more) => {
      queries.push(promql);
      return real.queryRange(promql, ...more);
    },
  };
  const request = {
    ...{ client, matchers: ' job="dhalion" ', topology: 'wordcount', signal: NEVER },
    range: instantsOfRange('1h', END_MS),
    evaluationIntervalMs: MINUTE_MS,
  };
  return { read: (more = {}) => readOperatorHistory({ ...request, ...more }), queries };
}

/** `minutes before the end: value`, where that is another one. */
function tell(values: readonly (number | null)[] | undefined, stepMs = 30_000): string {
  const told = (values ?? []).flatMap((value, index, all) => {
    const minutes = ((all.length - 1 - index) * stepMs) / MINUTE_MS;
    return index > 0 && all[index - 1] === value ? [] : [`${minutes}: ${value ?? '-'}`];
  });
  return told.join(', ');
}

await t.test('what was exported is read back, a gap where nothing was', async (t) => {
  const { read, queries } = await setUp(t);
  const histories = await read();
  t.strictSame(
    histories.map(({ operator }) => operator),
    [ODD, 'split'],
    'of this topology only',
  );
  t.equal(queries.length, 1, 'one query');
  const [odd, split] = histories.map(({ series }) => series);
  t.equal(tell(split?.parallelism), '60: 2, 40: 6', 'not that of another Dhalion');
  // Without a scrape that says that it has ended, a series lasts for the 5 min that Prometheus looks back.
  t.equal(tell(split?.processing_rate), '60: 100, 25: -, 14.5: 300');
  t.equal(tell(split?.suspended_ratio), '60: 0, 4.5: 0.5', 'the most that any replica says');
  t.equal(tell(odd?.parallelism), '60: 3');
  t.equal(tell(odd?.processing_rate), '60: -', 'never exported');
  t.equal(tell(odd?.suspended_ratio), '60: -', 'what is no number is not known');
  for (const values of [...Object.values(split ?? {}), ...Object.values(odd ?? {})]) t.equal(values.length, 121);
  t.equal(tell((await read({ matchers: '' }))[1]?.series.parallelism), '60: 99', 'of all that have the name');
  t.match(await read({ topology: ODD }), [{ operator: 'split' }]);
  t.strictSame(await read({ topology: 'absent' }), []);
});

await t.test('what was seen between two points is not passed over', async (t) => {
  const { read, queries } = await setUp(t);
  const range = instantsOfRange('6h', END_MS);
  t.equal((END_MS - 100 * MINUTE_MS - range.endMs) % range.stepMs === 0, false, 'it lies between two points');
  const [, split] = await read({ range });
  const told = tell(split?.series.suspended_ratio, range.stepMs);
  t.match(told, /: 0\.75, \d+: 0, /, told);
  t.match(told, /^360: -/, 'before the first sample');
  t.equal(split?.series.suspended_ratio.length, 121);
  t.equal(queries.length, 1);
  // Scraped more seldom than there are points.
  const [, fine] = await read({ range: instantsOfRange('10m', END_MS), evaluationIntervalMs: 2000 });
  t.equal(tell(fine?.series.parallelism, 5000), '10: 6');
});

await t.test('the picture has 120 steps at the same instants for all who ask meanwhile', (t) => {
  for (const range of ['10m', '1h', '6h', '24h'] as const) {
    const { startMs, endMs, stepMs } = instantsOfRange(range, END_MS + 1234);
    t.equal((endMs - startMs) / stepMs, 120);
    t.equal(endMs % stepMs, 0);
    t.ok(endMs <= END_MS + 1234 && END_MS + 1234 - endMs < stepMs);
  }
  t.strictSame(
    [2, 6, 7, 30, 36, 60, 300, 86_400].map((seconds) => usualRange(seconds * 1000)),
    [...['10m', '10m', '1h', '1h', '1h', '6h', '6h', '6h']],
  );
  t.end();
});
