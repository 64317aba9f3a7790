import t from 'tap';
import { attributeBackpressure } from '../../src/detectors/attribute-backpressure.js';
import { effectiveBusyOf } from '../../src/detectors/effective-busy.js';
import { fullBusyOf } from '../../src/detectors/full-busy.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import { flinkTopology, heronTopology, MISSING, NOT_APPLICABLE, type OperatorSketch } from '../support/measurements.js';

interface Learnt {
  readonly full?: number;
  readonly capacity?: number;
}

function busyOf(topology: TopologyMeasurement, name: string, { full, capacity }: Learnt = {}): number | null {
  const operator = topology.operators.find(({ spec }) => spec.name === name);
  if (operator === undefined) return null;
  const found = effectiveBusyOf(operator, {
    topology,
    attributions: attributeBackpressure(topology, 0.05),
    fullBusy: new Map(full === undefined ? [] : [[name, full]]),
    capacityPerInstance: new Map(capacity === undefined ? [] : [[name, capacity]]),
  });
  return found === null ? null : Math.round(found * 1000) / 1000;
}

await t.test('effective busy is how busy the busiest instance is, of how busy it can be', (t) => {
  const one = (sketch: OperatorSketch, learnt: Learnt = {}): number | null =>
    busyOf(flinkTopology({ source: { source: true }, split: { inputs: ['source'], ...sketch } }), 'split', learnt);
  t.equal(one({ busy: [0.2, 0.6] }), 0.6);
  t.equal(one({ busy: [0.6] }, { full: 0.8 }), 0.75);
  t.equal(one({ busy: [0.9] }, { full: 0.8 }), 1, 'full is full');
  t.equal(one({ busy: [0.6], incompleteBecause: 'a gap' }), null, 'the busiest may be one that is not seen');
  t.equal(one({ busy: MISSING }), null, 'an operator that holds nothing up has no other measure');
  t.equal(one({ busy: MISSING, rate: [75, 75, 75, 75] }, { capacity: 100 }), 0.75, 'except its earlier capacity');
  t.equal(one({ busy: MISSING, rate: [75, 75, 75, 75] }, { capacity: 70 }), 1, 'of which a little more is noise');
  t.equal(
    one({ busy: MISSING, rate: [75, 75, 75, 75] }, { capacity: 65 }),
    null,
    'and much more shows that it has risen',
  );
  t.equal(one({ busy: MISSING, rate: MISSING }, { capacity: 100 }), null);
  t.end();
});

await t.test('a culprit without busy is busy while it is not held up itself', (t) => {
  const flink = flinkTopology({
    source: { source: true, backpressure: [0.8] },
    split: { inputs: ['source'], busy: NOT_APPLICABLE, backpressure: [0.3], pending: [90] },
    count: { inputs: ['split'], busy: NOT_APPLICABLE, backpressure: [0], pending: [90] },
  });
  t.equal(busyOf(flink, 'split'), 0.7);
  t.equal(busyOf(flink, 'count'), 1);
  const heron = (ratios: Record<string, number>): TopologyMeasurement =>
    heronTopology(
      Object.fromEntries(
        Object.entries(ratios).map(([name, ratio]) => [name, { backpressure: [ratio], busy: NOT_APPLICABLE }]),
      ),
    );
  t.equal(busyOf(heron({ one: 0.5 }), 'one'), 1);
  t.equal(busyOf(heron({ one: 0.5, other: 0.2 }), 'one'), 1, 'the one that holds up most counts');
  t.equal(busyOf(heron({ one: 0.5, other: 0.2 }), 'other'), 0.625, 'the others work (1 − b_max) / (1 − b) of that');
  t.equal(busyOf(heron({ one: 0.5, idle: 0 }), 'idle'), null);
  t.end();
});

await t.test(
  'the busy ratio at which an operator is full is learnt when it holds up its input and no instance is busy',
  (t) => {
    const learn = (
      split: OperatorSketch,
      count: OperatorSketch = {},
      remembered: number | null = null,
    ): number | null => {
      const topology = flinkTopology({
        source: { source: true, backpressure: [0.6], busy: [0.1] },
        split: { inputs: ['source'], busy: [0.5], ...split },
        count: { inputs: ['split'], busy: [0.1], ...count },
      });
      const operator = topology.operators[1];
      if (operator === undefined) return null;
      const attribution = attributeBackpressure(topology, 0.05).get('split');
      return fullBusyOf(operator, topology, attribution, remembered);
    };
    t.equal(learn({}), 0.5);
    t.equal(learn({ backpressure: [0.2] }), 0.625, 'as a share of the time in which it was not held up itself');
    t.equal(learn({ busy: [0.85] }), null, 'it is busy, as one would expect');
    t.equal(learn({}, { busy: [0.8] }), null, 'a blocked operator is idle too: somebody else is busy');
    t.equal(learn({}, { busy: MISSING }), null, 'or may be');
    t.equal(learn({ backpressure: [0.55] }), null, 'it holds up hardly anything: b is 0.11');
    t.equal(learn({ busy: [0.7] }, { busy: [0.9] }, 0.75), 0.75, 'an earlier result remains valid');
    t.equal(learn({ busy: [0.78] }, { busy: [0.9] }, 0.75), null, 'until the operator is busier than that');
    t.end();
  },
);
