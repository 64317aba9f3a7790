import t from 'tap';
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import { WORD_COUNT_SOURCE, wordCountSpec } from '../../src/simulator/word-count.js';
import { after, instanceOf, operatorOf } from '../support/simulated-topology.js';

await t.test('records for a push source are lost during a restart; those in Kafka wait', (t) => {
  for (const sourceKind of ['push', 'kafka'] as const) {
    const topology = after(60, wordCountSpec({ sourceKind, restartGapSeconds: 30 }));
    const before = operatorOf(topology, WORD_COUNT_SOURCE).ledger;
    topology.rebalance('count');
    t.equal(topology.state().isRunning, false);
    topology.step(29);
    t.equal(topology.state().isRunning, false);
    const { lost, processed } = operatorOf(topology, WORD_COUNT_SOURCE).ledger;
    t.equal(processed, before.processed, 'nothing is processed in the gap');
    t.ok(Math.abs(lost - before.lost - (sourceKind === 'push' ? 29_000 : 0)) < 1);
    t.equal((instanceOf(topology, WORD_COUNT_SOURCE, 0).backlogRecords ?? 0) > 28_999, sourceKind === 'kafka');
    topology.step(2);
    t.equal(topology.state().isRunning, true);
    t.ok(operatorOf(topology, WORD_COUNT_SOURCE).ledger.processed > processed);
  }
  t.end();
});

await t.test(
  'a rescale to the present parallelism restarts nothing; one beyond the slots gets the available ones',
  (t) => {
    const topology = after(10, wordCountSpec({ count: { maxParallelism: 25 } }));
    t.equal(topology.rescale('count', 20), 20);
    t.equal(topology.state().restarts, 0);
    t.equal(topology.rescale('count', 40), 25);
    t.equal(topology.state().restarts, 1);
    t.equal(topology.rescale('count', 99), 25);
    t.equal(topology.state().restarts, 1);
    t.equal(operatorOf(topology, 'count').instances.length, 25);
    t.end();
  },
);

await t.test('a restart of the slow instance cures it, of another one does not', (t) => {
  const topology = createFluidTopology(wordCountSpec({ restartGapSeconds: 0, offered: 800, sourceKind: 'push' }), 1);
  const isSlow = (): boolean => {
    topology.step(200);
    return instanceOf(topology, 'split', 2).lastStep.busyMsPerSecond > 900;
  };
  topology.setSlowInstance('split', { index: 2, factor: 2 });
  t.equal(isSlow(), true);
  topology.restartInstances('split', [3]);
  t.equal(isSlow(), true);
  topology.restartInstances('split', [2]);
  t.equal(isSlow(), false);
  topology.setSlowInstance('split', { index: 2, factor: 2 });
  topology.rescale('split', 11);
  t.equal(isSlow(), false, 'a rescale moves it elsewhere');
  topology.setSlowInstance('split', { index: 2, factor: 2, incurable: true });
  topology.rescale('split', 10);
  topology.restartInstances('split', []);
  t.equal(isSlow(), true, 'unless it is incurable');
  topology.setSlowInstance('split', null);
  t.equal(isSlow(), false);
  t.end();
});

await t.test('a rebalance cures a hot key, a rescale does not', (t) => {
  const topology = createFluidTopology(wordCountSpec({ restartGapSeconds: 0 }), 1);
  const isHot = (): boolean => {
    topology.step(200);
    const rates = operatorOf(topology, 'count').instances.map(({ lastStep }) => lastStep.recordsInPerSecond);
    return Math.max(...rates) > 1.5 * Math.min(...rates);
  };
  topology.setHotKey('count', { share: 0.1, instance: 0 });
  t.equal(isHot(), true);
  topology.rescale('count', 21);
  t.equal(isHot(), true);
  topology.rebalance('count');
  t.equal(isHot(), false);
  topology.setHotKey('count', { share: 0.1, instance: 0, incurable: true });
  topology.rebalance('count');
  t.equal(isHot(), true);
  t.end();
});

await t.test('queues are kept or dropped at a restart, and accounted for', (t) => {
  for (const queuesOnRestart of ['kept', 'dropped'] as const) {
    const topology = after(60, wordCountSpec({ queuesOnRestart, split: { parallelism: 4 } }));
    const queued = (): number =>
      operatorOf(topology, 'split').instances.reduce((sum, { queuedRecords }) => sum + queuedRecords, 0);
    const before = queued();
    t.ok(before > 900);
    topology.rescale('split', 3);
    const { dropped } = operatorOf(topology, 'split').ledger;
    t.ok(Math.abs(queued() + dropped - before) < 1e-6);
    t.equal(dropped > 0, queuesOnRestart === 'dropped');
  }
  t.end();
});
