import t from 'tap';
import fc from 'fast-check';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import { planAction } from '../../src/resolvers/resolve.js';
import { flinkTopology, heronTopology, MISSING, NOT_APPLICABLE, type OperatorSketch } from '../support/measurements.js';
import { experienceWith, linesOf, neededOf, planContextOf } from '../support/plans.js';

type Options = Parameters<typeof planContextOf>[1] & { readonly held?: readonly string[] };

/** What scale_up plans for these operators; default: all but the sources. */
function planOf(topology: TopologyMeasurement, { held = [], ...options }: Options = {}, names?: string[]): string {
  const context = planContextOf(topology, options);
  const asking = (names ?? topology.operators.filter(({ spec }) => spec.role === 'inner').map(({ spec }) => spec.name))
    .filter((operator) => !held.includes(operator))
    .map((operator) => ({ operator, diagnosis: { diagnosis: 'underprovisioning', operatorInstances: [] } as const }));
  return linesOf(planAction('scale_up', asking, new Set(held), context));
}

/** 1,000 sentences/s of 10 words are offered; one split handles 100 sentences, and one count 500 words, or 50 sentences. */
function wordCount(more: Record<string, OperatorSketch> = {}): TopologyMeasurement {
  return flinkTopology({
    sentences: { source: true, rate: [50], busy: [0.025], backpressure: [0.975], backlog: 0, backlogSlope: 950 },
    split: { inputs: ['sentences'], rate: [50], busy: [0.5], backpressure: [0.5] },
    count: { inputs: ['split'], rate: [500], busy: [1], pending: [90] },
    ...more,
  });
}

await t.test('word count 1/1 is sized in one step, for ten splits and twenty counts that leave something free', (t) => {
  t.equal(planOf(wordCount()), 'count 1 → 24, split 1 → 12');
  t.equal(planOf(wordCount(), { settings: { targetBusy: 1 } }), 'count 1 → 20, split 1 → 10', "as DS2's rule has it");
  const larger = wordCount({
    sentences: { source: true, rate: [100], busy: [0.05], backpressure: [0.9], backlog: 0, backlogSlope: 900 },
    split: { inputs: ['sentences'], rate: [100], busy: [1], pending: [90] },
    count: { inputs: ['split'], rate: [500, 500], busy: [1, 1] },
  });
  t.equal(planOf(larger), 'split 1 → 12, count 2 → 24', 'whichever holds up the other');
  t.end();
});

await t.test('a size is aligned to key groups or partitions where an even load costs a tenth at most', (t) => {
  const split = 'split 1 → 12';
  const count: OperatorSketch = { inputs: ['split'], rate: [500], busy: [1], pending: [90] };
  const sized = (more: OperatorSketch): string => planOf(wordCount({ count: { ...count, ...more } }));
  t.equal(sized({ shares: 130 }), `count 1 → 26, ${split}`, '5 of 130 key groups on each, not 6 on some');
  t.equal(sized({ shares: 128 }), `count 1 → 24, ${split}`, '32 would cost a third more');
  t.equal(sized({ shares: 130, max: 25 }), `count 1 → 24, ${split}`, 'within its bound');
  t.match(sized({ shares: 130, max: 24 }), /^count 1 → 24, /, 'which the size may meet');
  t.end();
});

await t.test('a backlog asks for what catches up, of instances that may be full meanwhile', (t) => {
  const behind = (backlog: number): TopologyMeasurement =>
    flinkTopology({
      kafka: { source: true, rate: [100], busy: [0.1], backpressure: [0.5], backlog, backlogSlope: 100 },
      work: { inputs: ['kafka'], rate: [50, 50], busy: [1, 1], pending: [90, 90] },
    });
  t.equal(planOf(behind(500)), 'work 2 → 5', '2 × 2 / 0.85');
  t.equal(planOf(behind(540_500)), 'work 2 → 10', '540,000 records in half an hour are 300/s more');
  t.end();
});

