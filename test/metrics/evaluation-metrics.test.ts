import t from 'tap';
import fc from 'fast-check';
import type { MetricsSnapshot } from '../../src/metrics/metrics-text.js';
import { EVALUATION_METRICS } from '../../src/metrics/metric-catalogue.js';
import { SYMPTOMS } from '../../src/model/symptom.js';
import { anyString } from '../support/any-string.js';
import {
  operatorEvaluation,
  operatorLoad,
  operatorMeasurement,
  NO_SYMPTOMS,
  topologyEvaluation,
} from '../support/evaluations.js';
import { parseExposition, promtoolComplaints, valuesOf } from '../support/exposition.js';
import { renderSnapshot } from '../support/scrapes.js';

const EMPTY: MetricsSnapshot = { evaluations: [], openActions: [], lastActions: [], blacklist: [] };
const SPLIT = { topology: 'wordcount', operator: 'split' };

const FULL: MetricsSnapshot = {
  evaluations: [
    topologyEvaluation(
      'wordcount',
      [
        operatorEvaluation('split', {
          load: operatorLoad({ neededInstances: 10.2 }),
          symptoms: { ...NO_SYMPTOMS, backpressure: 'yes' },
          diagnoses: [{ diagnosis: 'underprovisioning', operatorInstances: [] }],
          recommendedParallelism: 3,
        }),
        operatorEvaluation('count', { missingSensors: ['busy'] }),
      ],
      { backpressure: 'yes' },
    ),
  ],
  openActions: [{ ...SPLIT, resolver: 'scale_up' }],
  lastActions: [{ ...SPLIT, resolver: 'scale_up', atMs: 1_700_000_000_500 }],
  blacklist: [{ ...SPLIT, diagnosis: 'overprovisioning', resolver: 'scale_down' }],
};

const seriesOf = (snapshot: MetricsSnapshot) => parseExposition(renderSnapshot(snapshot));
const ofOperator = (overrides: Parameters<typeof operatorEvaluation>[1]) =>
  seriesOf({ ...EMPTY, evaluations: [topologyEvaluation('wordcount', [operatorEvaluation('split', overrides)])] });

await t.test('a snapshot becomes gauges', (t) => {
  const series = seriesOf(FULL);
  const value = (name: string, labels: Record<string, string> = SPLIT): number[] => valuesOf(series, name, labels);
  t.strictSame(value('dhalion_topology_backpressure', { topology: 'wordcount' }), [1]);
  t.strictSame(value('dhalion_symptom', { ...SPLIT, symptom: 'backpressure' }), [1]);
  t.strictSame(value('dhalion_symptom', { ...SPLIT, symptom: 'pending_packets_skew' }), [0]);
  t.strictSame(value('dhalion_diagnosis', { ...SPLIT, diagnosis: 'underprovisioning' }), [1]);
  t.strictSame(value('dhalion_diagnosis', { ...SPLIT, diagnosis: 'data_skew' }), [0]);
  t.strictSame(value('dhalion_operator_parallelism'), [2]);
  t.strictSame(value('dhalion_operator_recommended_parallelism'), [3]);
  t.strictSame(value('dhalion_operator_pending_packets'), [12.5]);
  t.strictSame(value('dhalion_operator_suspended_ratio'), [0.25]);
  t.strictSame(value('dhalion_operator_processing_rate'), [100]);
  t.strictSame(value('dhalion_operator_needed_instances'), [10.2]);
  t.strictSame(value('dhalion_sensor_missing', { operator: 'count', sensor: 'busy' }), [1]);
  t.strictSame(value('dhalion_sensor_missing'), []);
  t.strictSame(value('dhalion_blacklisted', { ...SPLIT, diagnosis: 'overprovisioning', resolver: 'scale_down' }), [1]);
  t.strictSame(value('dhalion_action_in_flight', { ...SPLIT, resolver: 'scale_up' }), [1]);
  t.strictSame(value('dhalion_last_action_timestamp_seconds', { ...SPLIT, resolver: 'scale_up' }), [1_700_000_000.5]);
  t.end();
});

await t.test('an action is in flight on each of its operators', (t) => {
  const of = (operator: string) => ({ topology: 'wordcount', operator, resolver: 'scale_up' }) as const;
  const series = seriesOf({
    ...EMPTY,
    openActions: [of('split'), of('count')],
    lastActions: [{ ...of('count'), atMs: 5000 }],
  });
  for (const operator of ['split', 'count'])
    t.strictSame(valuesOf(series, 'dhalion_action_in_flight', of(operator)), [1]);
  t.end();
});

await t.test('a full snapshot has every metric of its catalogue, with its labels, and nothing else', (t) => {
  const series = seriesOf(FULL);
  const emitted = new Map(series.map(({ name, labels }) => [name, Object.keys(labels).sort()]));
  const catalogued = Object.values(EVALUATION_METRICS).map(
    ({ name, labels }) => [name, [...labels].sort()] as [string, string[]],
  );
  t.strictSame([...emitted].sort(), catalogued.sort());
  t.end();
});

await t.test('promtool has no complaint, whether the snapshot is full or empty', async (t) => {
  t.equal(await promtoolComplaints(renderSnapshot(FULL)), '');
  t.equal(await promtoolComplaints(renderSnapshot(EMPTY)), '');
  t.strictSame(seriesOf(EMPTY), []);
});

