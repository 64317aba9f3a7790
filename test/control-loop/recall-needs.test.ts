import t, { type Test } from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { systemClock } from '../../src/clock.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { InstanceMemories } from '../../src/control-loop/instance-memories.js';
import { NOTHING_RECALLED } from '../../src/control-loop/recalled-log.js';
import { TopologyWatch } from '../../src/control-loop/topology-watch.js';
import { createLogger } from '../../src/logger.js';
import { renderEvaluationMetrics } from '../../src/metrics/evaluation-metrics.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { createPrometheusClient, type PrometheusRangeClient } from '../../src/sensors/prometheus-client.js';
import { ServerClock } from '../../src/outbound/server-clock.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { flinkTopology, MINUTE_MS } from '../support/measurements.js';
import { prometheusWithHistory, type History } from '../support/real-parts.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

const CONFIGURATION = `
prometheus: {url: 'http://127.0.0.1:9090', own_matchers: 'job="dhalion"'}
evaluation_interval: 1m
window: 2m
topologies:
  - {name: wordcount, engine: flink, policy: {mode: observe}}
`;
const START_MS = 1_750_000_020_000;
const WINDOW_MS = 2 * MINUTE_MS;
/** Longer than the memory: the first minutes are forgotten. */
const MINUTES = 75;

/** The busy ratio of `split`, with 20 instances, for each minute from the start. */
const busyAt = (minute: number): number => (minute === 25 ? 0.6 : minute < 10 ? 0.8 : 0.2);

/** A process that looks at the topology every minute. */
async function startProcess(
  t: Test,
  clock: FakeClock,
  rangeClient?: PrometheusRangeClient,
  prometheusClock = new ServerClock('Prometheus'),
) {
  const parsed = parseConfiguration(CONFIGURATION, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const { configuration } = parsed;
  const [configuredBy] = configuration.topologies;
  if (configuredBy === undefined) throw new Error('there is a topology');
  const log = await createActionLog({ path: t.testdir() });
  t.teardown(() => log.close());
  const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });
  const watch = new TopologyWatch({
    configuration,
    client: { query: () => Promise.reject(new Error('it is sensed otherwise')) },
    ...(rangeClient === undefined ? {} : { rangeClient }),
    prometheusClock,
    instances: new InstanceMemories(log, logger),
    metrics: createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' }),
    clock,
    logger,
    sense: ({ atMs }) => {
      const busy = Array<number>(20).fill(busyAt((atMs - START_MS) / MINUTE_MS));
      const sketch = flinkTopology({
        source: { source: true, busy: [0.1], rate: [100], backlog: 0, backlogSlope: 0 },
        split: { inputs: ['source'], max: 40, pending: Array<number>(20).fill(0.5), busy },
      });
      const topology = {
        measurement: { ...sketch, atMs, windowMs: WINDOW_MS },
        ...{ configuredBy, labelValue: 'wordcount', operatorLabelValues: new Map<string, string>() },
        ...{ attempts: new Map<string, never>(), told: new Map<string, never>() },
      };
      return Promise.resolve({ topologies: [topology], failures: [], requests: 15 });
    },
  });
  return {
    watch,
    /** The recommendation for `split`, at 20 instances. */
    look: async (): Promise<number | null | undefined> => {
      await watch.lookAtAll(NOTHING_RECALLED, NEVER);
      const split = watch.evaluations()[0]?.operators.find(({ measurement }) => measurement.spec.name === 'split');
      return split?.recommendedParallelism;
    },
  };
}

/** A process that has seen the whole memory, and its gauges in a Prometheus with a clock that is this far ahead. */
async function lookForLong(t: Test, aheadMs = 0) {
  const clock = createFakeClock(START_MS);
  const { look, watch } = await startProcess(t, clock);
  const samples = new Map<string, [number, number][]>();
  let recommended: number | null | undefined = null;
  for (let minute = 0; minute <= MINUTES; minute += 1) {
    recommended = await look();
    for (const line of [...renderEvaluationMetrics(watch.evaluations())].join('').split('\n')) {
      const [, operator, value] = /^dhalion_operator_needed_instances\{.*operator="([^"]*)"\} (.*)$/.exec(line) ?? [];
      if (operator === undefined) continue;
      const known = samples.get(operator) ?? [];
      samples.set(operator, [...known, [(clock.now() + aheadMs) / 1000, Number(value)]]);
    }
    if (minute < MINUTES) clock.advance(MINUTE_MS);
  }
  const history: History[] = [...samples].map(([operator, ofOperator]) => ({
    name: 'dhalion_operator_needed_instances',
    labels: { job: 'dhalion', topology: 'wordcount', operator },
    samples: ofOperator,
  }));
  return { recommended, history, atMs: clock.now() };
}

