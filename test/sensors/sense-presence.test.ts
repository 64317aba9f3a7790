import t from 'tap';
import { settingsWith } from '../support/measurements.js';
import {
  clientWithHistory,
  discovery,
  engineOf,
  healthySubtask,
  listed,
  measured,
  operatorIn,
  senseAt,
  series,
} from '../support/sensing.js';

const FLINK = engineOf('flink');
const SHORT = { from: 30 };

const job = (name: string, subtasks: readonly number[]): ReturnType<typeof healthySubtask> =>
  subtasks.flatMap((subtask) => healthySubtask({ job: name, task: 'map', subtask, ...SHORT }));
const upTo = (parallelism: number): number[] => Array.from({ length: parallelism }, (_, index) => index);

const COMPLETE = [1, 2, 9, 10, 11, 123, 1001];
const GAPS: Readonly<Record<string, readonly number[]>> = {
  'first-missing': [1],
  'zero-missing': [1, 2],
  'middle-missing': [0, 1, 3],
  'gap-at-10': upTo(12).filter((index) => index !== 10),
  'gap-at-99': upTo(123).filter((index) => index !== 99),
  'hundreds-for-units': [0, 100],
  'tens-of-thousands': [0, 1, 30_000],
};

void t.test('missing instances', async (t) => {
  const client = await clientWithHistory(t, [
    ...COMPLETE.flatMap((parallelism) => job(`complete-${parallelism}`, upTo(parallelism))),
    ...Object.entries(GAPS).flatMap(([name, subtasks]) => job(name, subtasks)),
    ...job('told', upTo(3)),
    ...job('told-wrong', upTo(3)),
    ...job('untold', upTo(3)),
    series('told_parallelism', { job_name: 'told', task_name: 'map' }, 4, SHORT),
    series('told_parallelism', { job_name: 'told-wrong', task_name: 'map' }, 0.5, SHORT),
  ]);

  await t.test('indices 0..p-1 are complete, whatever p', async (t) => {
    const names = COMPLETE.map((parallelism) => `complete-${parallelism}`);
    const sensing = await senseAt(client, { engine: FLINK, listed: names.map((name) => listed(name)) });
    t.same(sensing.failures, []);
    for (const parallelism of COMPLETE) {
      const operator = operatorIn(sensing, `complete-${parallelism}`, 'map');
      t.equal(operator.parallelism, parallelism);
      t.equal(operator.incompleteBecause, null);
      t.equal(measured(operator.busy).mean, 0.5);
    }
  });

  await t.test('a gap in the indices makes an operator incomplete', async (t) => {
    const sensing = await senseAt(client, { engine: FLINK, listed: Object.keys(GAPS).map((name) => listed(name)) });
    for (const [name, subtasks] of Object.entries(GAPS)) {
      const operator = operatorIn(sensing, name, 'map');
      t.equal(operator.parallelism, subtasks.length);
      t.match(operator.incompleteBecause, `operator instances 0..${subtasks.length - 1} are expected`);
    }
  });

  await t.test('engines that do not number their instances have no gaps', async (t) => {
    const engine = { ...FLINK, contiguousInstances: false };
    const sensing = await senseAt(client, { engine, listed: [listed('middle-missing')] });
    t.equal(operatorIn(sensing, 'middle-missing', 'map').incompleteBecause, null);
  });

  await t.test('a sensor parallelism says how many there should be', async (t) => {
    const engine = { ...FLINK, sensors: { ...FLINK.sensors, parallelism: ['told_parallelism{$matchers}'] } };
    const sensing = await senseAt(client, {
      engine,
      listed: ['told', 'told-wrong', 'untold'].map((name) => listed(name)),
    });
    const told = operatorIn(sensing, 'told', 'map');
    t.equal(told.parallelism, 4);
    t.equal(told.incompleteBecause, '4 operator instances are expected, 3 are present');
    t.same(told.busy, { kind: 'missing', because: '3 of 4 operator instances report' });
    for (const name of ['told-wrong', 'untold']) {
      t.equal(operatorIn(sensing, name, 'map').parallelism, null);
      t.match(operatorIn(sensing, name, 'map').incompleteBecause, /no whole number/);
    }
  });

  await t.test('two points make no slope, and a short history no lowest rate', async (t) => {
    const sensing = await senseAt(client, { engine: FLINK, listed: [listed('complete-2')], atMs: 1_700_000_085_000 });
    const operator = operatorIn(sensing, 'complete-2', 'map');
    t.equal(measured(operator.pendingPackets).slopePerSecond, null);
    t.equal(measured(operator.processingRate).lowestTotal, null);
    t.equal(measured(operator.processingRate).total, 200);
  });
});

