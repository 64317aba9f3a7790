// Which operators are held up and which hold up, when several in a row look like culprits.
import t from 'tap';
import { attributeBackpressure } from '../../src/detectors/attribute-backpressure.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import { flinkTopology, heronTopology, MISSING, NOT_APPLICABLE, type OperatorSketch } from '../support/measurements.js';

const THRESHOLD = 0.05;

/** `name: yes 0.5`, `name: held up by other`, for every operator that is one of these. */
function seen(topology: TopologyMeasurement): string[] {
  return [...attributeBackpressure(topology, THRESHOLD)].flatMap(([name, { isCulprit, suspendedRatio, heldUpBy }]) => [
    ...(isCulprit === 'no' ? [] : [`${name}: ${isCulprit} ${suspendedRatio?.toFixed(2) ?? '-'}`]),
    ...(heldUpBy.length === 0 ? [] : [`${name}: held up by ${heldUpBy.join(' and ')}`]),
  ]);
}

/** Source 95 % held up, parse 67 % held up, enrich not at all: b is 0.85 for parse and 0.67 for enrich. */
function chain(parse: OperatorSketch, enrich: OperatorSketch, more: Record<string, OperatorSketch> = {}) {
  return flinkTopology({
    source: { source: true, backpressure: [0.95], busy: [0.05] },
    parse: { inputs: ['source'], backpressure: [0.67], ...parse },
    enrich: { inputs: ['parse'], backpressure: [0], ...enrich },
    ...more,
  });
}

const BOTH_HELD_UP = ['source: held up by enrich', 'parse: held up by enrich'];

await t.test('the busy operator of a plain chain is the culprit', (t) => {
  const tables: [string, TopologyMeasurement, string[]][] = [
    [
      'one that is 33 % busy and 67 % held up is held up by the one that is 100 % busy',
      chain({ busy: [0.33] }, { busy: [1] }),
      [...BOTH_HELD_UP, 'enrich: yes 0.67'],
    ],
    [
      '0.8 is busy enough to be held up by',
      chain({ busy: [0.33] }, { busy: [0.8] }),
      [...BOTH_HELD_UP, 'enrich: yes 0.67'],
    ],
    [
      'below that both look like culprits, each for its share',
      chain({ busy: [0.33] }, { busy: [0.79] }),
      ['source: held up by parse and enrich', 'parse: yes 0.85', 'parse: held up by enrich', 'enrich: yes 0.67'],
    ],
    [
      'another busy operator is a culprit, too',
      chain({ busy: [0.8, 0.1], backpressure: [0.67, 0.67] }, { busy: [1] }),
      ['source: held up by parse and enrich', 'parse: yes 0.85', 'parse: held up by enrich', 'enrich: yes 0.67'],
    ],
    [
      'its busiest instance counts',
      chain({ busy: [0.33] }, { busy: [1, 0.1, 0.1], backpressure: [0, 0, 0] }),
      [...BOTH_HELD_UP, 'enrich: yes 0.67'],
    ],
    [
      'a source that is busy says nothing of those behind it',
      flinkTopology({
        source: { source: true, backpressure: [0.2], busy: [0.9] },
        map: { inputs: ['source'], busy: [0.5] },
      }),
      ['source: held up by map', 'map: yes 0.20'],
    ],
    [
      'a busy operator that suspends nothing is not a culprit, nor is a less busy one',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        map: { inputs: ['source'], busy: [0.6] },
        sink: { inputs: ['map'], busy: [0.9] },
      }),
      [],
    ],
  ];
  for (const [title, topology, expected] of tables) t.strictSame(seen(topology), expected, title);
  t.end();
});

