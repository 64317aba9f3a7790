// What runs are measured by, on runs whose figures are known beforehand.
import t from 'tap';
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import { HERON_PHYSICS } from '../../src/simulator/topology-spec.js';
import { wordCountSpec, type WordCountOptions } from '../../src/simulator/word-count.js';
import { createAccount } from './account.js';
import { STEP_SECONDS, type Peer } from './peer.js';
import { runPeer } from './run-peer.js';

const IDLE: Peer = { decide: () => [] };

function play(options: WordCountOptions, peer = IDLE) {
  return runPeer(peer, { spec: wordCountSpec(options), hours: 1, maxParallelism: 200 }, 1);
}

await t.test('a topology that is large enough costs its need and is never suspended', (t) => {
  const { actions, suspendedShare, cost, processedShare, backlogMinutes } = play({ sourceKind: 'push' });
  t.same([actions, suspendedShare.toFixed(3), cost.toFixed(3)], [0, '0.000', '1.000']);
  t.ok(processedShare > 0.999);
  t.equal(backlogMinutes, 0);
  t.end();
});

await t.test('half the need suspends a source that could read twice as much for three quarters of the time', (t) => {
  const half = { split: { parallelism: 5 }, count: { parallelism: 10 } };
  const { suspendedShare, cost, backlogMinutes } = play(half);
  t.ok(Math.abs(suspendedShare - 0.75) < 0.01, String(suspendedShare));
  t.equal(cost, 0.5);
  t.ok(Math.abs(backlogMinutes - 30) < 0.5, String(backlogMinutes));
  const pushed = play({ ...half, sourceKind: 'push' });
  t.ok(Math.abs(pushed.suspendedShare - 0.5) < 0.01, String(pushed.suspendedShare));
  t.ok(Math.abs(pushed.processedShare - 0.5) < 0.01, String(pushed.processedShare));
  t.end();
});

await t.test('Heron: the time in which the spouts are suspended counts', (t) => {
  const half = { split: { parallelism: 5 }, count: { parallelism: 10 }, physics: HERON_PHYSICS };
  const { suspendedShare } = play({ ...half, sourceKind: 'push' });
  t.ok(Math.abs(suspendedShare - 0.5) < 0.03, String(suspendedShare));
  t.end();
});

await t.test('all of a restart gap counts, however it falls on the steps', (t) => {
  for (const restartGapSeconds of [30, 40, 120]) {
    const spec = wordCountSpec({ sourceKind: 'push', restartGapSeconds });
    const topology = createFluidTopology(spec, 1);
    const account = createAccount(spec);
    for (let seconds = 0; seconds < 3600; seconds += STEP_SECONDS) {
      topology.step(STEP_SECONDS);
      account.observe(topology);
      if (seconds === 600) topology.rescale('split', 11);
    }
    const { suspendedShare, actions, lastActionMinutes } = account.sumUp(topology, [615]);
    t.equal((3600 * suspendedShare).toFixed(0), String(restartGapSeconds));
    t.same([actions, lastActionMinutes], [1, 10.25]);
  }
  t.end();
});

await t.test('a request that was not granted is not repeated', (t) => {
  const peer: Peer = { decide: () => [{ operator: 'count', parallelism: 30 }] };
  t.equal(play({ count: { maxParallelism: 25 } }, peer).actions, 1);
  t.end();
});
