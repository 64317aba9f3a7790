// What a backtest does where a server moves the instants, does not answer or refuses, and how much it has in memory.
import t, { type Test } from 'tap';
import type { BacktestRange, BacktestStep } from '../../../src/backtest-report/backtest-step.js';
import { systemClock } from '../../../src/clock.js';
import { replayHistory, SAMPLES } from '../../../src/commands/backtest/replay-history.js';
import type { Configuration } from '../../../src/config/configuration.js';
import { createHttpClient } from '../../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import {
  createPrometheusClient,
  type PrometheusClient,
  type PrometheusRangeClient,
} from '../../../src/sensors/prometheus-client.js';
import { instantsOf } from '../../../src/sensors/range-steps.js';
import { answeringServer, answerJson, type AnsweringServer } from '../../support/answering-server.js';
import { backtestConfiguration } from '../../support/backtest-configuration.js';
import { prometheusWithHistory, type History } from '../../support/real-parts.js';
import { END_S, flinkSubtask, listed } from '../../support/sensing.js';

t.setTimeout(300_000);

const RANGE = { fromMs: (END_S - 1200) * 1000, toMs: END_S * 1000, stepMs: 15_000 };
const JOB = { topologies: [listed('job')] };

type RangeClient = PrometheusClient & PrometheusRangeClient;

/** The steps as they come. */
async function* replay(
  t: Test,
  configuration: Configuration,
  range: BacktestRange,
  seenBy: (client: RangeClient) => RangeClient = (client) => client,
): AsyncGenerator<BacktestStep> {
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion-test' });
  const ended = new AbortController();
  t.teardown(() => {
    ended.abort();
    http.close();
  });
  const client = seenBy(createPrometheusClient(configuration.prometheus, { http, clock: systemClock }));
  yield* replayHistory({ configuration, client, range, signal: ended.signal });
}

async function replayed(t: Test, configuration: Configuration, range: BacktestRange): Promise<BacktestStep[]> {
  const steps: BacktestStep[] = [];
  for await (const step of replay(t, configuration, range)) steps.push(step);
  return steps;
}

/** In front of a Prometheus: what it makes of the parameters of a range query is passed on; null: answered with 504. */
async function standIn(
  t: Test,
  url: string,
  change: (range: { start: number; end: number; step: number }) => { start: number; end: number } | null,
): Promise<string> {
  const server = await answeringServer(t, (response, { path, body }) => {
    const params = new URLSearchParams(body);
    const numberOf = (name: string): number => Number(params.get(name));
    if (path.endsWith('query_range')) {
      const range = change({ start: numberOf('start'), end: numberOf('end'), step: numberOf('step') });
      if (range === null) {
        answerJson(response, 504, {});
        return;
      }
      params.set('start', String(range.start));
      params.set('end', String(range.end));
    }
    void fetch(`${url}${path}`, { method: 'POST', body: params }).then(async (answer) => {
      answerJson(response, answer.status, await answer.json());
    });
  });
  return server.url;
}

/** One instance that is there throughout. */
const ONE_INSTANCE = flinkSubtask({
  job: 'job',
  task: 'map',
  subtask: 0,
  backPressured: 3,
  queue: (before) => before,
  recordsIn: 7,
  busy: 40,
  from: 1800,
  to: 0,
});

/** By query, how often it was asked. */
function timesAsked({ requests }: AnsweringServer): number[] {
  const times = new Map<string, number>();
  for (const { body } of requests) {
    const query = new URLSearchParams(body).get('query') ?? '';
    times.set(query, (times.get(query) ?? 0) + 1);
  }
  return [...times.values()];
}

interface Reach {
  /** Most that one query answered. */
  samples: number;
  /** Most steps that were asked for beyond the one that came. */
  ahead: number;
}

