import t from 'tap';
import { measureDemand, servedRate, totalBacklog } from '../../src/detectors/measure-demand.js';
import type { Demand } from '../../src/model/evaluation.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import { flinkTopology, heronTopology, MINUTE_MS, MISSING } from '../support/measurements.js';

const CATCH_UP_MS = 30 * MINUTE_MS;
const bounded = (ratio: number): Demand => ({ kind: 'bounded', ratio });

await t.test('demand is offered over served load', (t) => {
  const tables: [string, TopologyMeasurement, Demand][] = [
    [
      'a backlog that grows by half the rate, and 1,800 records to catch up with in 1,800 s',
      flinkTopology({ kafka: { source: true, rate: [100], backlog: 2300, backlogSlope: 50 } }),
      bounded(1.51),
    ],
    [
      'five seconds of load do not count as a backlog',
      flinkTopology({ kafka: { source: true, rate: [100], backlog: 500, backlogSlope: 0 } }),
      bounded(1),
    ],
    [
      'a shrinking backlog means that less is offered than served',
      flinkTopology({ kafka: { source: true, rate: [100], backlog: 500, backlogSlope: -60 } }),
      bounded(0.4),
    ],
    [
      'all sources count together',
      flinkTopology({
        a: { source: true, rate: [100], backlog: 0, backlogSlope: 100 },
        b: { source: true, rate: [300], backlog: 0, backlogSlope: 100 },
      }),
      bounded(1.5),
    ],
    [
      'a push source that is held up half the time is offered twice what it serves',
      flinkTopology({ push: { source: true, backpressure: [0.5] } }),
      bounded(2),
    ],
    [
      'a push source without throughput may be offered any load',
      flinkTopology({ push: { source: true, backpressure: [1] } }),
      { kind: 'unbounded' },
    ],
    [
      'the demand is unknown if the engine reports culprits',
      heronTopology({ spout: { source: true } }),
      { kind: 'unbounded' },
    ],
    ['without a known source the demand is unbounded', flinkTopology({ split: {} }), { kind: 'unbounded' }],
    [
      'a source that reads nothing may be offered anything',
      flinkTopology({ kafka: { source: true, rate: [0], backlog: 9 } }),
      { kind: 'unbounded' },
    ],
    ['a missing backlog is unknown', flinkTopology({ kafka: { source: true, backlog: MISSING } }), { kind: 'unknown' }],
    [
      'a missing rate is unknown',
      flinkTopology({ kafka: { source: true, rate: MISSING, backlog: 9 } }),
      { kind: 'unknown' },
    ],
    [
      'a missing slope is unknown',
      flinkTopology({ kafka: { source: true, backlog: 9, backlogSlope: null } }),
      { kind: 'unknown' },
    ],
    [
      'the larger demand of a pull and a push source counts',
      flinkTopology({ kafka: { source: true, rate: [100], backlog: 0 }, push: { source: true, backpressure: [0.5] } }),
      bounded(2),
    ],
  ];
  for (const [title, topology, expected] of tables) t.strictSame(measureDemand(topology, CATCH_UP_MS), expected, title);
  t.end();
});

await t.test('served rate and backlog are sums over the sources, unknown if one of them is', (t) => {
  const topology = flinkTopology({
    a: { source: true, rate: [100, 50], backlog: 7 },
    b: { source: true, rate: [30] },
    c: { rate: [999] },
  });
  t.equal(servedRate(topology), 180);
  t.equal(totalBacklog(topology), 7);
  t.equal(servedRate(flinkTopology({ a: { source: true, rate: MISSING }, b: { source: true } })), null);
  t.equal(
    totalBacklog(flinkTopology({ a: { source: true, backlog: MISSING }, b: { source: true, backlog: 3 } })),
    null,
  );
  t.equal(totalBacklog(flinkTopology({ a: { source: true } })), null, 'no source has one');
  t.end();
});
