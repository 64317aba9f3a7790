import t from 'tap';
import { attributeBackpressure } from '../../src/detectors/attribute-backpressure.js';
import { detectSymptoms } from '../../src/detectors/detect-symptoms.js';
import type { SymptomName } from '../../src/model/symptom.js';
import type { Truth } from '../../src/model/truth.js';
import { flinkTopology, MISSING, settingsWith, type OperatorSketch } from '../support/measurements.js';

function symptomOf(symptom: SymptomName, sketch: OperatorSketch): Truth {
  const topology = flinkTopology({ it: sketch });
  const settings = settingsWith({});
  const [operator] = topology.operators;
  if (operator === undefined) throw new Error('no operator');
  const attributions = attributeBackpressure(topology, settings.backpressureThreshold);
  return detectSymptoms(operator, { topology, settings, attributions })[symptom];
}

const tables: Record<SymptomName, [string, OperatorSketch, Truth][]> = {
  backpressure: [
    ['an operator without inputs holds up no other', { backpressure: [0.9] }, 'no'],
    ['an input that is not there leaves it unknown', { inputs: ['gone'] }, 'unknown'],
    ['missing instances leave it unknown', { inputs: [], incompleteBecause: 'a gap' }, 'unknown'],
  ],
  pending_packets_near_zero: [
    ['one packet is almost nothing', { pending: [1, 0] }, 'yes'],
    ['one instance with two packets is enough to say no', { pending: [0, 0, 0, 2] }, 'no'],
    ['a source has no queue, so its queue is not near zero either', { source: true }, 'no'],
    ['missing is not zero', { pending: MISSING }, 'unknown'],
    ['missing instances are not empty', { pending: [0], incompleteBecause: 'a gap' }, 'unknown'],
    ['an unknown parallelism is not one', { pending: [0], parallelism: null }, 'unknown'],
  ],
  pending_packets_skew: [
    ['one instance cannot be skewed', { pending: [1000] }, 'no'],
    ['four times the mean of the others is skewed', { pending: [80, 20] }, 'yes'],
    ['less than four times is not', { pending: [79, 20] }, 'no'],
    ['few packets are never skewed', { pending: [50, 0] }, 'no'],
    ['the mean of the others counts, not the mean of all', { pending: [90, 10, 10] }, 'yes'],
    ['missing is unknown', { pending: MISSING, parallelism: 2 }, 'unknown'],
  ],
  processing_rate_skew: [
    ['one instance cannot be skewed', { rate: [1000] }, 'no'],
    ['one and a half times the slowest is not yet skewed', { rate: [150, 100] }, 'no'],
    ['more is', { rate: [151, 100, 120] }, 'yes'],
    ['one that does nothing is', { rate: [10, 0] }, 'yes'],
    ['missing is unknown', { rate: MISSING, parallelism: 2 }, 'unknown'],
  ],
  stalled: [
    ['one that processes nothing while packets wait', { rate: [0, 0], pending: [2, 0] }, 'yes'],
    ['a packet that waits is almost nothing', { rate: [0, 0], pending: [1, 1] }, 'no'],
    ['one instance that does a little is enough to say no', { rate: [0, 0.01], pending: [500, 0] }, 'no'],
    ['one that processes nothing while it is held up', { rate: [0], pending: [0], backpressure: [0.9] }, 'yes'],
    ['noise does not count as pressure', { rate: [0], pending: [0], backpressure: [0.05] }, 'no'],
    ['one that has nothing to do is idle', { rate: [0], pending: [0] }, 'no'],
    ['a source that reads nothing of its backlog', { source: true, rate: [0], backlog: 1 }, 'yes'],
    ['a source that has nothing to read is idle', { source: true, rate: [0], backlog: 0 }, 'no'],
    ['a push source that is held up', { source: true, rate: [0], backpressure: [1] }, 'yes'],
    ['nothing since it began is not nothing for a window', { rate: [0], pending: [9], lowestRate: null }, 'unknown'],
    ['something since it began is something', { rate: [5], pending: [9], lowestRate: null }, 'no'],
    ['a rate that is missing is not zero', { rate: MISSING, pending: [9] }, 'unknown'],
    ['without anything to do the rate need not be known', { rate: MISSING, pending: [0] }, 'no'],
    ['a queue that is missing may be full', { rate: [0], pending: MISSING }, 'unknown'],
    ['missing instances may work', { rate: [0], pending: [9], incompleteBecause: 'a gap' }, 'unknown'],
  ],
  growing_pending_packets: [
    ['a queue that grows by 11 packets/s grows', { pendingSlope: 11 }, 'yes'],
    ['a queue that grows by 10 packets/s does not', { pendingSlope: 10 }, 'no'],
    ['a shrinking queue is not growing', { pendingSlope: -100 }, 'no'],
    ['two points make no slope', { pendingSlope: null }, 'unknown'],
  ],
  growing_source_backlog: [
    [
      'a source whose backlog is large and grows',
      { source: true, rate: [1000], backlog: 30_001, backlogSlope: 11 },
      'yes',
    ],
    ['ten records/s is sampling noise', { source: true, rate: [1000], backlog: 30_001, backlogSlope: 10 }, 'no'],
    ['a hundredth of the rate is noise too', { source: true, rate: [5000], backlog: 1e6, backlogSlope: 50 }, 'no'],
    [
      'thirty seconds of work do not count as a backlog',
      { source: true, rate: [1000], backlog: 30_000, backlogSlope: 500 },
      'no',
    ],
    ['a push source has none', { source: true, rate: [1000] }, 'no'],
    ['missing is unknown', { source: true, backlog: MISSING }, 'unknown'],
    ['a small backlog does not grow, whatever its slope', { source: true, backlog: 10, backlogSlope: null }, 'no'],
    ['a large backlog without a slope is unknown', { source: true, backlog: 1e6, backlogSlope: null }, 'unknown'],
  ],
};

for (const [symptom, rows] of Object.entries(tables) as [SymptomName, (typeof tables)[SymptomName]][]) {
  await t.test(symptom, (t) => {
    for (const [title, sketch, expected] of rows) t.equal(symptomOf(symptom, sketch), expected, title);
    t.end();
  });
}