async function reachOf(t: Test, configuration: Configuration, range: BacktestRange): Promise<Reach> {
  const reach = { samples: 0, ahead: 0 };
  let askedToMs = -Infinity;
  const seen = (client: RangeClient): RangeClient => ({
    ...client,
    queryRange: async (promql, asked, signal, take) => {
      askedToMs = Math.max(askedToMs, asked.endMs);
      let samples = 0;
      await client.queryRange(promql, asked, signal, (series) => {
        samples += series.values.filter((value) => value !== undefined).length;
        take(series);
      });
      reach.samples = Math.max(reach.samples, samples);
    },
  });
  const instants: number[] = [];
  for await (const { atMs } of replay(t, configuration, range, seen)) {
    instants.push(atMs);
    reach.ahead = Math.max(reach.ahead, (askedToMs - atMs) / range.stepMs);
  }
  const { fromMs: startMs, toMs: endMs, stepMs } = range;
  t.same(instants, instantsOf({ startMs, endMs, stepMs }), 'every step, once, in order');
  return reach;
}

/** The first operator is skewed. */
function jobOf(operators: number, instances: number, from: number): History[] {
  return Array.from({ length: operators * instances }, (_, index) => {
    const [operator, subtask] = [index % operators, Math.floor(index / operators)];
    const queue = operator === 0 ? 400 * subtask : 0;
    return flinkSubtask({
      job: 'job',
      task: `map_${operator}`,
      subtask,
      backPressured: 3,
      queue,
      recordsIn: 7,
      from,
      to: 0,
    });
  }).flat();
}

void t.test('however long the range, no more is in memory at a time, and no more is asked for ahead', async (t) => {
  const { url } = await prometheusWithHistory(t, jobOf(10, 12, 6600), { extraArgs: ['--query.lookback-delta=30s'] });
  const reachIn = (minutes: number): Promise<Reach> =>
    reachOf(t, backtestConfiguration(url, JOB), { ...RANGE, fromMs: (END_S - minutes * 60) * 1000 });
  const [short, long] = [await reachIn(50), await reachIn(100)];
  t.same(long, short);
  t.ok(short.samples <= SAMPLES.usual, `${short.samples} samples`);
  t.ok(120 * short.ahead < 2 * SAMPLES.usual, `${short.ahead} steps ahead`);
});

void t.test('where a server moves the instants to multiples of the step, nothing is shifted', async (t) => {
  const { url } = await prometheusWithHistory(t, ONE_INSTANCE, { extraArgs: ['--query.lookback-delta=30s'] });
  const aligning = await standIn(t, url, ({ start, end, step }) => ({
    start: start - (start % step),
    end: end - (end % step),
  }));
  const [direct, aligned] = [backtestConfiguration(url, JOB), backtestConfiguration(aligning, JOB)];
  t.same(await replayed(t, aligned, RANGE), await replayed(t, direct, RANGE), 'on its grid');
  const between = { ...RANGE, fromMs: RANGE.fromMs + 10_000 };
  await t.rejects(replayed(t, aligned, between), {
    code: 'prometheus_malformed',
    cause: { message: /answered for instants that were not asked for: \d+, where \d+ to \d+ every 15 s/ },
  });
});

void t.test('a server that does not answer is asked for half as much once, and no more', async (t) => {
  const silent = await answeringServer(t, () => undefined);
  const configuration = backtestConfiguration(silent.url, { ...JOB, timeoutMs: 200 });
  await t.rejects(replayed(t, configuration, RANGE), { code: 'prometheus_timeout' });
  t.ok(silent.requests.length >= 2);
  t.ok(Math.max(...timesAsked(silent)) <= 2);
});

void t.test('a query that took too long is answered in halves', async (t) => {
  const { url } = await prometheusWithHistory(t, ONE_INSTANCE, { extraArgs: ['--query.lookback-delta=30s'] });
  const slow = await standIn(t, url, ({ start, end, step }) => ((end - start) / step < 30 ? { start, end } : null));
  const steps = await replayed(t, backtestConfiguration(slow, JOB), RANGE);
  const direct = await replayed(t, backtestConfiguration(url, JOB), RANGE);
  t.same(steps, direct);
});

void t.test('a query that no smaller range can fix is sent once', async (t) => {
  for (const [status, error] of [
    [401, 'Unauthorized'],
    [404, 'not found'],
    [400, 'invalid parameter "query": parse error: unexpected ")"'],
  ] as const) {
    const refusing = await answeringServer(t, (response) => {
      answerJson(response, status, { status: 'error', errorType: 'bad_data', error });
    });
    await t.rejects(replayed(t, backtestConfiguration(refusing.url, JOB), RANGE), { code: 'prometheus_rejected' });
    t.equal(Math.max(...timesAsked(refusing)), 1, error);
  }
});
