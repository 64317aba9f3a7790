import t from 'tap';
import { createFluidTopology, type FluidTopology } from '../../src/simulator/fluid-topology.js';
import { HERON_PHYSICS, type TopologySpec } from '../../src/simulator/topology-spec.js';
import type { InstanceState } from '../../src/simulator/topology-state.js';
import { WORD_COUNT_SOURCE, wordCountSpec } from '../../src/simulator/word-count.js';
import { after, instanceOf, operatorOf } from '../support/simulated-topology.js';

/** Records/s over the last step, all instances. */
function rateOf(topology: FluidTopology, name: string): number {
  return operatorOf(topology, name).instances.reduce((sum, { lastStep }) => sum + lastStep.recordsInPerSecond, 0);
}

function meanOf(topology: FluidTopology, name: string, value: (instance: InstanceState) => number): number {
  const { instances } = operatorOf(topology, name);
  return instances.reduce((sum, instance) => sum + value(instance), 0) / instances.length;
}

const heldUp = (instance: InstanceState): number => instance.lastStep.backpressuredMsPerSecond;
const busy = (instance: InstanceState): number => instance.lastStep.busyMsPerSecond;

await t.test('a topology with enough capacity processes its offered load', (t) => {
  const topology = after(60, wordCountSpec({ offered: 800 }));
  topology.step(1);
  t.ok(Math.abs(rateOf(topology, 'count') - 8000) < 1);
  t.ok(Math.abs(meanOf(topology, 'split', busy) - 800) < 1);
  t.equal(meanOf(topology, WORD_COUNT_SOURCE, heldUp), 0);
  t.equal(meanOf(topology, 'split', heldUp), 0);
  t.end();
});

await t.test('the slowest operator limits the throughput', (t) => {
  for (const sourceKind of ['push', 'kafka'] as const) {
    const topology = after(120, wordCountSpec({ sourceKind, split: { parallelism: 4 } }));
    topology.step(10);
    t.ok(Math.abs(rateOf(topology, 'split') - 400) < 1, sourceKind);
    t.ok(Math.abs(rateOf(topology, 'count') - 4000) < 10, sourceKind);
  }
  t.end();
});

await t.test('Flink marks the operator that is held up, not the one that holds it up', (t) => {
  const topology = after(120, wordCountSpec({ sourceKind: 'push', split: { parallelism: 4 } }));
  topology.step(10);
  t.ok(Math.abs(meanOf(topology, WORD_COUNT_SOURCE, heldUp) - 600) < 1, 'served 400 of 1000');
  t.equal(meanOf(topology, 'split', heldUp), 0);
  t.ok(Math.abs(meanOf(topology, 'split', busy) - 1000) < 1);
  t.ok(meanOf(topology, 'split', ({ pendingPackets }) => pendingPackets) > 100);
  t.ok(meanOf(topology, 'count', ({ pendingPackets }) => pendingPackets) < 1);
  t.end();
});

await t.test('blocking reaches all the way up', (t) => {
  const topology = after(120, wordCountSpec({ sourceKind: 'push', count: { parallelism: 8 } }));
  topology.step(10);
  t.ok(Math.abs(meanOf(topology, 'split', heldUp) - 600) < 1, 'it could do 1000 and does 400');
  t.ok(Math.abs(meanOf(topology, WORD_COUNT_SOURCE, heldUp) - 600) < 1);
  t.equal(meanOf(topology, 'count', heldUp), 0);
  t.end();
});

await t.test('Heron books the time on the instance whose queue is over, and suspends all sources', (t) => {
  const topology = after(120, wordCountSpec({ physics: HERON_PHYSICS, sourceKind: 'push', split: { parallelism: 4 } }));
  const before = topology.state().suspendedMs;
  topology.step(200);
  const suspended = (topology.state().suspendedMs - before) / 200;
  t.ok(Math.abs(suspended - 600) < 30, `${suspended} ms/s: the rest lets 1000/s in, 400/s on average`);
  t.equal(meanOf(topology, 'split', heldUp), 0);
  const culprit = meanOf(topology, 'split', ({ lastStep }) => lastStep.culpritMsPerSecond);
  t.ok(Math.abs(culprit - suspended) < 1, 'all four fill and drain together');
  t.equal(
    meanOf(topology, 'count', ({ lastStep }) => lastStep.culpritMsPerSecond),
    0,
  );
  t.end();
});

await t.test('Heron: only the slow instance is a culprit', (t) => {
  const topology = after(
    300,
    wordCountSpec({ physics: HERON_PHYSICS, offered: 800, split: { slow: { index: 3, factor: 4 } } }),
  );
  t.ok(instanceOf(topology, 'split', 3).totals.culpritMs > 30_000);
  for (const index of [0, 1, 2, 4, 9]) t.equal(instanceOf(topology, 'split', index).totals.culpritMs, 0);
  t.end();
});

