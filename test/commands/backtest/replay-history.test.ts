// A backtest concludes what a live service would have concluded: the same history, looked at step by step with instant queries
// and in one go with range queries.
import t, { type Test } from 'tap';
import type { BacktestStep } from '../../../src/backtest-report/backtest-step.js';
import { systemClock } from '../../../src/clock.js';
import { replayHistory } from '../../../src/commands/backtest/replay-history.js';
import type { Configuration, Engine } from '../../../src/config/configuration.js';
import { evaluateSensed } from '../../../src/control-loop/evaluate-sensed.js';
import type { TopologyEvaluation } from '../../../src/model/evaluation.js';
import { createHttpClient } from '../../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import type { TopologyMemory } from '../../../src/policy/notice-missing-instances.js';
import { chooseResolver } from '../../../src/resolvers/resolve.js';
import type { SensedTopology } from '../../../src/sensors/assemble-measurements.js';
import { createPrometheusClient, type PrometheusClient } from '../../../src/sensors/prometheus-client.js';
import { sense } from '../../../src/sensors/sense.js';
import { backtestConfiguration } from '../../support/backtest-configuration.js';
import { heronBolt, heronSpout, heronSuspended } from '../../support/heron-series.js';
import { prometheusWithHistory, type History } from '../../support/real-parts.js';
import { discovery, END_S, flinkSubtask, listed, series, WINDOW_MS } from '../../support/sensing.js';

t.setTimeout(300_000);

const WHOLE = { from: 1800, to: 0 };

/** A job whose count is skewed for a while, whose backlog grows, and which loses an instance. */
function skewedJob(): History[] {
  const source = { job: 'skewed', task: 'Source:_in', recordsIn: 0, recordsOut: 500, busy: 400, ...WHOLE };
  const held = (before: number): number => (before > 600 && before < 1200 ? 300 + before / 10 : 10);
  return [
    ...[0, 1].flatMap((subtask) =>
      flinkSubtask({
        ...source,
        subtask,
        backPressured: held,
        pendingRecords: { in: (before) => 90_000 - 40 * before },
      }),
    ),
    ...[0, 1, 2].flatMap((subtask) =>
      flinkSubtask({
        job: 'skewed',
        task: 'count',
        subtask,
        backPressured: 0,
        queue: (before) => (subtask === 1 && before > 600 ? 400 + before / 7 : subtask),
        recordsIn: subtask === 1 ? 30 : 333.3 + subtask,
        busy: subtask === 1 ? 990 : 401.7,
        from: 1800,
        to: subtask === 2 ? 450 : 0,
      }),
    ),
  ];
}

/** Comes later, has a gap, goes again; one reading is NaN throughout. */
function visitingJob(): History[] {
  return [
    { from: 1500, to: 1000 },
    { from: 700, to: 200 },
  ].flatMap((span) =>
    ['Source:_in', 'map'].flatMap((task) =>
      flinkSubtask({
        job: 'visitor',
        task,
        subtask: 0,
        backPressured: 3,
        queue: 1,
        recordsIn: 70,
        recordsOut: 70,
        busy: NaN,
        ...span,
      }),
    ),
  );
}

const HISTORY = [
  ...skewedJob(),
  ...visitingJob(),
  ...heronSpout({ topology: 'birds', component: 'word', task: 1, backpressureMs: 0, packets: 0, emitted: 60_000 }),
  ...[2, 3].flatMap((task) =>
    heronBolt({
      topology: 'birds',
      component: 'split',
      task,
      backpressureMs: 9000 * (task - 2),
      packets: 80,
      executed: 7e4,
    }),
  ),
  heronSuspended('birds', 1, (before) => 12_000 + before),
  series(
    'flink_taskmanager_job_task_backPressuredTimeMsPerSecond',
    { task_name: 'nobody', subtask_index: '0' },
    5,
    WHOLE,
  ),
];

function configurationFor(url: string): Configuration {
  const inputs = { minParallelism: 1, maxParallelism: 40 };
  const source = { name: 'in', role: 'source', inputs: [], ...inputs } as const;
  const count = { name: 'count', role: 'inner', inputs: ['in'], ...inputs } as const;
  const operators = [
    { spec: source, match: /^Source:.*$/, mayFinish: false },
    { spec: count, match: /^count$/, mayFinish: false },
  ];
  return backtestConfiguration(url, {
    topologies: [listed('skewed', { operators }), listed('absent')],
    discoveries: [discovery('vis.*'), discovery('.*', { engine: 'heron' })],
  });
}

/** The steps as the service would have taken them, one after the other. */
async function lookLive(
  client: PrometheusClient,
  configuration: Configuration,
  instants: readonly number[],
): Promise<BacktestStep[]> {
  const known = new Map<string, readonly SensedTopology[]>();
  const memories = new Map<string, TopologyMemory>();
  const steps: BacktestStep[] = [];
  for (const atMs of instants) {
    const evaluations: TopologyEvaluation[] = [];
    for (const engine of configuration.engines.values()) {
      const { topologies, failures } = await lookAt(client, configuration, engine, atMs, known.get(engine.name) ?? []);
      if (failures.length > 0) throw new Error(`a live query failed: ${JSON.stringify(failures)}`);
      known.set(engine.name, topologies);
      evaluations.push(...topologies.map((sensed) => evaluate(sensed, memories)));
    }
    const seen = new Set(evaluations.map(({ topology }) => topology));
    for (const name of memories.keys()) if (!seen.has(name)) memories.delete(name);
    steps.push({ atMs, evaluations });
  }
  return steps;
}

