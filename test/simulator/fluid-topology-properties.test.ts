import fc from 'fast-check';
import t from 'tap';
import { analyticLoad, analyticParallelism } from '../../src/simulator/analytic-parallelism.js';
import { createFluidTopology, type FluidTopology } from '../../src/simulator/fluid-topology.js';
import type { TopologySpec } from '../../src/simulator/topology-spec.js';
import type { OperatorLedger, OperatorState, TopologyState } from '../../src/simulator/topology-state.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { randomTopology } from '../support/random-topologies.js';

const happening = fc.oneof(
  fc.record({ kind: fc.constant('step'), seconds: fc.double({ min: 0.1, max: 20, noNaN: true }) }),
  fc.record({ kind: fc.constant('rescale'), operator: fc.nat(9), parallelism: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('restart'), operator: fc.nat(9) }),
  fc.record({ kind: fc.constant('load'), rate: fc.integer({ min: 0, max: 900 }) }),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function play(topology: FluidTopology, spec: TopologySpec, happenings: readonly Happening[]): void {
  const nameOf = (pick: number): string => spec.operators[pick % spec.operators.length]?.name ?? '';
  for (const what of happenings) {
    if ('seconds' in what) topology.step(what.seconds);
    else if ('parallelism' in what) topology.rescale(nameOf(what.operator), what.parallelism);
    else if ('operator' in what) topology.restartInstances(nameOf(what.operator), []);
    else topology.setOfferedRate(what.rate);
  }
}

function waitingIn(operator: OperatorState): number {
  return operator.instances.reduce(
    (sum, { queuedRecords, backlogRecords }) => sum + queuedRecords + (backlogRecords ?? 0),
    0,
  );
}

function sourceLedger(topology: FluidTopology): OperatorLedger {
  const source = topology.state().operators.find(({ role }) => role === 'source');
  if (source === undefined) throw new Error('no source');
  return source.ledger;
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));
}

function everyInstance(
  state: TopologyState,
  holds: (instance: OperatorState['instances'][number]) => boolean,
): boolean {
  return state.operators.every((operator) => operator.instances.every(holds));
}

const story = fc.tuple(randomTopology, fc.array(happening, { minLength: 1, maxLength: 12 }), fc.integer());

await t.test('no record appears or vanishes unaccounted, whatever happens', (t) => {
  fc.assert(
    fc.property(story, ([spec, happenings, seed]) => {
      const topology = createFluidTopology(spec, seed);
      play(topology, spec, happenings);
      const { operators } = topology.state();
      const ledgerOf = new Map(operators.map((operator) => [operator.name, operator.ledger]));
      return operators.every((operator) => {
        const { received, processed, dropped, lost } = operator.ledger;
        const arrived = operator.inputs.reduce((sum, input) => sum + (ledgerOf.get(input)?.emitted ?? NaN), 0);
        const isComplete = isClose(received, processed + dropped + lost + waitingIn(operator));
        return isComplete && (operator.role === 'source' || isClose(received, arrived));
      });
    }),
  );
  t.end();
});

await t.test('every instance is busy, idle or backpressured all of the time', (t) => {
  fc.assert(
    fc.property(story, ([spec, happenings, seed]) => {
      const topology = createFluidTopology(spec, seed);
      play(topology, spec, happenings);
      topology.step(10);
      return everyInstance(topology.state(), ({ lastStep }) => {
        const times = [lastStep.busyMsPerSecond, lastStep.idleMsPerSecond, lastStep.backpressuredMsPerSecond];
        const sum = times.reduce((total, time) => total + time, 0);
        return isClose(sum, 1000) && times.every((time) => time > -1e-6);
      });
    }),
  );
  t.end();
});

await t.test('blocking queues are never overfilled by what flows in', (t) => {
  fc.assert(
    fc.property(randomTopology, fc.integer(), (spec, seed) => {
      const topology = createFluidTopology({ ...spec, physics: { kind: 'blocking', bufferSeconds: 2 } }, seed);
      topology.step(60);
      return everyInstance(topology.state(), ({ fill }) => fill <= 1 + 1e-9 && fill >= -1e-9);
    }),
  );
  t.end();
});

await t.test('no instance does more than it can', (t) => {
  fc.assert(
    fc.property(story, ([spec, happenings, seed]) => {
      const topology = createFluidTopology(spec, seed);
      play(topology, spec, happenings);
      topology.step(10);
      const capacity = new Map(spec.operators.map((operator) => [operator.name, operator.capacity]));
      return topology
        .state()
        .operators.every(({ name, instances }) =>
          instances.every(({ lastStep }) => lastStep.recordsInPerSecond <= (capacity.get(name) ?? 0) * (1 + 1e-9)),
        );
    }),
  );
  t.end();
});