await t.test('an operator that is not busy enough asks for nothing', (t) => {
  const at = (busy: number, slope: number): string =>
    planOf(
      flinkTopology({
        kafka: { source: true, rate: [100], busy: [0.1], backpressure: [0.15], backlog: 0, backlogSlope: slope },
        work: { inputs: ['kafka'], rate: [100], busy: [busy], pending: [90] },
      }),
    );
  t.equal(at(1, 50), 'work 1 → 2');
  t.equal(at(0.7, 50), 'nothing', 'the source merely could read faster: 1.5 × 0.7 is no more than 1.05');
  t.equal(at(1, 5), 'nothing', 'nor for as much as the threshold');
  t.end();
});

await t.test('nothing is sized for more than the tightest bound lets through', (t) => {
  const bound = (max: number): OperatorSketch => {
    return { inputs: ['sentences'], rate: [50], busy: [0.5], backpressure: [0.5], max };
  };
  t.equal(planOf(wordCount({ split: bound(6) })), 'count 1 → 15, split 1 → 6', 'six splits let through 12 of 20');
  t.equal(planOf(wordCount({ split: bound(1) })), 'count 1 → 3', 'one lets through 2, with something free 2.4');
  t.equal(planOf(wordCount(), { held: ['split'] }), 'count 1 → 3', 'as does one that is held');
  t.equal(
    planOf(wordCount(), { held: ['count'] }),
    'nothing',
    'without the one that holds it up, the other has no more to do',
  );
  t.end();
});

await t.test(
  'floors: the instances removed by a scale-down within the hour, and after a reversal the need of the peak',
  (t) => {
    const scaledDownFrom = new Map([['split', 30]]);
    t.equal(planOf(wordCount(), { experience: experienceWith({ scaledDownFrom }) }), 'count 1 → 24, split 1 → 30');
    const neededPeaks = neededOf({ split: 17 });
    t.equal(planOf(wordCount(), { experience: experienceWith({ neededPeaks }) }), 'count 1 → 24, split 1 → 12');
    const reversed = experienceWith({ neededPeaks, hasReversed: true });
    t.equal(planOf(wordCount(), { experience: reversed }), 'count 1 → 24, split 1 → 20', '17 / 0.85');
    t.end();
  },
);

await t.test('an operator that has room for what it is offered limits nobody', (t) => {
  const topology = flinkTopology({
    steady: { source: true, rate: [100], busy: [0.6], backlog: 0, backlogSlope: 0, max: 4 },
    short: { source: true, rate: [60], busy: [1], backlog: 9000, backlogSlope: 417 },
    join: { inputs: ['steady', 'short'], rate: [160], busy: [0.1] },
  });
  t.equal(
    planOf(topology, {}, ['short']),
    'short 1 → 10',
    '7.95 / 0.85, not the 6.7 that `steady` would have room for',
  );
  t.end();
});

await t.test('a source at its bound limits only what it feeds', (t) => {
  const full = (offered: number, max: number): OperatorSketch => {
    return { source: true, rate: [100], busy: [1], backlog: 500, backlogSlope: 100 * (offered - 1), max };
  };
  const topology = flinkTopology({
    bounded: full(3, 1),
    short: full(2, 100),
    behindBounded: { inputs: ['bounded'], rate: [100], busy: [0.97] },
    behindShort: { inputs: ['short'], rate: [100], busy: [0.97] },
    behindBoth: { inputs: ['bounded', 'short'], rate: [200], busy: [0.97] },
  });
  t.equal(
    planOf(topology, {}, ['bounded', 'short', 'behindBounded', 'behindShort', 'behindBoth']),
    'short 1 → 3, behindShort 1 → 3, behindBoth 1 → 2, behindBounded 1 → 2',
    'twice as much, half as much again, and nothing more',
  );
  t.end();
});

await t.test('a source whose partitions are uneven is sized for the instance that is offered most', (t) => {
  const kafka = (largestOffered: number, busy: number) =>
    flinkTopology({
      kafka: {
        ...{ source: true, rate: [24, 24, 24], busy: [busy, busy, busy] },
        ...{ backlog: 9000, backlogSlope: 88, largestOffered },
      },
    });
  t.equal(planOf(kafka(53.3, 1), {}, ['kafka']), 'kafka 3 → 8', '160 records/s by 24 each, 0.85 busy');
  t.equal(planOf(kafka(74.7, 1), {}, ['kafka']), 'kafka 3 → 11', 'with 1.4 times the mean on one of them');
  t.equal(planOf(kafka(74.7, 0.5), {}, ['kafka']), 'kafka 3 → 6', 'as well where something else holds it up');
  t.end();
});