await t.test('a Kafka backlog grows while too little is read, and drains at full speed', (t) => {
  const topology = after(100, wordCountSpec({ split: { parallelism: 4 }, restartGapSeconds: 0 }));
  const backlog = (): number => instanceOf(topology, WORD_COUNT_SOURCE, 0).backlogRecords ?? NaN;
  const grown = backlog();
  t.ok(grown > 55_000 && grown < 60_000, `${grown}: 600/s for 100 s, less what is queued`);
  topology.rescale('split', 15);
  topology.rescale('count', 30);
  topology.step(20);
  const draining = backlog();
  topology.step(10);
  t.ok(Math.abs((draining - backlog()) / 10 - 500) < 1, 'reads 1500/s while 1000/s arrive');
  topology.step(200);
  t.ok(backlog() < 1);
  topology.step(10);
  t.ok(Math.abs(rateOf(topology, 'split') - 1000) < 1, 'back to the offered load');
  t.end();
});

await t.test('skewed keys load one instance, which limits all', (t) => {
  const topology = after(
    120,
    wordCountSpec({ offered: 1000, count: { hotKey: { share: 0.2, instance: 7 } }, sourceKind: 'push' }),
  );
  topology.step(10);
  const hot = instanceOf(topology, 'count', 7);
  const other = instanceOf(topology, 'count', 6);
  t.ok(Math.abs(hot.lastStep.busyMsPerSecond - 1000) < 1);
  t.ok(hot.lastStep.recordsInPerSecond > 4 * other.lastStep.recordsInPerSecond);
  t.ok(hot.pendingPackets > 100);
  t.ok(other.pendingPackets < 1);
  t.ok(Math.abs(rateOf(topology, 'count') - 500 / (0.2 + 0.8 / 20)) < 5, 'capacity over its share');
  t.end();
});

await t.test('the slow instance has the long queue and does less than its peers for all its work', (t) => {
  const topology = after(120, wordCountSpec({ offered: 800, split: { slow: { index: 2, factor: 2 } } }));
  topology.step(10);
  const slow = instanceOf(topology, 'split', 2);
  const peer = instanceOf(topology, 'split', 3);
  t.ok(slow.pendingPackets > 100);
  t.ok(peer.pendingPackets < 1);
  const perBusySecond = ({ lastStep }: InstanceState): number => lastStep.recordsInPerSecond / lastStep.busyMsPerSecond;
  t.ok(Math.abs(perBusySecond(peer) / perBusySecond(slow) - 2) < 0.01);
  t.ok(meanOf(topology, WORD_COUNT_SOURCE, heldUp) > 100);
  t.end();
});

await t.test('a join takes from its inputs in equal parts what both want', (t) => {
  const topology = createFluidTopology(
    {
      name: 'join',
      operators: [
        { name: 'a', parallelism: 1, capacity: 1000, source: { kind: 'push', offered: 900 } },
        { name: 'b', parallelism: 1, capacity: 1000, source: { kind: 'push', offered: 100 } },
        { name: 'c', parallelism: 1, capacity: 1000, source: { kind: 'push', offered: 700 } },
        { name: 'join', parallelism: 2, capacity: 300, inputs: ['a', 'b', 'c'] },
      ],
    },
    1,
  );
  topology.step(60);
  topology.step(10);
  t.same(
    ['a', 'b', 'c'].map((name) => Math.round(rateOf(topology, name))),
    [250, 100, 250],
  );
  t.end();
});

await t.test('random arrivals leave something waiting before saturation, if wanted', (t) => {
  const pending = (randomArrivals: boolean): number =>
    instanceOf(after(60, wordCountSpec({ offered: 900, randomArrivals })), 'split', 0).pendingPackets;
  t.ok(Math.abs(pending(true) - 0.81 / 0.2) < 0.01);
  t.equal(pending(false), 0);
  t.end();
});

await t.test('with several sources, one rate is divided as their loads are', (t) => {
  const topology = createFluidTopology(
    {
      name: 'two',
      operators: [
        { name: 'a', parallelism: 1, capacity: 1000, source: { kind: 'push', offered: 300 } },
        { name: 'b', parallelism: 1, capacity: 1000, source: { kind: 'push', offered: 100 } },
      ],
    },
    1,
  );
  topology.setOfferedRate(800);
  topology.step(1);
  t.same([rateOf(topology, 'a'), rateOf(topology, 'b')].map(Math.round), [600, 200]);
  topology.setOfferedRate(50, 'b');
  topology.step(1);
  t.same([rateOf(topology, 'a'), rateOf(topology, 'b')].map(Math.round), [600, 50]);
  t.end();
});

await t.test('faults name the request', (t) => {
  const topology = createFluidTopology(wordCountSpec(), 1);
  t.throws(() => topology.rescale('spilt', 3), { code: 'config_invalid', message: /no operator spilt.*split/ });
  t.throws(
    () => {
      topology.setOfferedRate(1, 'split');
    },
    { code: 'config_invalid', message: /split is not a source/ },
  );
  const circle: TopologySpec = {
    name: 'round',
    operators: [
      { name: 'a', parallelism: 1, capacity: 1, inputs: ['b'] },
      { name: 'b', parallelism: 1, capacity: 1, inputs: ['a'] },
    ],
  };
  t.throws(() => createFluidTopology(circle, 1), { code: 'config_invalid', message: /a, b.*circle/ });
  t.throws(() => createFluidTopology(wordCountSpec({ split: { parallelism: 0 } }), 1), {
    message: /split: parallelism 0/,
  });
  t.end();
});
