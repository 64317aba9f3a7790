import t from 'tap';
import { flinkSubtask, healthySubtask, clientWithHistory, discovery, engineOf, listed } from '../support/sensing.js';
import { measured, near, operatorIn, senseAt, topologyIn, type FlinkSubtask } from '../support/sensing.js';
import { settingsWith } from '../support/measurements.js';

const FLINK = engineOf('flink');
const WEIRD = 'we"ird\\ job\n(x)|.*$1';

const source = (subtask: Partial<FlinkSubtask>): ReturnType<typeof flinkSubtask> =>
  flinkSubtask({
    job: 'wordcount',
    task: 'Source:_words____Map',
    subtask: 0,
    backPressured: 500,
    queue: 0,
    recordsIn: 0,
    recordsOut: 900,
    busy: 400,
    operatorRecordsIn: { 'Source:_words': 100, Map: 7 },
    ...subtask,
  });

const split = (subtask: number, changes: Partial<FlinkSubtask>): ReturnType<typeof flinkSubtask> =>
  healthySubtask({ job: 'wordcount', task: 'split', subtask, ...changes });

const history = [
  source({ pendingRecords: { 'Source:_words': (before) => 10_000 - 10 * before } }),
  source({ subtask: 1, backPressured: 300, recordsIn: 0, pendingRecords: { 'Source:_words': 5_000 } }),
  split(0, { queue: 10, recordsIn: 100, busy: 900 }),
  // A restart in the middle of the window: other labels, the same instance.
  split(1, { queue: 20, recordsIn: 200, to: 150 }),
  split(1, { queue: 20, recordsIn: 200, from: 135, attempt: 1 }),
  split(2, { queue: (before) => 60 - 0.2 * before, recordsIn: (before) => (before === 60 ? 0 : 300), busy: 100 }),
  flinkSubtask({
    job: 'wordcount',
    task: 'window',
    subtask: 0,
    backPressured: 0,
    queue: 0,
    recordsIn: 0,
    recordsOut: 50,
    busy: 1,
  }),

  healthySubtask({ job: 'shrunk', task: 'map', subtask: 0, queue: 10 }),
  healthySubtask({ job: 'shrunk', task: 'map', subtask: 1, queue: 30 }),
  healthySubtask({ job: 'shrunk', task: 'map', subtask: 2, queue: 500, recordsIn: 9999, to: 60 }),

  healthySubtask({ job: 'nan', task: 'map', subtask: 0, busy: NaN, queue: (before) => (before % 60 === 45 ? NaN : 8) }),
  healthySubtask({ job: 'nan', task: 'map', subtask: 1, busy: NaN, queue: 8 }),
  healthySubtask({ job: 'nan', task: 'half', subtask: 0 }),
  healthySubtask({ job: 'nan', task: 'half', subtask: 1, busy: NaN }),

  healthySubtask({ job: 'partial', task: 'map', subtask: 0 }),
  flinkSubtask({ job: 'partial', task: 'map', subtask: 1, backPressured: 0, recordsIn: 100, busy: 500 }),
  source({ job: 'partial', subtask: 0, pendingRecords: { 'Source:_words': 1 } }),
  source({ job: 'partial', subtask: 1 }),
  source({ job: 'stopped', subtask: 0, operatorRecordsIn: {} }),
  flinkSubtask({
    job: 'stopped',
    task: 'Source:_words____Map',
    subtask: 0,
    pendingRecords: { 'Source:_words': 3 },
    to: 90,
  }),

  healthySubtask({ job: WEIRD, task: 'm"a\\p\n$1', subtask: 0, queue: 600, recordsIn: 60 }),
  healthySubtask({ job: WEIRD, task: 'm"a\\p\n$1', subtask: 1, queue: 6, recordsIn: 600 }),
  healthySubtask({ job: WEIRD.replace('\\', ''), task: 'other', subtask: 0 }),
  healthySubtask({ job: 'found-1', task: 'map', subtask: 0 }),
  source({ job: 'found-1' }),
  healthySubtask({ job: 'found-2', task: 'map', subtask: 0 }),
].flat();