await t.test('at most fifty times as many, and within the bounds of the operator', (t) => {
  const rush = (max: number | null): string =>
    planOf(
      flinkTopology({
        kafka: { source: true, rate: [10], busy: [0.1], backpressure: [0.99], backlog: 0, backlogSlope: 9990 },
        work: { inputs: ['kafka'], rate: [10], busy: [1], pending: [90], max },
      }),
    );
  t.equal(rush(null), 'work 1 → 50');
  t.equal(rush(20), 'work 1 → 20');
  t.equal(rush(1), 'nothing');
  t.end();
});

await t.test('a hot key is sized for, and if no parallelism cures it, nothing is asked', (t) => {
  const keyed = (share: number): string => {
    const served = 500 / (share + (1 - share) / 20);
    const other = ((1 - share) * served) / 20;
    const rate = [500, ...Array<number>(19).fill(other)];
    return planOf(
      flinkTopology({
        kafka: {
          source: true,
          rate: [served],
          busy: [0.1],
          backpressure: [0.5],
          backlog: 0,
          backlogSlope: 8000 - served,
        },
        count: { inputs: ['kafka'], rate, busy: rate.map((one) => one / 500), pending: rate.map(() => 90), max: 200 },
      }),
    );
  };
  t.equal(keyed(0.04), 'count 20 → 55');
  t.equal(keyed(0.1), 'nothing', '800 records/s go to an instance that can do 500');
  t.end();
});

await t.test('an unknown load is estimated from the suspended input', (t) => {
  const bolt = (ratios: number[], max = 100): string =>
    planOf(heronTopology({ bolt: { backpressure: ratios, pending: ratios.map(() => 90), busy: NOT_APPLICABLE, max } }));
  t.equal(bolt([0.5, 0]), 'bolt 2 → 4', "Heron's own resolver: 500 and 0 ms/s ask for 4 of 2");
  t.equal(bolt([0.75, 0]), 'bolt 2 → 8');
  t.equal(bolt([0.4, 0.1, 0]), 'bolt 3 → 6');
  t.equal(bolt([0.2, 0, 0, 0, 0, 0, 0, 0]), 'bolt 8 → 10', '20 % suspended against 80 % flowing is a quarter more');
  t.equal(bolt([0.99, 0]), 'bolt 2 → 10', 'never more than max_scale_up_factor times more');
  t.equal(bolt([0.65, 0, 0, 0, 0, 0, 0]), 'bolt 7 → 20', 'floating point noise asks for nothing: 7 / 0.35 is 20');
  t.equal(bolt([0.5, 0], 3), 'bolt 2 → 3');
  t.equal(bolt([0.5, 0], 2), 'nothing');
  const two = heronTopology({
    one: { backpressure: [0.5, 0], pending: [90, 80], busy: NOT_APPLICABLE },
    two: { backpressure: [0.75, 0], pending: [90, 80], busy: NOT_APPLICABLE },
  });
  t.equal(planOf(two), 'two 2 → 8, one 2 → 4', 'all culprits together, the one that holds up most first');
  t.equal(
    planOf(
      flinkTopology({
        push: { source: true, backpressure: [0.998] },
        work: { inputs: ['push'], busy: [1], pending: [90] },
      }),
    ),
    'work 1 → 5',
    'a push source without throughput',
  );
  t.end();
});

await t.test('an unknown operator is left alone', (t) => {
  t.equal(
    planOf(wordCount({ count: { inputs: ['split'], rate: [500], busy: [1], pending: [90], lowestRate: null } })),
    'split 1 → 12',
  );
  t.equal(
    planOf(wordCount({ sentences: { source: true, rate: MISSING, busy: [0.1], backpressure: [0.9], backlog: 0 } })),
    'nothing',
    'the rate of a source',
  );
  t.equal(
    planOf(wordCount({ split: { inputs: ['sentences'], rate: MISSING, busy: [0.5], backpressure: [0.5] } })),
    'count 1 → 2',
    'the work of an operator; for those that it feeds, the suspended input counts',
  );
  t.equal(
    planOf(wordCount(), { experience: experienceWith({ changedAtMs: 0 }) }),
    'nothing',
    'a window that is not clean',
  );
  t.end();
});

