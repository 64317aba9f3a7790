import t, { type Test } from 'tap';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator-server.js';
import { WORD_COUNT_SOURCE, wordCountSpec } from '../../src/simulator/word-count.js';
import { samplesOf } from '../support/exposition.js';
import { createPausedClock, type PausedClock } from '../support/paused-clock.js';

interface Started {
  readonly simulator: Simulator;
  readonly clock: PausedClock;
  /** Status and, where the answer is JSON, its data or error. */
  readonly post: (
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<[number, unknown]>;
  readonly metrics: () => Promise<string>;
  readonly parallelism: (operator: string) => number;
}

async function start(t: Test, options: Partial<SimulatorOptions> = {}): Promise<Started> {
  const clock = createPausedClock();
  const spec = wordCountSpec({ restartGapSeconds: 10, offered: 800 });
  const simulator = await startSimulator({ spec, flavour: 'flink', seed: 1, clock, ...options });
  t.teardown(() => simulator.stop());
  return {
    simulator,
    clock,
    post: async (path, body, headers = {}) => {
      const response = await fetch(simulator.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const answer = (await response.json()) as { data?: unknown; error?: string };
      return [response.status, answer.error ?? answer.data];
    },
    metrics: async () => (await fetch(`${simulator.url}/metrics`)).text(),
    parallelism: (operator) => simulator.state().operators.find(({ name }) => name === operator)?.parallelism ?? NaN,
  };
}

/** The webhook's body as the contract has it. */
function scaleBody(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    version: '1',
    id: '0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10',
    type: 'dhalion.scale_up',
    timestamp: '2023-11-14T22:13:20Z',
    expires_at: '2023-11-14T22:18:20Z',
    topology: 'wordcount',
    operator: 'split',
    resolver: 'scale_up',
    diagnosis: 'underprovisioning',
    current_parallelism: 10,
    desired_parallelism: 12,
    operator_instances: [],
    reverts: null,
    labels: {},
    reason: { suspended_ratio: 0.5, pending_packets: 812.5, processing_rate: 1034.2 },
    ...more,
  };
}

/** Of version 2: with the operators that a plan has. */
function planBody(operators: readonly unknown[]): Record<string, unknown> {
  return scaleBody({ version: '2', operators });
}

await t.test('a plan is carried out at once, with one restart', async (t) => {
  const { simulator, post, parallelism } = await start(t);
  simulator.advance(30);
  const { restarts } = simulator.state();
  const plan = planBody([
    { operator: 'split', desired_parallelism: 12 },
    { operator: 'count', desired_parallelism: 24 },
  ]);
  const operators = [
    { operator: 'split', parallelism: 12 },
    { operator: 'count', parallelism: 24 },
  ];
  t.same(await post('/scale', plan), [202, { operators }]);
  t.same([parallelism('split'), parallelism('count')], [12, 24]);
  t.equal(simulator.state().restarts, restarts + 1);
  t.same(await post('/scale', plan), [202, { operators }]);
  t.equal(simulator.state().restarts, restarts + 1, 'an existing state restarts nothing');
  const unknown = planBody([
    { operator: 'count', desired_parallelism: 2 },
    { operator: 'spilt', desired_parallelism: 2 },
  ]);
  t.match(await post('/scale', unknown), [404, /spilt/]);
  t.equal(parallelism('count'), 24, 'nothing is carried out in part');
  t.match(await post('/scale', planBody([])), [400, /operators/]);
  t.match(await post('/scale', planBody([{ operator: 'count', desired_parallelism: 0 }])), [
    400,
    /desired_parallelism/,
  ]);
});

await t.test('time passes by the clock, faster by the time scale', async (t) => {
  const { simulator, clock, metrics } = await start(t, { timeScale: 10 });
  t.equal(simulator.state().timeSeconds, 0);
  t.same(samplesOf(await metrics(), 'flink_taskmanager_job_task_numRecordsIn'), []);
  await clock.advance(2000);
  t.ok(Math.abs(simulator.state().timeSeconds - 20) < 1e-6);
  t.equal(samplesOf(await metrics(), 'flink_taskmanager_job_task_numRecordsIn').length, 31);
  await clock.advance(3_600_000);
  t.ok(Math.abs(simulator.state().timeSeconds - 80) < 1e-6, 'time spent asleep is not simulated');
});

await t.test('metrics are in the text format Prometheus asks for', async (t) => {
  const { simulator } = await start(t);
  simulator.advance(5);
  const response = await fetch(`${simulator.url}/metrics`);
  t.equal(response.status, 200);
  t.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  t.match(await response.text(), /^# HELP flink_/);
});

await t.test('it listens on loopback only', async (t) => {
  const { simulator } = await start(t);
  t.match(simulator.url, /^http:\/\/127\.0\.0\.1:\d+$/);
});

await t.test('a taken port is a fault that says so', async (t) => {
  const { simulator, clock } = await start(t);
  const port = Number(new URL(simulator.url).port);
  await t.rejects(startSimulator({ spec: wordCountSpec(), flavour: 'flink', seed: 1, clock, port }), {
    code: 'listen_failed',
  });
});

await t.test('a scaling call is carried out: a restart gap, then the new parallelism', async (t) => {
  const { simulator, post, metrics, parallelism } = await start(t);
  simulator.advance(30);
  t.same(await post('/scale', scaleBody()), [202, { parallelism: 12 }]);
  t.equal(simulator.state().isRunning, false);
  t.same(samplesOf(await metrics(), 'flink_taskmanager_job_task_numRecordsIn'), [], 'at once');
  simulator.advance(11);
  t.equal(samplesOf(await metrics(), 'flink_taskmanager_job_task_numRecordsIn', { task_name: 'split' }).length, 12);
  t.same(await post('/scale', scaleBody({ resolver: 'scale_down', desired_parallelism: 9 })), [
    202,
    { parallelism: 9 },
  ]);
  t.same(await post('/scale', scaleBody({ resolver: 'revert', desired_parallelism: 12 })), [202, { parallelism: 12 }]);
  t.equal(parallelism('split'), 12);
});

await t.test('the same key is carried out once and answered alike; for another body it is refused', async (t) => {
  const { simulator, post, parallelism } = await start(t);
  const headers = { 'idempotency-key': '"a-key"' };
  t.same(await post('/scale', scaleBody(), headers), [202, { parallelism: 12 }]);
  await post('/scale', scaleBody({ desired_parallelism: 5 }));
  t.same(await post('/scale', scaleBody(), headers), [202, { parallelism: 12 }]);
  t.equal(parallelism('split'), 5, 'the repetition changes nothing');
  const [status] = await post('/scale', scaleBody({ desired_parallelism: 3 }), headers);
  t.equal(status, 422);
  t.same(
    simulator.calls().map(({ answer, isReplay }) => [answer.status, isReplay]),
    [
      [202, false],
      [202, false],
      [202, true],
      [422, false],
    ],
  );
});

await t.test('an expired call is refused, unless it is the repetition of one that was carried out', async (t) => {
  const { clock, post, parallelism } = await start(t);
  const headers = { 'idempotency-key': '"a-key"' };
  await post('/scale', scaleBody(), headers);
  await clock.advance(300_000);
  t.same(await post('/scale', scaleBody(), headers), [202, { parallelism: 12 }]);
  t.match(await post('/scale', scaleBody({ desired_parallelism: 3 })), [412, /expired/]);
  t.equal(parallelism('split'), 12);
});

await t.test('a refused call may be repeated with the same key', async (t) => {
  const { clock, post } = await start(t);
  const headers = { 'idempotency-key': '"a-key"' };
  await clock.advance(-1000);
  t.equal((await post('/scale', scaleBody({ topology: 'other' }), headers))[0], 404);
  t.equal((await post('/scale', scaleBody(), headers))[0], 202);
});

await t.test('an unknown name is 404, an invalid body 400, each with the reason', async (t) => {
  const { post } = await start(t);
  const table: [string, unknown, number, RegExp][] = [
    ['/scale', scaleBody({ topology: 'wordcuont' }), 404, /wordcuont/],
    ['/scale', scaleBody({ operator: 'spilt' }), 404, /spilt/],
    ['/scale', scaleBody({ resolver: 'explode' }), 400, /resolver must be one of/],
    ['/scale', scaleBody({ desired_parallelism: 0 }), 400, /desired_parallelism/],
    ['/scale', scaleBody({ desired_parallelism: '12' }), 400, /desired_parallelism/],
    ['/scale', scaleBody({ operator_instances: [1] }), 400, /operator_instances/],
    ['/scale', scaleBody({ expires_at: 'soon' }), 400, /expires_at/],
    ['/scale', scaleBody({ expires_at: 5 }), 400, /expires_at/],
    ['/scale', '{"a":', 400, /not valid JSON/],
    ['/scale', '[]', 400, /object/],
    ['/load', { offered_rate: -1 }, 400, /offered_rate/],
    ['/load', { offered_rate: 1, operator: 'nobody' }, 404, /nobody/],
    ['/load', { offered_rate: 1, operator: 'split' }, 400, /not a source/],
    ['/slow', { operator: 'split', index: 0, factor: 0.5 }, 400, /factor/],
    ['/hot-key', { operator: 'count', instance: 0, share: 2 }, 400, /share/],
    ['/nowhere', {}, 404, /POST \/nowhere/],
  ];
  for (const [path, body, status, error] of table) t.match(await post(path, body), [status, error]);
});

await t.test('a body that is too large is refused with 413', async (t) => {
  const { post } = await start(t);
  t.equal((await post('/scale', { padding: 'x'.repeat(2_000_000) }))[0], 413);
});

await t.test('restart and rebalance cure what they are for', async (t) => {
  const { simulator, post } = await start(t);
  const longest = (operator: string): number => {
    simulator.advance(60);
    const instances = simulator.state().operators.find(({ name }) => name === operator)?.instances ?? [];
    return Math.max(...instances.map(({ fill }) => fill));
  };
  await post('/load', { offered_rate: 500 });
  await post('/slow', { operator: 'split', index: 3, factor: 4 });
  t.ok(longest('split') > 0.9);
  await post('/scale', scaleBody({ resolver: 'restart_instances', operator_instances: ['4'] }));
  t.ok(longest('split') > 0.9, 'another instance');
  await post('/scale', scaleBody({ resolver: 'restart_instances', operator_instances: ['3'] }));
  simulator.advance(600);
  t.ok(longest('split') < 0.5);
  await post('/hot-key', { operator: 'count', instance: 2, share: 0.2 });
  t.ok(longest('count') > 0.9);
  await post('/scale', scaleBody({ resolver: 'rebalance', operator: 'count' }));
  simulator.advance(600);
  t.ok(longest('count') < 0.5);
  t.equal(simulator.state().restarts, 3);
});

await t.test('the load can be changed, of all sources or of one', async (t) => {
  const { simulator, post } = await start(t);
  const received = (): number => simulator.state().operators[0]?.ledger.received ?? NaN;
  t.same(await post('/load', { offered_rate: 100 }), [200, null]);
  simulator.advance(10);
  t.ok(Math.abs(received() - 1000) < 1e-6);
  await post('/load', { offered_rate: 10, operator: WORD_COUNT_SOURCE });
  simulator.advance(10);
  t.ok(Math.abs(received() - 1100) < 1e-6);
});

await t.test('calls are kept as they came', async (t) => {
  const { simulator, post, clock } = await start(t);
  const body = JSON.stringify(scaleBody(), null, 1);
  await post('/scale', body, { 'webhook-signature': 'v1,abc' });
  const [call] = simulator.calls();
  t.equal(call?.rawBody, body);
  t.equal(call?.headers['webhook-signature'], 'v1,abc');
  t.equal(call?.receivedAtMs, clock.now());
});

await t.test('the state is readable as JSON', async (t) => {
  const { simulator } = await start(t);
  simulator.advance(5);
  const answer = (await (await fetch(`${simulator.url}/state`)).json()) as { data: unknown };
  t.same(answer.data, JSON.parse(JSON.stringify(simulator.state())));
});

await t.test('Heron instances are addressed by the names in their series', async (t) => {
  const { simulator, post, metrics } = await start(t, { flavour: 'heron' });
  simulator.advance(60);
  t.match(await metrics(), /^heron_/);
  const busyMs = (): number[] => {
    simulator.advance(600);
    const split = simulator.state().operators.find(({ name }) => name === 'split');
    return (split?.instances ?? []).slice(3, 5).map(({ totals }) => Math.round(totals.busyMs));
  };
  await post('/slow', { operator: 'split', index: 3, factor: 4 });
  const [slow = NaN, peer = NaN] = busyMs();
  t.ok(slow > 1.1 * peer);
  await post('/scale', scaleBody({ resolver: 'restart_instances', operator_instances: ['container_1_split_5'] }));
  const [cured = NaN, other = NaN] = busyMs();
  t.ok(cured < 1.05 * other);
});