await t.test('with some unknown busy ratios, conclusions that do not need them are known', (t) => {
  const tables: [string, TopologyMeasurement, string[]][] = [
    [
      'the only candidate without busy is the culprit if no other is half busy',
      chain({ busy: [0.33] }, { busy: MISSING }),
      [...BOTH_HELD_UP, 'enrich: yes 0.67'],
    ],
    [
      'with another that is half busy, that one is a culprit only if the unknown is not busy',
      chain({ busy: [0.5] }, { busy: MISSING }),
      ['source: held up by enrich', 'parse: unknown -', 'parse: held up by enrich', 'enrich: yes 0.67'],
    ],
    [
      'one without busy before a busy one may be either',
      chain({ busy: MISSING }, { busy: [1] }),
      ['source: held up by enrich', 'parse: unknown -', 'parse: held up by enrich', 'enrich: yes 0.67'],
    ],
    [
      'one with an unknown busy ratio may be busy, although it suspends nothing',
      chain({ busy: [0.33] }, { busy: [0.6] }, { sink: { inputs: ['enrich'], busy: MISSING } }),
      ['parse: unknown -', 'enrich: unknown -'],
    ],
    [
      'then the only candidate without busy may be another',
      chain({ busy: [0.33] }, { busy: MISSING }, { sink: { inputs: ['enrich'], busy: [0.9] } }),
      ['enrich: unknown -'],
    ],
    [
      'whatever is not known, who is busy is a culprit',
      chain({ busy: [0.33] }, { busy: [0.8] }, { sink: { inputs: ['enrich'], busy: MISSING } }),
      [...BOTH_HELD_UP, 'enrich: yes 0.67'],
    ],
    [
      'an unknown operator may be it, too',
      chain({ busy: [0.33] }, { busy: [1] }, { sink: { inputs: ['enrich'], backpressure: MISSING, busy: MISSING } }),
      [...BOTH_HELD_UP, 'enrich: yes 0.67', 'sink: unknown -'],
    ],
    [
      'an instance that is seen to be busy is busy, whatever other instances are missing',
      chain({ busy: [0.33] }, { busy: [0.5] }, { sink: { inputs: ['enrich'], busy: [1], incompleteBecause: 'a gap' } }),
      ['sink: unknown -'],
    ],
    [
      'the only branch whose busy time is missing is the culprit if no other is half busy',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: MISSING },
        right: { inputs: ['source'], busy: [0.49] },
      }),
      ['source: held up by left', 'left: yes 0.50'],
    ],
    [
      'two branches without busy times are undecided',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: MISSING },
        right: { inputs: ['source'], busy: MISSING },
        far: { inputs: ['source'], busy: [0.1] },
      }),
      ['left: unknown -', 'right: unknown -', 'far: unknown -'],
    ],
    [
      'without the sensor busy, both are culprits',
      chain({ busy: NOT_APPLICABLE }, { busy: NOT_APPLICABLE }),
      ['source: held up by parse and enrich', 'parse: yes 0.85', 'parse: held up by enrich', 'enrich: yes 0.67'],
    ],
  ];
  for (const [title, topology, expected] of tables) t.strictSame(seen(topology), expected, title);
  t.end();
});

await t.test('who is held up by whom follows the graph', (t) => {
  const tables: [string, TopologyMeasurement, string[]][] = [
    [
      'through those that pass it on, and only what they lead to',
      flinkTopology({
        orders: { source: true, backpressure: [0.5] },
        users: { source: true, backpressure: [0.3] },
        left: { inputs: ['orders'], backpressure: [0.5], busy: [0.2] },
        right: { inputs: ['users'], busy: [0.9] },
        sink: { inputs: ['left'], busy: [1] },
      }),
      [
        'orders: held up by sink',
        'users: held up by right',
        'left: held up by sink',
        'right: yes 0.30',
        'sink: yes 0.50',
      ],
    ],
    [
      'a branch that is innocent is not held up by its neighbour',
      flinkTopology({
        source: { source: true, backpressure: [0.5] },
        left: { inputs: ['source'], busy: [1] },
        right: { inputs: ['source'], busy: [0.3] },
      }),
      ['source: held up by left', 'left: yes 0.50'],
    ],
    [
      'if the graph is unknown, by the operator that is less held up',
      flinkTopology({
        source: { source: true, inputs: null, backpressure: [0.95] },
        parse: { inputs: null, backpressure: [0.67], busy: [0.33] },
        enrich: { inputs: null, backpressure: [0], busy: [1] },
      }),
      [...BOTH_HELD_UP, 'enrich: yes 0.95'],
    ],
    [
      'Heron suspends all spouts, whichever operator is the culprit',
      heronTopology(
        { spout: { source: true, backpressure: NOT_APPLICABLE }, one: { backpressure: [0.5] }, two: {} },
        0.5,
      ),
      ['spout: held up by one', 'one: yes 0.50'],
    ],
  ];
  for (const [title, topology, expected] of tables) t.strictSame(seen(topology), expected, title);
  t.end();
});