const many = fc.record({
  rates: fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 6 }),
  busy: fc.double({ min: 0, max: 1, noNaN: true }),
  backpressure: fc.double({ min: 0, max: 0.99, noNaN: true }),
  min: fc.integer({ min: 1, max: 4 }),
  span: fc.integer({ min: 0, max: 300 }),
  shares: fc.option(fc.integer({ min: 1, max: 400 })),
});

/** A chain of random operators behind a source with a backlog. */
const chain = fc
  .record({
    operators: fc.array(many, { minLength: 1, maxLength: 4 }),
    slope: fc.double({ min: -50, max: 5000, noNaN: true }),
  })
  .map(({ operators, slope }) => {
    const sketches: Record<string, OperatorSketch> = {
      kafka: { source: true, rate: [100], busy: [0.2], backpressure: [0.9], backlog: 1000, backlogSlope: slope },
    };
    for (const [index, { rates, busy, backpressure, min, span, shares }] of operators.entries()) {
      sketches[`o${index}`] = {
        inputs: [index === 0 ? 'kafka' : `o${index - 1}`],
        rate: rates,
        busy: rates.map(() => busy),
        pending: rates.map(() => 90),
        backpressure: rates.map(() => backpressure),
        min,
        max: min + span,
        ...(shares === null ? {} : { shares }),
      };
    }
    return sketches;
  });

await t.test('for all measurements, a plan increases its operators, within bounds, each once', (t) => {
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(chain, (sketches) => {
        const topology = flinkTopology(sketches);
        const context = planContextOf(topology);
        const asking = topology.operators.map(({ spec }) => {
          return { operator: spec.name, diagnosis: { diagnosis: 'underprovisioning', operatorInstances: [] } as const };
        });
        const plan = planAction('scale_up', [...asking, ...asking], new Set(), context);
        const names = plan?.operators.map(({ operator }) => operator) ?? [];
        const isWithin = (plan?.operators ?? []).every(({ operator, currentParallelism, desiredParallelism }) => {
          const spec = topology.operators.find((one) => one.spec.name === operator)?.spec;
          const isGrowing = desiredParallelism > currentParallelism && Number.isInteger(desiredParallelism);
          return isGrowing && desiredParallelism <= (spec?.maxParallelism ?? 0);
        });
        return isWithin && new Set(names).size === names.length;
      }),
    );
  });
  t.end();
});

await t.test('holding an operator never makes another one larger, nor does a lower bound', (t) => {
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(chain, fc.nat(3), (sketches, pick) => {
        const sizes = (more: Record<string, OperatorSketch>, held: readonly string[]): ReadonlyMap<string, number> => {
          const topology = flinkTopology({ ...sketches, ...more });
          const asking = topology.operators
            .filter(({ spec }) => !held.includes(spec.name))
            .map(({ spec }) => {
              return {
                operator: spec.name,
                diagnosis: { diagnosis: 'underprovisioning', operatorInstances: [] } as const,
              };
            });
          const plan = planAction('scale_up', asking, new Set(held), planContextOf(topology));
          return new Map(plan?.operators.map(({ operator, desiredParallelism }) => [operator, desiredParallelism]));
        };
        const name = `o${pick % (Object.keys(sketches).length - 1)}`;
        const free = sizes({}, []);
        const tighter = { ...sketches[name], min: 1, max: Math.max(1, (sketches[name]?.max ?? 1) - 1) };
        const isNoLarger = ([operator, size]: [string, number]): boolean => size <= (free.get(operator) ?? 0);
        return [...sizes({}, [name])].every(isNoLarger) && [...sizes({ [name]: tighter }, [])].every(isNoLarger);
      }),
    );
  });
  t.end();
});