await t.test('an unknown value has no series', (t) => {
  const missing = { kind: 'missing', because: 'no series' } as const;
  const series = ofOperator({
    measurement: operatorMeasurement('split', {
      parallelism: null,
      pendingPackets: missing,
      processingRate: { kind: 'not_applicable' },
    }),
    load: operatorLoad({ neededInstances: null }),
    suspendedRatio: null,
    recommendedParallelism: null,
    symptoms: { ...NO_SYMPTOMS, pending_packets_skew: 'unknown' },
    missingSensors: ['pending_packets'],
  });
  for (const gauge of [
    'parallelism',
    'recommended_parallelism',
    'pending_packets',
    'suspended_ratio',
    'processing_rate',
    'needed_instances',
  ]) {
    t.strictSame(valuesOf(series, `dhalion_operator_${gauge}`), [], gauge);
  }
  t.strictSame(valuesOf(series, 'dhalion_symptom', { symptom: 'pending_packets_skew' }), []);
  t.equal(valuesOf(series, 'dhalion_symptom').length, SYMPTOMS.length - 1);
  t.strictSame(valuesOf(series, 'dhalion_sensor_missing', { sensor: 'pending_packets' }), [1]);
  const unknown = topologyEvaluation('wordcount', [], { backpressure: 'unknown' });
  t.strictSame(seriesOf({ ...EMPTY, evaluations: [unknown] }), []);
  t.end();
});

await t.test('NaN is unknown; infinity is written in Prometheus’ format', (t) => {
  t.strictSame(valuesOf(ofOperator({ suspendedRatio: NaN }), 'dhalion_operator_suspended_ratio'), []);
  t.strictSame(valuesOf(ofOperator({ suspendedRatio: Infinity }), 'dhalion_operator_suspended_ratio'), [Infinity]);
  t.strictSame(valuesOf(ofOperator({ suspendedRatio: -Infinity }), 'dhalion_operator_suspended_ratio'), [-Infinity]);
  t.end();
});

await t.test('a diagnosis is 1, 0 or, where it is unknown whether it holds, absent', (t) => {
  const series = ofOperator({
    diagnoses: [{ diagnosis: 'underprovisioning', operatorInstances: [] }],
    unknownDiagnoses: ['overprovisioning', 'slow_instances'],
  });
  const diagnoses = series.filter(({ name }) => name === 'dhalion_diagnosis');
  t.strictSame(
    diagnoses.map(({ labels, value }) => [labels['diagnosis'], value]),
    [
      ['underprovisioning', 1],
      ['data_skew', 0],
    ],
  );
  t.end();
});

await t.test('the parallelism of an operator that was not seen as a whole is absent', (t) => {
  const measurement = operatorMeasurement('split', {
    parallelism: 6,
    incompleteBecause: '2 of 8 instances are missing',
  });
  t.strictSame(valuesOf(ofOperator({ measurement }), 'dhalion_operator_parallelism'), []);
  t.end();
});

await t.test('an action in flight falls to 0 when it is judged', (t) => {
  const judged = seriesOf({ ...FULL, openActions: [] });
  t.strictSame(valuesOf(judged, 'dhalion_action_in_flight', SPLIT), [0]);
  const first = seriesOf({ ...FULL, lastActions: [] });
  t.strictSame(valuesOf(first, 'dhalion_action_in_flight', SPLIT), [1]);
  t.strictSame(valuesOf(first, 'dhalion_last_action_timestamp_seconds'), []);
  t.end();
});

await t.test('the latest of several last actions counts', (t) => {
  const lastActions = [1000, 3000, 2000].map((atMs) => ({ ...SPLIT, resolver: 'revert' as const, atMs }));
  t.strictSame(valuesOf(seriesOf({ ...EMPTY, lastActions }), 'dhalion_last_action_timestamp_seconds'), [3]);
  t.end();
});

await t.test('a topology that left the snapshot left no trace', (t) => {
  t.match(renderSnapshot(FULL), 'wordcount');
  const after = renderSnapshot({
    ...EMPTY,
    evaluations: [topologyEvaluation('other', [operatorEvaluation('split')])],
  });
  t.notMatch(after, 'wordcount');
  t.end();
});

await t.test('a topology or operator that occurs twice is written once, the first', (t) => {
  const twice = topologyEvaluation('wordcount', [
    operatorEvaluation('split', { suspendedRatio: 0.1 }),
    operatorEvaluation('split', { suspendedRatio: 0.2 }),
  ]);
  const series = seriesOf({ ...EMPTY, evaluations: [twice, { ...twice, backpressure: 'yes' }] });
  t.strictSame(valuesOf(series, 'dhalion_operator_suspended_ratio'), [0.1]);
  t.strictSame(valuesOf(series, 'dhalion_topology_backpressure'), [0]);
  t.end();
});

await t.test('any label value is read back unchanged', async (t) => {
  const hostile = [
    'a"b',
    'back\\slash',
    'new\nline',
    '\\n',
    '"} 1\nforged{x="',
    '}',
    ',',
    '',
    'ünï ☃ 😀',
    '\r\t\u0000',
  ];
  const named = (names: readonly string[]) => [
    topologyEvaluation(
      names.join('/'),
      names.map((name) => operatorEvaluation(name)),
    ),
  ];
  const operatorsOf = (evaluations: MetricsSnapshot['evaluations']) =>
    seriesOf({ ...EMPTY, evaluations })
      .filter(({ name }) => name === 'dhalion_operator_parallelism')
      .map(({ labels }) => [labels['topology'], labels['operator']]);
  t.strictSame(
    operatorsOf(named(hostile)),
    hostile.map((name) => [hostile.join('/'), name]),
  );
  t.equal(await promtoolComplaints(renderSnapshot({ ...EMPTY, evaluations: named(hostile) })), '');

  const names = fc.uniqueArray(anyString(), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(names, (names) => {
      t.strictSame(
        operatorsOf(named(names)),
        names.map((name) => [names.join('/'), name]),
      );
    }),
  );
});