await t.test('the same spec, seed and calls give the same run, another seed another one', (t) => {
  const run = (spec: TopologySpec, happenings: readonly Happening[], seed: number): TopologyState => {
    const topology = createFluidTopology(spec, seed);
    play(topology, spec, happenings);
    return topology.state();
  };
  fc.assert(
    fc.property(story, ([spec, happenings, seed]) => {
      t.same(run(spec, happenings, seed), run(spec, happenings, seed));
    }),
    { numRuns: 20 },
  );
  const noisy = wordCountSpec({ loadNoise: { share: 0.03, correlationSeconds: 60 } });
  const minute: Happening[] = [{ kind: 'step', seconds: 60 }];
  t.notSame(run(noisy, minute, 1), run(noisy, minute, 2));
  t.end();
});

await t.test('noise keeps the mean of the load', (t) => {
  const topology = createFluidTopology(
    wordCountSpec({ sourceKind: 'push', offered: 500, loadNoise: { share: 0.05, correlationSeconds: 5 } }),
    3,
  );
  topology.step(20_000);
  const { received } = sourceLedger(topology);
  t.ok(Math.abs(received / 20_000 / 500 - 1) < 0.005, `${received / 20_000}`);
  t.end();
});

const chain = fc.record({
  offered: fc.integer({ min: 10, max: 2000 }),
  stages: fc.array(
    fc.record({ capacity: fc.integer({ min: 20, max: 500 }), selectivity: fc.constantFrom(0.5, 1, 2) }),
    { minLength: 1, maxLength: 4 },
  ),
});

function chainSpec(offered: number, stages: readonly { capacity: number; selectivity: number }[]): TopologySpec {
  return {
    name: 'chain',
    physics: { kind: 'blocking', bufferSeconds: 1 },
    operators: [
      { name: '0', parallelism: 1, capacity: 10 * offered, source: { kind: 'push', offered } },
      ...stages.map((stage, index) => ({ name: String(index + 1), parallelism: 1, ...stage, inputs: [String(index)] })),
    ],
  };
}

/** A second of each operator's capacity waits at most, and of what flows in this share does not flow off. */
function secondsToFill(spec: TopologySpec, parallelism: ReadonlyMap<string, number>, share: number): number {
  const loads = analyticLoad(spec);
  const held = spec.operators.map(
    ({ name, capacity }) => ((parallelism.get(name) ?? 1) * capacity) / (loads.get(name) ?? NaN),
  );
  return Math.ceil(held.reduce((sum, seconds) => sum + seconds, 0) / share);
}

function lostShare(spec: TopologySpec, parallelism: ReadonlyMap<string, number>, settlingSeconds: number): number {
  const operators = spec.operators.map((operator) => ({
    ...operator,
    parallelism: parallelism.get(operator.name) ?? 1,
  }));
  const topology = createFluidTopology({ ...spec, operators }, 1);
  topology.step(settlingSeconds);
  const before = sourceLedger(topology);
  topology.step(50);
  const { received, lost } = sourceLedger(topology);
  return (lost - before.lost) / (received - before.received);
}

await t.test('the analytic parallelism is enough, and one less of anything is not', (t) => {
  fc.assert(
    fc.property(chain, fc.nat(9), ({ offered, stages }, pick) => {
      const spec = chainSpec(offered, stages);
      const needed = analyticParallelism(spec);
      if (lostShare(spec, needed, 250) > 1e-6) return false;
      const scarce = spec.operators[1 + (pick % stages.length)];
      if (scarce === undefined) return false;
      const fewer = (needed.get(scarce.name) ?? 1) - 1;
      if (fewer < 1) return true;
      const load = analyticLoad(spec).get(scarce.name) ?? 0;
      const expected = 1 - (fewer * scarce.capacity) / load;
      // A smaller shortage takes long to fill the queues.
      if (expected < 0.02) return true;
      const tooFew = new Map([...needed, [scarce.name, fewer]]);
      return Math.abs(lostShare(spec, tooFew, secondsToFill(spec, tooFew, expected)) - expected) < 1e-3;
    }),
    { numRuns: 40 },
  );
  t.end();
});

await t.test('the word count needs 1, 10 and 20 instances as it comes', (t) => {
  const spec = wordCountSpec();
  t.same([...analyticParallelism(spec).values()], [1, 10, 20]);
  t.same([...analyticLoad(spec).values()], [1000, 1000, 10_000]);
  t.end();
});

await t.test('uneven keys need more than the ceiling, and one hot key may need more than there is', (t) => {
  const need = (count: NonNullable<Parameters<typeof wordCountSpec>[0]>['count']): number | undefined =>
    analyticParallelism(wordCountSpec(count === undefined ? {} : { count })).get('count');
  t.equal(need({ keySkew: { kind: 'spread', share: 0.1 } }), 22);
  t.equal(need({ hotKey: { share: 0.02, instance: 0 } }), 33, '0.02 + 0.98 / p ≤ 0.05');
  t.equal(need({ hotKey: { share: 0.1, instance: 0 } }), Infinity);
  t.end();
});