void t.test('failures and requests', async (t) => {
  const names = upTo(40).map((number) => `job-${number}`);
  const client = await clientWithHistory(
    t,
    names.flatMap((name, number) => [
      ...healthySubtask({ job: name, task: 'map', subtask: 0, queue: number % 2 === 0 ? 900 : 0 }),
      ...healthySubtask({ job: name, task: 'map', subtask: 1 }),
    ]),
  );

  await t.test('the number of requests does not depend on the number of topologies', async (t) => {
    const one = await senseAt(client, { engine: FLINK, listed: [listed('job-0')] });
    const forty = await senseAt(client, { engine: FLINK, listed: names.map((name) => listed(name)) });
    t.equal(one.requests, 15);
    t.equal(forty.requests, one.requests);
    t.equal(forty.topologies.flatMap(({ measurement }) => measurement.operators[0]?.outliers ?? []).length, 20);
  });

  await t.test('nothing to look at asks nothing', async (t) => {
    t.same(await senseAt(client, { engine: FLINK }), { topologies: [], failures: [], requests: 0 });
    t.same(await senseAt(client, { engine: FLINK, listed: [listed('job-1')], only: [] }), {
      topologies: [],
      failures: [],
      requests: 0,
    });
  });

  const failing = (fragment: RegExp): typeof client => ({
    query: (promql, ...more) =>
      fragment.test(promql) ? Promise.reject(new Error('out of memory')) : client.query(promql, ...more),
  });

  await t.test('a sensor whose query fails is missing, the others are not', async (t) => {
    const sensing = await senseAt(failing(/busyTime/), { engine: FLINK, listed: names.map((name) => listed(name)) });
    t.same(
      sensing.failures.map(({ purpose }) => purpose),
      ['busy'],
    );
    for (const name of names) {
      const operator = operatorIn(sensing, name, 'map');
      t.same(operator.busy, { kind: 'missing', because: 'the query for busy failed: out of memory' });
      t.equal(operator.processingRate.kind, 'measured');
    }
    t.match(operatorIn(sensing, 'job-0', 'map').outliers, [{ pendingPackets: 900, processingRate: 100, busy: null }]);
  });

  await t.test('if presence fails, the operators known last are all missing', async (t) => {
    const request = { engine: FLINK, listed: [listed('job-0')], discoveries: [discovery('job-.*')] };
    const before = await senseAt(client, request);
    const presence = /backPressuredTime|inputQueueLength|numRecords/;
    const after = await senseAt(failing(presence), { ...request, known: before.topologies });
    t.ok(after.failures.length > 0);
    t.equal(after.topologies.length, 40);
    for (const name of names) {
      const operator = operatorIn(after, name, 'map');
      t.equal(operator.parallelism, null);
      t.match(operator.processingRate, { kind: 'missing', because: /backpressure failed: out of memory/ });
      t.equal(operator.sourceBacklog.kind, 'not_applicable');
    }
    const later = await senseAt(client, { ...request, known: after.topologies });
    t.equal(operatorIn(later, 'job-7', 'map').parallelism, 2);
  });

  await t.test('at most ten instances of an operator are looked at', async (t) => {
    const skewed = settingsWith({ pendingPacketsSkewRatio: 0.1, minPendingPacketsForSkew: 0 });
    const many = await clientWithHistory(
      t,
      upTo(20).flatMap((subtask) => healthySubtask({ job: 'many', task: 'map', subtask, queue: 100 + subtask })),
    );
    const sensing = await senseAt(many, { engine: FLINK, listed: [listed('many', { policy: skewed })] });
    const { outliers } = operatorIn(sensing, 'many', 'map');
    t.same(
      outliers.map(({ operatorInstance }) => Number(operatorInstance)).sort((a, b) => a - b),
      upTo(20).slice(10),
    );
    t.ok(outliers.every(({ processingRate, busy }) => processingRate === 100 && busy === 0.5));
  });
});
