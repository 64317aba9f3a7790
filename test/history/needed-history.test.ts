import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.js';
import { readNeededHistory } from '../../src/history/needed-history.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import type { NeededHistory } from '../../src/policy/needed-memory.js';
import { createPrometheusClient, type PrometheusRangeClient } from '../../src/sensors/prometheus-client.js';
import { MINUTE_MS } from '../support/measurements.js';
import { prometheusWithHistory, type History } from '../support/real-parts.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

const END_MS = 1_750_000_000_000;
const METRIC = 'dhalion_operator_needed_instances';
const ODD = 'a"b\\c|.*\nd{e}';

/** Scraped every 30 s, in the minutes before the end: what was needed then; null: not told. */
function scraped(labels: Record<string, string>, needed: (minutesBefore: number) => number | null): History {
  const samples = Array.from({ length: 241 }, (_, index) => (240 - index) / 2).flatMap(
    (minutes): (readonly [number, number])[] => {
      const value = needed(minutes);
      return value === null ? [] : [[END_MS / 1000 - minutes * 60, value]];
    },
  );
  return { name: METRIC, labels: { job: 'dhalion', instance: 'a:10017', ...labels }, samples };
}

const of = (topology: string, operator = 'split'): Record<string, string> => ({ topology, operator });

async function setUp(t: Test): Promise<PrometheusRangeClient> {
  const server = await prometheusWithHistory(t, [
    scraped(of('wordcount'), (minutes) => (minutes > 40 ? 5 : minutes > 37 ? 9 : 6)),
    scraped({ ...of('wordcount'), instance: 'b:10017' }, (minutes) => (minutes > 20 && minutes < 22 ? 11 : 2)),
    scraped(of('wordcount', 'count'), (minutes) => (minutes > 15 ? 3 : null)),
    scraped(of('wordcount', 'odd'), (minutes) =>
      minutes > 30 ? NaN : minutes > 20 ? Infinity : minutes > 10 ? -1 : 4,
    ),
    scraped({ ...of('wordcount'), job: 'staging' }, () => 100),
    scraped(of(ODD), () => 7),
    scraped(of('other'), () => 8),
  ]);
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    http.close();
  });
  const access = { url: server.url, timeoutMs: 30_000, method: 'POST', queryParams: {}, http: PLAIN_HTTP } as const;
  return createPrometheusClient(access, { http, clock: systemClock });
}

/** `minutes before the end: most that was needed since the one before`, where that is another one; `-`: nothing recorded. */
function tell(history: NeededHistory | undefined, operator = 'split'): string {
  const points = history?.points.get(operator) ?? [];
  const told: string[] = [];
  let last = '';
  for (let atMs = points[0]?.endMs ?? END_MS; atMs <= END_MS; atMs += history?.stepMs ?? MINUTE_MS) {
    const needed = points.find(({ endMs }) => endMs === atMs)?.needed ?? '-';
    if (String(needed) !== last) told.push(`${(END_MS - atMs) / MINUTE_MS}: ${needed}`);
    last = String(needed);
  }
  return told.join(', ');
}

await t.test('what was needed is read from what Prometheus has recorded', async (t) => {
  const client = await setUp(t);
  const read = (topologies: readonly string[], more: { matchers?: string; lengthMs?: number } = {}) =>
    readNeededHistory({
      ...{ client, topologies, matchers: 'job="dhalion"', atMs: END_MS, lengthMs: 60 * MINUTE_MS, signal: NEVER },
      ...more,
    });
  const { wordcount, ...others } = Object.fromEntries(await read(['wordcount']));
  t.strictSame(Object.keys(others), [], 'of no other topology');
  t.equal(tell(wordcount), '60: 5, 40: 9, 36: 6, 21: 11, 19: 6', 'the most that any replica said');
  t.equal(tell(wordcount, 'count'), '60: 3, 14: -', 'nothing of a series that has ended, stale or not');
  t.equal(tell(wordcount, 'odd'), '10: 4', 'what is no number of instances is not known');
  t.equal(tell(wordcount, 'absent'), '0: -');
  t.match(
    tell((await read(['wordcount'], { matchers: '' })).get('wordcount')),
    /^60: 100$/,
    'of all that have the name',
  );
  const odd = await read([ODD, 'absent']);
  t.strictSame([...odd.keys()], [ODD], 'a name is no pattern');
  const many = Array.from({ length: 60 }, (_, index) => `job-${index}`);
  t.strictSame(
    [...(await read([...many, 'wordcount'])).keys()].sort(),
    [ODD, 'other', 'wordcount'],
    'of many all are asked',
  );
  const coarse = (await read(['wordcount'], { lengthMs: 30 * 60 * MINUTE_MS })).get('wordcount');
  t.equal(coarse?.stepMs, 5 * MINUTE_MS);
  t.equal(coarse?.points.get('split')?.length, 25, 'as fine as a restart is no gap, however long the memory');
});

await t.test('a memory takes one query, and one that is days long takes some', async (t) => {
  const asked: number[] = [];
  const client: PrometheusRangeClient = {
    queryRange: (_promql, { startMs, endMs, stepMs }) => {
      asked.push((endMs - startMs) / stepMs + 1);
      return Promise.resolve();
    },
  };
  const read = (lengthMs: number) =>
    readNeededHistory({ client, topologies: ['w'], matchers: '', atMs: END_MS, lengthMs, signal: NEVER });
  await read(65 * MINUTE_MS);
  t.strictSame(asked.splice(0), [61]);
  await read(24 * 60 * MINUTE_MS);
  t.strictSame(asked.splice(0), [100, 100, 89]);
});