/** A real Prometheus with this history, and the number of its queries. */
async function recordedIn(t: Test, history: readonly History[]) {
  const server = await prometheusWithHistory(t, history);
  const parsed = parseConfiguration(CONFIGURATION.replace('http://127.0.0.1:9090', server.url), {
    builtInEngines: BUILT_IN_ENGINES,
  });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const { prometheus } = parsed.configuration;
  const http = createHttpClient(prometheus.http, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    http.close();
  });
  const asked = { times: 0 };
  const onRequest = (): void => {
    asked.times += 1;
  };
  return { client: createPrometheusClient(prometheus, { http, clock: systemClock, onRequest }), asked };
}

await t.test('a restarted process scales down like one that has seen the whole memory', async (t) => {
  const { recommended, history, atMs } = await lookForLong(t);
  t.equal(recommended, 15, '0.6 × 20 instances at the peak of the last hour, at a target of 0.85');
  const { client, asked } = await recordedIn(t, history);
  const clock = createFakeClock(atMs + 3 * MINUTE_MS);
  const { look, watch } = await startProcess(t, clock, client);
  t.equal(await look(), 15, 'at its first look');
  t.equal(asked.times, 1);
  for (let minute = 0; minute < 5; minute += 1) {
    clock.advance(MINUTE_MS);
    t.equal(await look(), 15);
  }
  t.equal(asked.times, 1, 'known values are not queried again');
  t.strictSame(watch.troubles(), []);
});

await t.test('the query uses the clock of Prometheus if it differs', async (t) => {
  const aheadMs = 45 * MINUTE_MS;
  const { history, atMs } = await lookForLong(t, aheadMs);
  const { client } = await recordedIn(t, history);
  const ahead = new ServerClock('Prometheus');
  const headers = new Map([['date', new Date(atMs + aheadMs).toUTCString()]]);
  ahead.note({ answer: { headers }, askedAtMs: atMs, answeredAtMs: atMs });
  const { look } = await startProcess(t, createFakeClock(atMs), client, ahead);
  t.equal(await look(), 15);
  const { look: ofOurTime } = await startProcess(t, createFakeClock(atMs), client);
  t.equal(await ofOurTime(), 20, 'by our clock it is another hour');
});

await t.test(
  'if Prometheus does not scrape Dhalion, a scale-down waits until the process has seen its whole memory',
  async (t) => {
    const { history, atMs } = await lookForLong(t);
    const others = history.map((series) => ({ ...series, labels: { ...series.labels, job: 'another' } }));
    const { client, asked } = await recordedIn(t, others);
    const clock = createFakeClock(atMs);
    const { look, watch } = await startProcess(t, clock, client);
    for (let minute = 0; minute < 58; minute += 1) {
      t.equal(await look(), 20, `minute ${minute}`);
      clock.advance(MINUTE_MS);
    }
    t.equal(asked.times, 6, 'the query is repeated every ten minutes, whatever its result');
    // The whole last hour needs 0.2 × 20 instances, and at most 60 % are removed at once.
    t.equal(await look(), 8);
    t.strictSame(watch.troubles(), [], 'a missing history is not a trouble');
  },
);

await t.test('a history with too large a gap does not cover the memory', async (t) => {
  const { history, atMs } = await lookForLong(t);
  const gapped = (minutes: number): History[] =>
    history.map(({ samples, ...series }) => {
      const kept = samples.filter(
        ([atS]) => Math.abs(atS * 1000 - (atMs - 30 * MINUTE_MS)) > (minutes / 2) * MINUTE_MS,
      );
      return { ...series, samples: kept };
    });
  for (const [minutes, expected] of [
    [10, 15],
    [20, 20],
  ] as const) {
    const { client } = await recordedIn(t, gapped(minutes));
    const { look } = await startProcess(t, createFakeClock(atMs), client);
    t.equal(await look(), expected, `${minutes} minutes`);
  }
});

await t.test('a failed query leaves the history unknown, is reported, and is repeated', async (t) => {
  const { history, atMs } = await lookForLong(t);
  const { client } = await recordedIn(t, history);
  let isDown = true;
  const clock = createFakeClock(atMs - 12 * MINUTE_MS);
  const { look, watch } = await startProcess(t, clock, {
    queryRange: (...asked) => (isDown ? Promise.reject(new Error('it is down')) : client.queryRange(...asked)),
  });
  t.equal(await look(), 20);
  t.match(watch.troubles(), [
    /^The recorded need of .* of engine flink cannot be read from Prometheus \(it is down\): scale-downs wait/,
  ]);
  isDown = false;
  clock.advance(9 * MINUTE_MS);
  t.equal(await look(), 20);
  t.equal(watch.troubles().length, 1, 'not yet repeated');
  clock.advance(MINUTE_MS);
  t.equal(await look(), 15);
  t.strictSame(watch.troubles(), []);
});