function lookAt(
  client: PrometheusClient,
  configuration: Configuration,
  engine: Engine,
  atMs: number,
  known: readonly SensedTopology[],
): ReturnType<typeof sense> {
  return sense({
    client,
    engine,
    windowMs: configuration.windowMs,
    atMs,
    listed: configuration.topologies.filter((topology) => topology.engine === engine.name),
    discoveries: configuration.discoveries.filter((one) => one.engine === engine.name),
    only: null,
    known,
    signal: AbortSignal.timeout(120_000),
  });
}

function evaluate(sensed: SensedTopology, memories: Map<string, TopologyMemory>): TopologyEvaluation {
  const { topology } = sensed.measurement;
  const { evaluation, memory } = evaluateSensed(sensed, {
    memory: memories.get(topology),
    askedFor: () => null,
    resolverFor: (_, diagnosis) => chooseResolver(diagnosis, () => ({ isSupported: false, wasIneffective: false })),
  });
  memories.set(topology, memory);
  return evaluation;
}

/** Numbers to 12 digits: sums over instances are taken in another order. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' ? Number(part.toPrecision(12)) : part)),
  );
}

void t.test('each step equals the conclusion of a live look at that instant', async (t) => {
  const { url } = await prometheusWithHistory(t, HISTORY, { extraArgs: ['--query.lookback-delta=30s'] });
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion-test' });
  t.teardown(() => {
    http.close();
  });
  const configuration = configurationFor(url);
  const client = createPrometheusClient(configuration.prometheus, { http, clock: systemClock });
  for (const { stepS, offsetS } of [
    { stepS: 15, offsetS: 0 },
    // Off the grid of scrapes and sub-queries.
    { stepS: 47, offsetS: 7 },
  ]) {
    await t.test(`every ${stepS} s`, async (t) => {
      const range = { fromMs: (END_S - 1200 + offsetS) * 1000, toMs: END_S * 1000, stepMs: stepS * 1000 };
      const replayed: BacktestStep[] = [];
      const replay = { configuration, client, range, signal: AbortSignal.timeout(120_000) };
      for await (const step of replayHistory(replay)) replayed.push(step);
      const warmUpMs = Math.ceil(WINDOW_MS / range.stepMs) * range.stepMs;
      const instants: number[] = [];
      for (let atMs = range.fromMs - warmUpMs; atMs <= range.toMs; atMs += range.stepMs) instants.push(atMs);
      const live = (await lookLive(client, configuration, instants)).filter(({ atMs }) => atMs >= range.fromMs);
      t.same(
        replayed.map(({ atMs }) => atMs),
        live.map(({ atMs }) => atMs),
      );
      const differing = replayed.filter(
        (step, index) => JSON.stringify(rounded(step)) !== JSON.stringify(rounded(live[index])),
      );
      t.equal(differing.length, 0, 'all steps');
      if (differing[0] !== undefined) t.same(rounded(differing[0]), rounded(live[replayed.indexOf(differing[0])]));
      checkStory(t, replayed);
    });
  }
});

/** The history has what could differ in it. */
function checkStory(t: Test, steps: readonly BacktestStep[]): void {
  const evaluations = steps.flatMap((step) => step.evaluations);
  const of = (topology: string): TopologyEvaluation[] => evaluations.filter((one) => one.topology === topology);
  const operators = of('skewed').flatMap((one) => one.operators);
  t.ok(
    operators.some(({ measurement }) => measurement.outliers.length > 0),
    'outliers',
  );
  t.ok(
    operators.some(({ diagnoses }) => diagnoses.length > 0),
    'diagnoses',
  );
  t.ok(
    operators.some(({ measurement }) => measurement.incompleteBecause !== null),
    'a lost instance',
  );
  t.ok(
    operators.some(({ symptoms }) => symptoms.growing_source_backlog === 'yes'),
    'a growing backlog',
  );
  t.equal(of('absent').length, steps.length, 'a listed topology is there, unknown');
  t.ok(of('visitor').length > 0 && of('visitor').length < steps.length, 'one comes and goes');
  t.ok(
    of('birds').some((one) => one.backpressure === 'yes'),
    'Heron has backpressure',
  );
}

void t.test('a query that is too large is split in halves', async (t) => {
  const { url } = await prometheusWithHistory(t, HISTORY, {
    extraArgs: ['--query.lookback-delta=30s', '--query.max-samples=900'],
  });
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion-test' });
  t.teardown(() => {
    http.close();
  });
  const configuration = configurationFor(url);
  let requests = 0;
  const onRequest = (status: number | null): void => {
    if (status !== 200) requests += 1;
  };
  const client = createPrometheusClient(configuration.prometheus, { http, clock: systemClock, onRequest });
  const range = { fromMs: (END_S - 600) * 1000, toMs: END_S * 1000, stepMs: 15_000 };
  const replay = { configuration, client, range, signal: AbortSignal.timeout(120_000) };
  let count = 0;
  for await (const { evaluations } of replayHistory(replay)) if (evaluations.length > 0) count += 1;
  t.equal(count, 41);
  t.ok(requests > 0, 'some were too much');
});
