import t from 'tap';
import { offeredRatiosOf } from '../../src/detectors/offered-ratios.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import {
  flinkTopology,
  heronTopology,
  MISSING,
  NOT_APPLICABLE,
  settingsWith,
  type OperatorSketch,
} from '../support/measurements.js';

/** `f g` of the operator, to three places, or the reason why they are unknown. */
function ratiosOf(topology: TopologyMeasurement, operator: string, bounds: Record<string, number> = {}): string {
  const found = offeredRatiosOf(topology, settingsWith({}), new Map(Object.entries(bounds))).get(operator);
  if (found === undefined) return 'none';
  return 'because' in found ? found.because : `${round(found.offered)} ${round(found.catchUp)}`;
}

function round(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}

const kafka = (rate: number, slope: number, backlog: number, more: OperatorSketch = {}): OperatorSketch => {
  return { source: true, rate: [rate], backlog, backlogSlope: slope, ...more };
};

await t.test(
  'the load offered to a source is its rate, the growth of its backlog, and the backlog to catch up with',
  (t) => {
    const of = (source: OperatorSketch): string => ratiosOf(flinkTopology({ kafka: source }), 'kafka');
    const tables: [string, string, string][] = [
      ['1,800 records beyond five seconds of load, in 1,800 s', of(kafka(100, 50, 2300)), '1.5 1.51'],
      ['word count 1/1: 100 of 1,000 records/s are read', of(kafka(100, 900, 500)), '10 10'],
      ['five seconds of load do not count as a backlog', of(kafka(100, 0, 500)), '1 1'],
      ['a backlog that shrinks by more than is caught up with', of(kafka(100, -60, 500)), '0.4 0.4'],
      ['less than nothing is not offered', of(kafka(100, -160, 500)), '0 0'],
      ['where nothing flows and nothing waits, as much is offered as is served', of(kafka(0, 0, 0)), '1 1'],
      ['where nothing flows and something waits, anything may be offered', of(kafka(0, 0, 9)), 'kafka reads nothing'],
      ['a missing backlog', of({ source: true, backlog: MISSING }), 'the backlog of kafka is unknown'],
      ['too few points', of(kafka(100, 0, 9, { backlogSlope: null })), 'the change of the backlog of kafka is unknown'],
      ['a missing rate', of(kafka(1, 0, 9, { rate: MISSING })), 'the processing rate of kafka is unknown'],
      ['missing instances', of(kafka(1, 0, 9, { incompleteBecause: 'a gap' })), 'some instances of kafka are not seen'],
    ];
    for (const [title, found, expected] of tables) t.equal(found, expected, title);
    t.end();
  },
);

await t.test('without a known backlog, the time that a source was held up bounds the offered load', (t) => {
  const push = (ratio: number[] | typeof MISSING): string =>
    ratiosOf(flinkTopology({ push: { source: true, backpressure: ratio } }), 'push');
  const spout = (suspended: number | typeof MISSING | typeof NOT_APPLICABLE): string =>
    ratiosOf(heronTopology({ spout: { source: true, backpressure: NOT_APPLICABLE } }, suspended), 'spout');
  const unknown = (name: string): string => `the load offered to ${name} is unknown`;
  t.equal(push([0]), '1 1');
  t.equal(push([0.5]), '2 2', 'held up half of the time, twice as much may be offered');
  t.equal(push([0.9]), '5 5', 'no more than max_scale_up_factor times more is inferred');
  t.equal(push([0.995]), unknown('push'), 'standing still it may be offered anything');
  t.equal(push(MISSING), unknown('push'));
  t.equal(spout(0.5), '2 2', 'an engine that reports culprits shows how long the sources were suspended');
  t.equal(spout(0.9), '5 5');
  t.equal(spout(NOT_APPLICABLE), unknown('spout'), 'if it has a sensor for it');
  t.equal(spout(MISSING), unknown('spout'));
  t.end();
});

