import t from 'tap';
import fc from 'fast-check';
import type { Experience } from '../../src/model/experience.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';
import { planAction } from '../../src/resolvers/resolve.js';
import { scaleDownSize } from '../../src/resolvers/scale-down-resolver.js';
import { flinkTopology, MISSING, NOT_APPLICABLE, type OperatorSketch } from '../support/measurements.js';
import { experienceWith, linesOf, neededOf, planContextOf } from '../support/plans.js';

const SOURCE: OperatorSketch = { source: true, rate: [1000], busy: [0.3], backlog: 0 };

/** The size of `it`, an operator with 40 instances behind a source; or why it waits. */
function sizeOf(
  sketch: OperatorSketch,
  changes: Partial<Experience> = { neededPeaks: neededOf({ it: 16 }) },
  settings: Partial<PolicySettings> = {},
): number | string {
  const busy = sketch.busy ?? Array<number>(40).fill(0.4);
  const topology = flinkTopology({ source: SOURCE, it: { inputs: ['source'], parallelism: 40, ...sketch, busy } });
  const context = planContextOf(topology, { settings, experience: experienceWith(changes) });
  const operator = context.operators[1];
  if (operator === undefined) return 'there is none';
  const size = scaleDownSize(operator, context);
  if (size.kind === 'smaller') return size.parallelism;
  return size.kind === 'none' ? 'none' : `${size.isUnknown ? 'unknown' : 'known'}: ${size.because}`;
}

await t.test('scale_down keeps the instances for the remembered peak, at the target busy ratio of the busiest', (t) => {
  const peaks = (needed: number, newer = needed): Partial<Experience> => {
    return { neededPeaks: new Map([['it', { maxOverMemory: needed, maxOverNewerPart: newer }]]) };
  };
  const uneven = [0.6, ...Array<number>(39).fill(0.39)];
  const tables: [string, number | string, number | string][] = [
    ['16 needed: ceil(16 / 0.85)', sizeOf({}), 19],
    ['20 needed half an hour ago', sizeOf({}, peaks(20)), 24],
    ['the present need counts, too', sizeOf({}, peaks(10)), 19],
    ['the busiest does half as much again as the mean', sizeOf({ busy: uneven }), 29],
    [
      'the busiest does so now, and in the four looks before it did not: 1.1',
      sizeOf({ busy: uneven }, { ...peaks(16), busyBefore: new Map([['it', { sumOfMax: 1.6, sumOfMean: 1.6 }]]) }),
      21,
    ],
    [
      'it did, and does no more',
      sizeOf({}, { ...peaks(16), busyBefore: new Map([['it', { sumOfMax: 2.4, sumOfMean: 1.6 }]]) }),
      27,
    ],
    ['at most 60 % at once', sizeOf({ busy: Array<number>(40).fill(0.1) }, peaks(4)), 16],
    ['another share at once', sizeOf({ busy: Array<number>(40).fill(0.1) }, peaks(4), { maxScaleDownFactor: 0.5 }), 20],
    ['no instance is superfluous', sizeOf({}, peaks(34)), 'none'],
    ['the operator has its bounds', sizeOf({ min: 30 }), 30],
    ['below its minimum there is no request', sizeOf({ min: 50, max: 60 }), 'none'],
    [
      'a scale-down waits for a peak that is about to leave the memory',
      sizeOf({}, peaks(20, 18)),
      'known: the peak need of it is about to leave scale_down_memory',
    ],
    ['and not for another peak', sizeOf({}, peaks(19.7, 18)), 24],
    [
      'not before all of the memory was seen',
      sizeOf({}, {}),
      'unknown: the need of it is not known over all of scale_down_memory',
    ],
    ['where busy is missing', sizeOf({ busy: MISSING }), 'unknown: the busy ratio of it is unknown'],
    [
      'in a window with a change',
      sizeOf({}, { neededPeaks: neededOf({ it: 16 }), changedAtMs: 0 }),
      'unknown: a window of 5 min has not passed since it was restarted or changed',
    ],
    ['a fifth less without the sensor busy', sizeOf({ busy: NOT_APPLICABLE }, {}), 32],
    ['at least one less', sizeOf({ busy: NOT_APPLICABLE, parallelism: 2 }, {}), 1],
    ['never below one', sizeOf({ busy: NOT_APPLICABLE, parallelism: 1 }, {}), 'none'],
  ];
  for (const [title, found, expected] of tables) t.equal(found, expected, title);
  t.end();
});

