import t from 'tap';
import {
  heronBolt as bolt,
  heronSpout as spout,
  heronSuspended as suspended,
  type HeronInstance,
} from '../support/heron-series.js';
import { settingsWith } from '../support/measurements.js';
import type { History } from '../support/real-parts.js';
import {
  clientWithHistory,
  discovery,
  engineOf,
  listed,
  measured,
  near,
  operatorIn,
  senseAt,
  series,
  topologyIn,
  type Course,
} from '../support/sensing.js';

const HERON = engineOf('heron');

const at = (
  topology: string,
  component: string,
  task: number,
): Pick<HeronInstance, 'topology' | 'component' | 'task'> => ({
  topology,
  component,
  task,
});

const history: History[] = [
  ...spout({ ...at('words', 'word_2_spout', 1), backpressureMs: 0, packets: 0, emitted: 6_000 }),
  ...bolt({ ...at('words', 'count', 2), backpressureMs: 30_000, packets: 40, executed: 60_000 }),
  ...bolt({
    ...at('words', 'count', 3),
    container: 2,
    backpressureMs: 4_800,
    packets: 8,
    executed: 30_000,
    byRules: true,
  }),
  ...bolt({ ...at('words', 'count', 4), container: 2, backpressureMs: 180, packets: 0, executed: 0 }),
  suspended('words', 1, 31_000),
  suspended('words', 2, 6_000),
  ...bolt({ ...at('loose', 'count', 2), backpressureMs: 30_000, packets: 5, executed: 600 }),
  ...bolt({ ...at('loose', 'count', 3), backpressureMs: 4_800, packets: 5, executed: 600 }),
  suspended('loose', 1, 12_000, 'heron_time_spent_back_pressure_aggr'),
  ...bolt({ ...at('bare', 'count', 2), backpressureMs: 0, packets: 5, executed: 600 }),
];

void t.test('Heron', async (t) => {
  const client = await clientWithHistory(t, history);
  const request = {
    engine: HERON,
    listed: [listed('words', { engine: 'heron' })],
    discoveries: [
      discovery('loose', { engine: 'heron', policy: settingsWith({ backpressureThreshold: 0.3 }) }),
      discovery('.*', { engine: 'heron' }),
    ],
  };
  const sensing = await senseAt(client, request);

  await t.test('what stream managers know of instances is attributed to their components', (t) => {
    t.same(sensing.failures, []);
    t.equal(sensing.requests, 7, 'Heron has no busy and no backlog');
    const { measurement } = topologyIn(sensing, 'words');
    t.same(
      measurement.operators.map(({ spec, parallelism, incompleteBecause }) => [
        spec.name,
        spec.role,
        parallelism,
        incompleteBecause,
      ]),
      [
        ['count', 'inner', 3, null],
        ['word_2_spout', 'source', 1, null],
      ],
    );
    t.equal(measurement.backpressureReportedBy, 'culprit');
    t.end();
  });

  await t.test('milliseconds and counts of 60 s become ratios and rates', (t) => {
    const count = operatorIn(sensing, 'words', 'count');
    near(t, measured(count.backpressure).max, 0.5);
    near(t, measured(count.backpressure).mean, (0.5 + 0.08 + 0.003) / 3);
    near(t, measured(count.pendingPackets).mean, 16);
    near(t, measured(count.processingRate).total, 1500);
    near(t, measured(count.processingRate).min, 0);
    t.equal(count.busy.kind, 'not_applicable');
    const spout = operatorIn(sensing, 'words', 'word_2_spout');
    near(t, measured(spout.processingRate).total, 100);
    t.equal(spout.backpressure.kind, 'not_applicable');
    t.equal(spout.pendingPackets.kind, 'not_applicable');
    t.equal(spout.sourceBacklog.kind, 'not_applicable');
    t.end();
  });

  await t.test('each topology sums what exceeds its own threshold', (t) => {
    near(t, measured(operatorIn(sensing, 'words', 'count').backpressure).sumAboveThreshold, 0.58);
    near(t, measured(operatorIn(sensing, 'loose', 'count').backpressure).sumAboveThreshold, 0.5);
    near(t, measured(operatorIn(sensing, 'bare', 'count').backpressure).sumAboveThreshold, 0);
    t.end();
  });

  await t.test('a topology was suspended as long as the worst of its stream managers', (t) => {
    near(t, measured(topologyIn(sensing, 'words').measurement.suspendedRatio).ratio, 31 / 60);
    near(t, measured(topologyIn(sensing, 'loose').measurement.suspendedRatio).ratio, 0.2);
    t.equal(topologyIn(sensing, 'bare').measurement.suspendedRatio.kind, 'missing');
    t.end();
  });
});

void t.test('recorded series need no engine of their own', async (t) => {
  const labels = { topology: 'w', operator: 'map', operator_instance: '0' };
  const record = (sensor: string, operator: string, course: Course): History =>
    series(`dhalion:instance_${sensor}:current`, { ...labels, operator }, course);
  const client = await clientWithHistory(t, [
    record('backpressure', 'map', 0.25),
    record('pending_packets', 'map', 3),
    record('processing_rate', 'map', 10),
    record('busy', 'map', 0.5),
    record('backpressure', 'kafka', 0.1),
    record('processing_rate', 'kafka', 20),
    record('busy', 'kafka', 0.5),
    record('source_backlog', 'kafka', 7),
  ]);
  const sensing = await senseAt(client, {
    engine: engineOf('recorded'),
    listed: [listed('w', { engine: 'recorded' })],
  });
  t.same(sensing.failures, []);
  t.equal(measured(operatorIn(sensing, 'w', 'map').backpressure).mean, 0.25);
  t.equal(operatorIn(sensing, 'w', 'kafka').spec.role, 'source');
  t.equal(measured(operatorIn(sensing, 'w', 'kafka').sourceBacklog).total, 7);
  t.equal(topologyIn(sensing, 'w').measurement.suspendedRatio.kind, 'not_applicable');
});