await t.test('the load offered to a fully busy push source, beyond its rate, is unknown', (t) => {
  const push = (busy: number, heldUp: number, more: OperatorSketch = {}) =>
    flinkTopology({
      push: { source: true, backpressure: [heldUp, heldUp], busy: [0.5, busy], ...more },
      work: { inputs: ['push'] },
      sink: { inputs: ['work'] },
    });
  const refusing = 'push is as busy as it can be and reports no backlog, so the load offered to it is unknown';
  const tables: [string, TopologyMeasurement, string][] = [
    ['full', push(1, 0), refusing],
    ['its busiest instance as busy as one that is next to be too small', push(0.95, 0), refusing],
    ['less busy, it reads all that it is offered', push(0.94, 0), '1 1'],
    ['hardly held up, and never idle', push(0.93, 0.04), refusing],
    ['held up for longer, it could read more: as much more as it was held up for', push(0.5, 0.5), '2 2'],
    ['a known backlog shows the load that it does not read', push(1, 0, { backlog: 0, backlogSlope: 100 }), '1.5 1.5'],
    ['how busy it is is not known', push(1, 0, { busy: NOT_APPLICABLE }), '1 1'],
  ];
  for (const [title, topology, expected] of tables) {
    t.equal(ratiosOf(topology, 'push'), expected, title);
    t.equal(ratiosOf(topology, 'sink'), expected, `${title}: downstream`);
  }
  const spout = heronTopology({ spout: { source: true, backpressure: NOT_APPLICABLE, busy: [1] } }, NOT_APPLICABLE);
  t.match(ratiosOf(spout, 'spout'), 'spout is as busy as it can be', 'of engines that report culprits too');
  const two = flinkTopology({
    held: { source: true, backpressure: [0.995] },
    full: { source: true, busy: [1] },
    other: { source: true, busy: [0.5] },
    join: { inputs: ['held', 'full'] },
    alone: { inputs: ['other'] },
  });
  t.match(ratiosOf(two, 'join'), 'full is as busy as it can be', 'whatever else is not known of its inputs');
  t.equal(ratiosOf(two, 'alone'), '1 1', 'only for the operators that it feeds');
  t.end();
});

await t.test('the offered load propagates down the graph in proportion to the rates', (t) => {
  const wordCount = flinkTopology({
    sentences: kafka(100, 900, 0),
    split: { inputs: ['sentences'], rate: [100] },
    count: { inputs: ['split'], rate: [1000] },
  });
  t.equal(ratiosOf(wordCount, 'count'), '10 10', 'what an operator makes of a record cancels');
  const diamond = flinkTopology({
    a: kafka(100, 200, 0),
    b: kafka(300, 0, 0),
    onlyA: { inputs: ['a'], rate: [100] },
    both: { inputs: ['a', 'b'], rate: [400] },
    join: { inputs: ['onlyA', 'both'], rate: [500] },
  });
  t.equal(ratiosOf(diamond, 'onlyA'), '3 3');
  t.equal(ratiosOf(diamond, 'both'), '1.5 1.5', '300 records/s at 1 and 100 at 3');
  t.equal(ratiosOf(diamond, 'join'), '1.8 1.8', '100 records/s at 3 and 400 at 1.5');
  const bounded = (operator: string): string => ratiosOf(diamond, operator, { a: 1.4 });
  t.equal(bounded('a'), '3 3', 'a bound of a source does not change what is offered to it');
  t.equal(bounded('onlyA'), '1.4 1.4', 'but what it feeds gets no more than it lets through');
  t.equal(bounded('both'), '1.1 1.1', '300 records/s at 1 and 100 at 1.4');
  t.equal(ratiosOf(diamond, 'both', { b: 1 }), '1.5 1.5', 'one that it does not reach limits nothing');
  const unlisted = flinkTopology({ a: kafka(100, 200, 0), b: kafka(300, 0, 0), some: { inputs: null } });
  t.equal(ratiosOf(unlisted, 'some'), '1.5 1.5', 'where no graph is known, as if every source fed it');
  t.end();
});

await t.test('a missing value makes the load unknown for all operators downstream, and only for them', (t) => {
  const chain = (more: Record<string, OperatorSketch>) =>
    flinkTopology({
      kafka: kafka(100, 100, 0),
      first: { inputs: ['kafka'] },
      second: { inputs: ['first'] },
      third: { inputs: ['second'] },
      ...more,
    });
  const blind = chain({ first: { inputs: ['kafka'], rate: MISSING } });
  t.equal(ratiosOf(blind, 'first'), '2 2', 'its own rate is not on the way to it');
  t.equal(ratiosOf(blind, 'second'), 'the processing rate of first is unknown');
  t.equal(ratiosOf(blind, 'third'), 'the processing rate of first is unknown');
  const partial = chain({ first: { inputs: ['kafka'], incompleteBecause: 'a gap' } });
  t.equal(ratiosOf(partial, 'third'), 'the processing rate of first is unknown', 'a part of its rate is none');
  const unread = chain({ kafka: kafka(100, 100, 0, { backlog: MISSING }) });
  t.equal(ratiosOf(unread, 'third'), 'the backlog of kafka is unknown');
  const gone = chain({ first: { inputs: ['elsewhere'] } });
  t.equal(ratiosOf(gone, 'second'), 'no instance of elsewhere is seen');
  t.equal(ratiosOf(chain({ first: { inputs: [] } }), 'first'), 'the inputs of first are unknown');
  t.equal(ratiosOf(chain({ first: { inputs: ['third'] } }), 'second'), 'first feeds itself', 'a circle ends');
  const both = flinkTopology({
    seen: kafka(100, 100, 0),
    unseen: { source: true, backlog: MISSING },
    join: { inputs: ['seen', 'unseen'] },
    other: { inputs: ['seen'] },
  });
  t.equal(ratiosOf(both, 'join'), 'the backlog of unseen is unknown', 'one of two sources');
  t.equal(ratiosOf(both, 'other'), '2 2');
  t.end();
});