await t.test('without the sensor busy a fifth is given up, down to what the load would fill', (t) => {
  const sized = (rate: number[], capacity: number, proven = ['it']): number | string =>
    sizeOf(
      { parallelism: rate.length, rate, busy: NOT_APPLICABLE },
      { capacityPerInstance: new Map([['it', capacity]]), provenCapacity: new Set(proven) },
    );
  const many = Array<number>(40).fill(25);
  t.equal(sized(many, 62.5), 32, '1,000 records/s on instances that could do 62.5: a fifth, though 19 are enough');
  t.equal(sized(many, 35), 34, '35: ceil(1,000 / 35 / 0.85)');
  t.equal(sized(many, 29), 'none', '29: of 39 instances each would be 0.88 busy');
  t.equal(sized([46, 46, 46], 68), 'none', '138 records/s, 68 on each: not the two that were too few for them');
  t.equal(sized([46, 46, 46], 82), 2, 'but two that will be 0.84 busy');
  t.equal(sized(many, 29, ['other']), 32, 'unless that is not proven: a slow instance may have held it up then');
  t.equal(sized(many, 20), 32, 'a fifth where each does clearly more than it could then');
  t.end();
});

await t.test('nothing is given back behind a source that may refuse load', (t) => {
  const plan = (source: OperatorSketch, busy: OperatorSketch['busy']): string =>
    planOf(
      {
        source: { source: true, rate: [1000], ...source },
        it: { inputs: ['source'], parallelism: 40, busy: busy ?? Array<number>(40).fill(0.4) },
      },
      { neededPeaks: neededOf({ it: 16 }) },
    );
  t.equal(plan({ busy: [0.6, 0.8] }, undefined), 'it 40 → 19');
  t.equal(plan({ busy: [0.6, 1] }, undefined), 'nothing');
  t.equal(plan({ busy: [0.6, 1], backlog: 0 }, undefined), 'it 40 → 19', 'its backlog shows that it does not');
  t.equal(plan({ busy: [0.6, 0.8] }, NOT_APPLICABLE), 'it 40 → 32');
  t.equal(plan({ busy: [0.6, 1] }, NOT_APPLICABLE), 'nothing', 'nor where nothing is known of how busy it is itself');
  t.end();
});

await t.test('after harm no step is larger than a fifth, and none goes where harm was done', (t) => {
  const after = (harmfulRatePerInstance: number | null): Partial<Experience> => {
    return { neededPeaks: neededOf({ it: 16 }), floors: new Map([['it', { harmfulRatePerInstance }]]) };
  };
  const rate = Array<number>(40).fill(25);
  t.equal(sizeOf({ rate }, after(1000)), 32, 'a fifth');
  t.equal(sizeOf({ rate }, after(36)), 35, '1,000 records/s on instances; 36 each did harm: at most 28.8 each');
  t.equal(sizeOf({ rate }, after(30)), 'none');
  t.equal(sizeOf({ rate }, after(null)), 'none', 'at which load it did harm is not known');
  const blind = sizeOf({ rate: MISSING, busy: NOT_APPLICABLE }, after(30));
  t.equal(blind, 'unknown: the processing rate of it is unknown');
  t.equal(sizeOf({ rate, busy: NOT_APPLICABLE }, after(36)), 35, 'also without busy');
  t.end();
});

function planOf(operators: Record<string, OperatorSketch>, experience: Partial<Experience>): string {
  const context = planContextOf(flinkTopology(operators), { experience: experienceWith(experience) });
  const asking = Object.keys(operators)
    .filter((operator) => operators[operator]?.source !== true)
    .map((operator) => ({ operator, diagnosis: { diagnosis: 'overprovisioning', operatorInstances: [] } as const }));
  return linesOf(planAction('scale_down', asking, new Set(), context));
}

await t.test('all instances are removed together, if it is worth an action', (t) => {
  const idle = (parallelism: number, busy: number, inputs: string[]): OperatorSketch => {
    return { inputs, parallelism, busy: Array<number>(parallelism).fill(busy) };
  };
  const both = { source: SOURCE, split: idle(20, 0.4, ['source']), count: idle(40, 0.4, ['split']) };
  t.equal(planOf(both, { neededPeaks: neededOf({ split: 8, count: 16 }) }), 'count 40 → 19, split 20 → 10');
  t.equal(
    planOf(both, { neededPeaks: neededOf({ split: 13, count: 31 }) }),
    'nothing',
    '7 of 61 instances are not worth a restart',
  );
  t.equal(
    planOf(both, { neededPeaks: neededOf({ split: 8 }) }),
    'nothing',
    'nor is half of it, while the rest may follow',
  );
  const leaving = neededOf({ split: 8 });
  t.equal(
    planOf(both, { neededPeaks: new Map([...leaving, ['count', { maxOverMemory: 20, maxOverNewerPart: 16 }]]) }),
    'nothing',
    'while the peak of one is about to be forgotten, all wait for it',
  );
  t.end();
});