void t.test('Flink', async (t) => {
  const client = await clientWithHistory(t, history);
  const names = ['wordcount', 'shrunk', 'nan', 'partial', 'stopped', WEIRD, 'gone'];
  const sensing = await senseAt(client, { engine: FLINK, listed: names.map((name) => listed(name)) });
  await t.test('no query fails', (t) => {
    t.same(sensing.failures, []);
    t.equal(sensing.requests, 15, 'whatever there is to be seen');
    t.end();
  });

  await t.test('statistics are of the instances’ means over the window', (t) => {
    const operator = operatorIn(sensing, 'wordcount', 'split');
    t.equal(operator.parallelism, 3);
    t.equal(operator.incompleteBecause, null);
    t.same(operator.spec, { name: 'split', role: 'inner', inputs: null, minParallelism: 1, maxParallelism: 100 });
    t.same(measured(operator.backpressure), { kind: 'measured', mean: 0, max: 0, sumAboveThreshold: 0 });
    near(t, measured(operator.pendingPackets).mean, 20);
    near(t, measured(operator.pendingPackets).max, 30);
    near(t, measured(operator.pendingPackets).slopePerSecond, 0.2);
    near(t, measured(operator.busy).mean, 0.5);
    near(t, measured(operator.busy).max, 0.9);
    t.equal(operator.sourceBacklog.kind, 'not_applicable');
    const rate = measured(operator.processingRate);
    near(t, rate.min, 100);
    near(t, rate.max, (300 * 20) / 21);
    near(t, rate.total, 300 + (300 * 20) / 21);
    near(t, rate.lowestTotal, 300);
    t.end();
  });

  await t.test('a source’s rate is its source operators’, its backlog the sum over its instances', (t) => {
    const operator = operatorIn(sensing, 'wordcount', 'Source:_words____Map');
    t.equal(operator.spec.role, 'source');
    near(t, measured(operator.backpressure).mean, 0.4);
    near(t, measured(operator.backpressure).sumAboveThreshold, 0.8);
    near(t, measured(operator.processingRate).total, 200);
    near(t, measured(operator.sourceBacklog).total, 15_000);
    near(t, measured(operator.sourceBacklog).slopePerSecond, 10);
    near(t, measured(operator.sourceBacklog).largestOfferedRate, 110);
    t.equal(operator.pendingPackets.kind, 'not_applicable');
    t.end();
  });

  await t.test('a source that counts nothing coming in is measured by what it sends', (t) => {
    near(t, measured(operatorIn(sensing, 'stopped', 'Source:_words____Map').processingRate).total, 900);
    t.end();
  });

  await t.test('the engine’s matchers restrict what is seen', async (t) => {
    const engine = { ...FLINK, matchers: 'subtask_index!="2"' };
    const { topologies } = await senseAt(client, { engine, listed: [listed('wordcount')] });
    t.equal(operatorIn({ topologies }, 'wordcount', 'split').parallelism, 2);
  });

  await t.test('an idle window operator that sends has a rate of zero', (t) => {
    near(t, measured(operatorIn(sensing, 'wordcount', 'window').processingRate).total, 0);
    t.end();
  });

  await t.test('a removed subtask does not linger for a window', (t) => {
    const operator = operatorIn(sensing, 'shrunk', 'map');
    t.equal(operator.parallelism, 2);
    near(t, measured(operator.pendingPackets).max, 30);
    near(t, measured(operator.processingRate).total, 200);
    t.end();
  });

  await t.test('NaN is no value, now or in the window: of what is summed over samples it leaves nothing', (t) => {
    const operator = operatorIn(sensing, 'nan', 'map');
    t.same(operator.pendingPackets, { kind: 'missing', because: '1 of 2 operator instances report' });
    t.same(operator.busy, { kind: 'missing', because: '0 of 2 operator instances report' });
    t.same(operatorIn(sensing, 'nan', 'half').busy, { kind: 'missing', because: '1 of 2 operator instances report' });
    t.end();
  });

  await t.test('a sensor of one of two instances is missing', (t) => {
    const operator = operatorIn(sensing, 'partial', 'map');
    t.same(operator.pendingPackets, { kind: 'missing', because: '1 of 2 operator instances report' });
    t.equal(operator.busy.kind, 'measured');
    t.equal(operatorIn(sensing, 'partial', 'Source:_words____Map').sourceBacklog.kind, 'missing');
    t.end();
  });

  await t.test(
    'a source without a backlog in the whole window has none, one that stopped reporting is missing',
    async (t) => {
      t.equal(operatorIn(sensing, 'stopped', 'Source:_words____Map').sourceBacklog.kind, 'missing');
      const { topologies } = await senseAt(client, { engine: FLINK, discoveries: [discovery('found-1')] });
      t.equal(operatorIn({ topologies }, 'found-1', 'Source:_words____Map').sourceBacklog.kind, 'not_applicable');
    },
  );

  await t.test('a name of quotes, backslashes, newlines and regex characters selects itself only', (t) => {
    const { measurement, operatorLabelValues } = topologyIn(sensing, WEIRD);
    t.same(
      measurement.operators.map(({ spec }) => spec.name),
      ['m"a\\p\n$1'],
    );
    t.equal(operatorLabelValues.get('m"a\\p\n$1'), 'm"a\\p\n$1');
    t.end();
  });

  await t.test('the outlying instances of a skewed operator are looked at', (t) => {
    const outliers = operatorIn(sensing, WEIRD, 'm"a\\p\n$1').outliers;
    t.same(outliers, [{ operatorInstance: '0', pendingPackets: 600, processingRate: 60, busy: 0.5 }]);
    t.same(operatorIn(sensing, 'wordcount', 'split').outliers, []);
    t.end();
  });

  await t.test('a listed topology without series has no operators until some are known', (t) => {
    t.same(topologyIn(sensing, 'gone').measurement.operators, []);
    t.end();
  });

  await t.test('discoveries find what is not listed, the first that matches configures it', async (t) => {
    const few = discovery('found-.', { policy: settingsWith({ maxParallelism: 7 }) });
    const { topologies } = await senseAt(client, {
      engine: FLINK,
      listed: [listed('found-1'), listed('renamed', { labelValue: 'shrunk' })],
      discoveries: [few, discovery('found.*|shrunk|partial')],
    });
    t.same(
      topologies.map(({ measurement }) => measurement.topology),
      ['found-1', 'renamed', 'found-2', 'partial'],
    );
    t.equal(operatorIn({ topologies }, 'found-2', 'map').spec.maxParallelism, 7);
    t.equal(operatorIn({ topologies }, 'partial', 'map').spec.maxParallelism, 100);
    t.equal(operatorIn({ topologies }, 'found-1', 'Source:_words____Map').spec.role, 'source');
  });

  await t.test('some topologies can be sensed alone, discovered ones too', async (t) => {
    const { topologies } = await senseAt(client, {
      engine: FLINK,
      listed: [listed('shrunk'), listed('nan')],
      discoveries: [discovery('.*')],
      only: ['nan', 'found-2'],
    });
    t.same(
      topologies.map(({ labelValue }) => labelValue),
      ['nan', 'found-2'],
    );
  });

  await t.test('listed operators are matched to tasks, what is not listed is left out', async (t) => {
    const spec = { name: 'x', role: 'inner', inputs: [], minParallelism: 1, maxParallelism: 9 } as const;
    const operator = (name: string, match: RegExp) => ({ spec: { ...spec, name }, match, mayFinish: false });
    const { topologies } = await senseAt(client, {
      engine: FLINK,
      listed: [
        listed('wordcount', {
          operators: [operator('one', /^spl.*$/), operator('both', /^(split|window)$/), operator('none', /^sink$/)],
        }),
      ],
    });
    t.equal(operatorIn({ topologies }, 'wordcount', 'one').parallelism, 3);
    t.match(operatorIn({ topologies }, 'wordcount', 'both'), {
      parallelism: null,
      busy: { kind: 'missing', because: 'it matches 2 operators: split, window' },
    });
    t.match(operatorIn({ topologies }, 'wordcount', 'none').busy, { kind: 'missing', because: 'no series' });
    t.equal(topologies[0]?.measurement.operators.length, 3);
    t.equal(topologies[0]?.operatorLabelValues.get('one'), 'split');
  });

  await t.test('operators known from last time are missing when their topology shows nothing', async (t) => {
    const lost = await senseAt(client, {
      engine: FLINK,
      listed: [listed('shrunk')],
      atMs: 1_800_000_000_000,
      known: sensing.topologies,
    });
    const operator = operatorIn(lost, 'shrunk', 'map');
    t.equal(operator.parallelism, null);
    t.same(operator.processingRate, { kind: 'missing', because: 'no series' });
    t.equal(topologyIn(lost, 'shrunk').operatorLabelValues.get('map'), 'map');
  });

  await t.test('a discovered operator that vanishes from among others is missing once', async (t) => {
    const extra = topologyIn(sensing, 'shrunk');
    const [map] = extra.measurement.operators;
    if (map === undefined) throw new Error('no operator');
    const sink = { ...map, spec: { ...map.spec, name: 'sink' } };
    const known = [{ ...extra, measurement: { ...extra.measurement, operators: [map, sink] } }];
    const first = await senseAt(client, { engine: FLINK, listed: [listed('shrunk')], known });
    t.equal(operatorIn(first, 'shrunk', 'sink').busy.kind, 'missing');
    const second = await senseAt(client, { engine: FLINK, listed: [listed('shrunk')], known: first.topologies });
    t.same(
      topologyIn(second, 'shrunk').measurement.operators.map(({ spec }) => spec.name),
      ['map'],
    );
  });
});
