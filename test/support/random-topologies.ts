// Random simulated topologies for properties: directed acyclic graphs with uneven keys, slow instances and both kinds of source.
import fc from 'fast-check';
import {
  FLINK_PHYSICS,
  HERON_PHYSICS,
  type SimulatedOperator,
  type TopologySpec,
} from '../../src/simulator/topology-spec.js';

const LOAD_NOISE = { share: 0.1, correlationSeconds: 10 };

const traits = fc.record({
  parallelism: fc.integer({ min: 1, max: 5 }),
  capacity: fc.integer({ min: 20, max: 200 }),
  selectivity: fc.constantFrom(0, 0.5, 1, 3),
  keySkew: fc.constantFrom({ kind: 'even' } as const, { kind: 'spread', share: 0.4 } as const),
  hotKey: fc.constantFrom(null, { share: 0.3, instance: 1 }),
  slow: fc.constantFrom(null, { index: 0, factor: 3 }),
});

const source = fc.record({ kind: fc.constantFrom('push', 'kafka'), offered: fc.integer({ min: 0, max: 600 }) });

/** Operators `s0…` and `o0…`; each inner one has 1 to 3 inputs among the earlier ones. */
export const randomTopology: fc.Arbitrary<TopologySpec> = fc
  .record({
    sources: fc.array(fc.tuple(traits, source), { minLength: 1, maxLength: 2 }),
    inner: fc.array(fc.tuple(traits, fc.array(fc.nat(99), { minLength: 1, maxLength: 3 })), { maxLength: 4 }),
    physics: fc.constantFrom(FLINK_PHYSICS, HERON_PHYSICS),
    queuesOnRestart: fc.constantFrom('kept', 'dropped'),
  })
  .map(({ sources, inner, physics, queuesOnRestart }) => {
    const operators: SimulatedOperator[] = [];
    for (const [index, [of, load]] of sources.entries())
      operators.push({ name: `s${index}`, ...faults(of), source: load });
    for (const [index, [of, picks]] of inner.entries()) {
      const inputs = new Set(picks.map((pick) => operators[pick % operators.length]?.name ?? ''));
      operators.push({ name: `o${index}`, ...faults(of), inputs: [...inputs] });
    }
    return { name: 'random', operators, physics, queuesOnRestart, loadNoise: LOAD_NOISE, restartGapSeconds: 5 };
  });

/** The same without slow instances and hot keys: uneven keys at most. */
export const faultlessTopology: fc.Arbitrary<TopologySpec> = randomTopology.map((spec) => {
  const operators = spec.operators.map((operator) => {
    const { hotKey: _hotKey, slow: _slow, ...rest } = operator;
    return rest;
  });
  return { ...spec, operators };
});

/** A source and an operator whose load is within 4 % of what 1 to 4 of its instances can do. */
export const nearlyFullTopology: fc.Arbitrary<TopologySpec> = fc
  .record({
    full: fc.integer({ min: 1, max: 4 }),
    more: fc.integer({ min: 0, max: 3 }),
    percent: fc.integer({ min: 96, max: 104 }),
    capacity: fc.integer({ min: 20, max: 200 }),
    kind: fc.constantFrom('push', 'kafka'),
  })
  .map(({ full, more, percent, capacity, kind }) => {
    const most = full * capacity;
    const source = { kind, offered: (most * percent) / 100 };
    const operators: SimulatedOperator[] = [
      { name: 's0', parallelism: 5, capacity: most, source },
      { name: 'o0', inputs: ['s0'], parallelism: full + more, capacity },
    ];
    return { name: 'random', operators, loadNoise: LOAD_NOISE, restartGapSeconds: 5 };
  });

/** Omits null fields: an optional property must not be null. */
function faults<T extends { hotKey: unknown; slow: unknown }>({ hotKey, slow, ...rest }: T) {
  return {
    ...rest,
    ...(hotKey === null ? {} : { hotKey: hotKey as Exclude<T['hotKey'], null> }),
    ...(slow === null ? {} : { slow: slow as Exclude<T['slow'], null> }),
  };
}
