// Which operators are stalled in a topology in which nothing moves.
import t from 'tap';
import { attributeBackpressure } from '../../src/detectors/attribute-backpressure.js';
import { detectStalled } from '../../src/detectors/stalled-detector.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import { flinkTopology, heronTopology, MISSING, NOT_APPLICABLE, settingsWith } from '../support/measurements.js';

/** `name: truth` for every operator whose symptom is yes or unknown. */
function stalled(topology: TopologyMeasurement): string[] {
  const settings = settingsWith({});
  const attributions = attributeBackpressure(topology, settings.backpressureThreshold);
  return topology.operators.flatMap((operator) => {
    const truth = detectStalled(operator, { topology, settings, attributions });
    return truth === 'no' ? [] : [`${operator.spec.name}: ${truth}`];
  });
}

/** A spout does not report backpressure. */
const SPOUT = { source: true, backpressure: NOT_APPLICABLE, busy: NOT_APPLICABLE };

await t.test('Flink', (t) => {
  const tables: [string, TopologyMeasurement, string[]][] = [
    [
      'a sink that hangs is, and all that it holds up, and nothing behind it',
      flinkTopology({
        source: { source: true, rate: [0], backpressure: [1], busy: [0] },
        map: { inputs: ['source'], rate: [0], backpressure: [1], busy: [0] },
        hanging: { inputs: ['map'], rate: [0], busy: [1] },
        behind: { inputs: ['hanging'], rate: [0], busy: [0] },
      }),
      ['source: yes', 'map: yes', 'hanging: yes'],
    ],
    [
      'a branch that gets nothing is not, though its source is held up by another',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        busy: { inputs: ['source'], busy: [1] },
        idle: { inputs: ['source'], rate: [0], busy: [0] },
      }),
      [],
    ],
    [
      'one that may be who holds up its input may be stalled',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        one: { inputs: ['source'], rate: [0], busy: [0.3] },
        other: { inputs: ['source'], busy: [0.3] },
      }),
      ['one: unknown'],
    ],
  ];
  for (const [title, topology, expected] of tables) t.strictSame(stalled(topology), expected, title);
  t.end();
});

await t.test('Heron', (t) => {
  const tables: [string, TopologyMeasurement, string[]][] = [
    [
      'a bolt that suspends the spouts for good is, and so are they',
      heronTopology({ spout: { ...SPOUT, rate: [0] }, bolt: { rate: [0], backpressure: [1] }, next: { rate: [0] } }, 1),
      ['spout: yes', 'bolt: yes'],
    ],
    [
      'a spout that has nothing to emit is not, though all are suspended for half of the time',
      heronTopology({ spout: SPOUT, idle: { ...SPOUT, rate: [0] }, bolt: { backpressure: [0.5] } }, 0.5),
      [],
    ],
    [
      'who suspends the spouts is not known, so it may be one that does nothing',
      heronTopology({ spout: SPOUT, one: { rate: [0] }, other: {} }, 0.5),
      ['one: unknown'],
    ],
    [
      'whether the spouts are suspended is missing',
      heronTopology({ spout: { ...SPOUT, rate: [0] }, bolt: {} }, MISSING),
      ['spout: unknown'],
    ],
  ];
  for (const [title, topology, expected] of tables) t.strictSame(stalled(topology), expected, title);
  t.end();
});