await t.test(
  'without the sensor busy a step has to save enough of its operators, and all steps of the topology',
  (t) => {
    const it = { inputs: ['source'], parallelism: 10, busy: NOT_APPLICABLE };
    const step = (rate: number, others: number, busy: OperatorSketch['busy'] = NOT_APPLICABLE): string => {
      const operators = {
        source: { ...SOURCE, busy: NOT_APPLICABLE },
        it: { ...it, rate: Array<number>(10).fill(rate) },
        other: { ...it, parallelism: others, busy },
      };
      const context = planContextOf(flinkTopology(operators), {
        experience: experienceWith({ capacityPerInstance: new Map([['it', 100]]), provenCapacity: new Set(['it']) }),
      });
      const diagnosis = { diagnosis: 'overprovisioning', operatorInstances: [] } as const;
      return linesOf(planAction('scale_down', [{ operator: 'it', diagnosis }], new Set(), context));
    };
    t.equal(step(50, 29), 'it 10 → 8', '2 of 10, and at most 6 of 40');
    t.equal(step(50, 30), 'nothing', 'at most 6 of 41');
    t.equal(step(50, 29, [1]), 'it 10 → 8', 'whatever the others tell');
    t.equal(step(75, 29), 'nothing', '1 of 10');
    t.end();
  },
);

await t.test('a size is aligned to key groups or partitions, as long as the plan is worth an action', (t) => {
  const idle = (more: OperatorSketch): Record<string, OperatorSketch> => ({
    source: SOURCE,
    count: { inputs: ['source'], parallelism: 40, busy: Array<number>(40).fill(0.4), ...more },
  });
  const plan = (need: number, more: OperatorSketch): string => {
    return planOf(idle(more), { neededPeaks: neededOf({ count: need }) });
  };
  t.equal(plan(25, {}), 'count 40 → 30', '25 / 0.85');
  t.equal(plan(25, { shares: 128 }), 'count 40 → 32', '4 of 128 key groups on each');
  t.equal(plan(25, { shares: 128, max: 31 }), 'count 40 → 30', 'within its bound');
  t.equal(plan(28, {}), 'count 40 → 33');
  t.equal(plan(28, { shares: 105 }), 'count 40 → 33', '35 would save too little: 33 is asked for');
  t.end();
});

await t.test('alignment neither empties a plan nor makes anything larger than it is', (t) => {
  const arbitrary = fc.record({
    parallelism: fc.integer({ min: 1, max: 200 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    shares: fc.integer({ min: 1, max: 512 }),
    max: fc.integer({ min: 1, max: 300 }),
  });
  const desiredIn = (plan: string): number | null => {
    const [, desired] = / → (\d+)$/.exec(plan) ?? [];
    return desired === undefined ? null : Number(desired);
  };
  fc.assert(
    fc.property(arbitrary, ({ parallelism, share, shares, max }) => {
      const count = { inputs: ['source'], parallelism, busy: Array<number>(parallelism).fill(0.3), max };
      const peaks = { neededPeaks: neededOf({ count: share * parallelism }) };
      const sized = desiredIn(planOf({ source: SOURCE, count }, peaks));
      const aligned = desiredIn(planOf({ source: SOURCE, count: { ...count, shares } }, peaks));
      if (sized === null || aligned === null) return sized === aligned;
      return aligned >= sized && aligned < parallelism && aligned <= Math.max(max, sized);
    }),
  );
  t.end();
});

await t.test('whatever is measured, scale_down shrinks within bounds; a higher peak never leaves less', (t) => {
  const arbitrary = fc.record({
    parallelism: fc.integer({ min: 1, max: 60 }),
    min: fc.integer({ min: 1, max: 60 }),
    span: fc.integer({ min: 0, max: 60 }),
    busy: fc.double({ min: 0, max: 1, noNaN: true }),
    peak: fc.double({ min: 0, max: 60, noNaN: true }),
    more: fc.double({ min: 0, max: 20, noNaN: true }),
    harm: fc.option(fc.double({ min: 0, max: 200, noNaN: true })),
  });
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(arbitrary, ({ parallelism, min, span, busy, peak, more, harm }) => {
        const sketch = { parallelism, min, max: min + span, busy: Array<number>(parallelism).fill(busy) };
        const floors: Experience['floors'] =
          harm === null ? new Map() : new Map([['it', { harmfulRatePerInstance: harm }]]);
        const one = sizeOf(sketch, { neededPeaks: neededOf({ it: peak }), floors });
        const other = sizeOf(sketch, { neededPeaks: neededOf({ it: peak + more }), floors });
        const isWithin =
          typeof one === 'string' || (one < parallelism && one >= min && one >= 1 && Number.isInteger(one));
        const most = typeof other === 'string' ? parallelism : other;
        return isWithin && (typeof one === 'string' || most >= one);
      }),
    );
  });
  t.end();
});
