// Absent is not zero, in the closed loop: a topology with more than it needs gives nothing away while anything is unknown.
import t from 'tap';
import type { Action } from '../../src/model/action.js';
import type { OperatorMeasurement, TopologyMeasurement } from '../../src/model/measurement.js';
import { WORD_COUNT_SOURCE, wordCountSpec } from '../../src/simulator/word-count.js';
import { createClosedLoop, START_MS } from '../support/closed-loop.js';
import { MISSING } from '../support/measurements.js';

// Hours of simulated time, however busy the machine is.
t.setTimeout(600_000);

const MINUTE = 60;
const SPEC = wordCountSpec({ offered: 100, split: { parallelism: 3 }, count: { parallelism: 4 } });

type Blindness = (operator: OperatorMeasurement) => OperatorMeasurement;

const BLINDNESSES: Readonly<Record<string, Blindness>> = {
  'its backpressure': (operator) => ({ ...operator, backpressure: MISSING }),
  'its pending packets': (operator) => ({ ...operator, pendingPackets: MISSING }),
  'its processing rate': (operator) => ({ ...operator, processingRate: MISSING }),
  'its busy time': (operator) => ({ ...operator, busy: MISSING }),
  'its source backlog': (operator) => ({ ...operator, sourceBacklog: MISSING }),
  'its parallelism': (operator) => ({ ...operator, parallelism: null }),
  'one of its instances': (operator) => ({ ...operator, incompleteBecause: 'instance 1 is not there' }),
};

interface BlindRun {
  readonly blind: Blindness;
  readonly of: string;
  /** Default: all the time. */
  readonly blindMinutes?: number;
  readonly policy?: Readonly<Record<string, unknown>>;
}

/** What is not needed is given back after ten minutes then. */
const SHORT_MEMORY = { scale_down_memory: '10m', scale_down_memory_max: '20m' };

/** The actions in `minutes`, with the operator invisible for the first `blindMinutes`. */
async function actionsOf(
  minutes: number,
  { blind, of, blindMinutes = minutes, policy = {} }: BlindRun,
): Promise<readonly Action[]> {
  let isBlind = true;
  const distort = (measurement: TopologyMeasurement): TopologyMeasurement => {
    const operators = measurement.operators.map((operator) =>
      isBlind && operator.spec.name === of ? blind(operator) : operator,
    );
    return { ...measurement, operators };
  };
  const loop = await createClosedLoop({ spec: SPEC, engine: 'flink', distort, policy });
  try {
    await loop.run(blindMinutes * MINUTE);
    isBlind = false;
    await loop.run((minutes - blindMinutes) * MINUTE);
    return await loop.actions();
  } finally {
    await loop.close();
  }
}

await t.test('with all data capacity is given back', async (t) => {
  const actions = await actionsOf(30, { blind: (operator) => operator, of: '', policy: SHORT_MEMORY });
  t.ok(actions.length >= 1);
  t.ok(actions.every(({ resolver, outcome }) => resolver === 'scale_down' && outcome !== 'harmful'));
});

for (const of of [WORD_COUNT_SOURCE, 'split', 'count']) {
  await t.test(`nothing is done while something of ${of} is unknown`, async (t) => {
    for (const [what, blind] of Object.entries(BLINDNESSES)) {
      t.same(await actionsOf(30, { blind, of, policy: SHORT_MEMORY }), [], what);
    }
  });
}

await t.test('when the data are back, all of the memory has to be seen as if it had just begun', async (t) => {
  const blind: Blindness = (operator) => ({ ...operator, processingRate: MISSING });
  const [first] = await actionsOf(120, { blind, of: 'split', blindMinutes: 30 });
  const atMinutes = ((first?.claimedAtMs ?? 0) - START_MS) / 60_000;
  t.ok(atMinutes > 103 && atMinutes < 110, `the first action is at ${atMinutes.toFixed(1)} min`);
});
