// How the peers use measurements: the looks that they skip, and their memory.
import t from 'tap';
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import type { InstanceRates } from '../../src/simulator/topology-state.js';
import { WORD_COUNT_SOURCE, wordCountSpec } from '../../src/simulator/word-count.js';
import { createDs2Peer } from './ds2-peer.js';
import { evaluateWindow, takeSample } from './flink-autoscaler-window.js';
import { createNaivePeer } from './naive-peer.js';
import type { Look } from './peer.js';
import { runPeer } from './run-peer.js';

/** Word count with half of what it needs, and ten minutes of backlog by then. */
const TOPOLOGY = createFluidTopology(wordCountSpec({ split: { parallelism: 5 }, count: { parallelism: 10 } }), 1);
TOPOLOGY.step(1200);

function ratesOf(recordsInPerSecond: number, busyMsPerSecond: number, backpressuredMsPerSecond = 0): InstanceRates {
  const times = { busyMsPerSecond, backpressuredMsPerSecond, culpritMsPerSecond: 0 };
  return { ...times, idleMsPerSecond: 0, recordsInPerSecond, recordsOutPerSecond: recordsInPerSecond };
}

function lookOf(rates: readonly InstanceRates[], runningForSeconds = 1200): Look {
  return { state: TOPOLOGY.state(), runningForSeconds, means: () => rates, arrived: () => 1000 };
}

await t.test('DS2 passes over an interval in which the topology restarted', (t) => {
  const rates = [ratesOf(100, 1000)];
  t.ok(createDs2Peer(1).decide(lookOf(rates, 300)).length > 0);
  t.same(createDs2Peer(1).decide(lookOf(rates, 285)), []);
  t.end();
});

await t.test("Flink's autoscaler goes by the busiest subtask", (t) => {
  const sample = takeSample(lookOf([ratesOf(100, 1000), ratesOf(100, 200)])).get('split');
  t.match(sample, { load: 1, recordsInPerSecond: 200, observedRate: null });
  t.end();
});

await t.test('and by the rate of a source while it caught up, if its busy time promises far more', (t) => {
  const trueRateOf = (busy: number): number | undefined => {
    const sample = takeSample(lookOf([ratesOf(100, busy, 500)]));
    t.equal(sample.get(WORD_COUNT_SOURCE)?.observedRate, 200, 'it was held up for half of the time');
    return evaluateWindow(TOPOLOGY.state(), [sample, sample], 1800).get(WORD_COUNT_SOURCE)?.trueProcessingRate;
  };
  t.equal(trueRateOf(100), 200, 'not 1000');
  t.equal(trueRateOf(460), 100 / 0.46, 'that is within 15 %');
  t.end();
});

await t.test('the naive policy does not repeat a scale-down that was reverted', (t) => {
  // Queues that show nothing before they grow: each operator is shrunk until that does harm.
  const spec = wordCountSpec({ sourceKind: 'push', randomArrivals: false, offered: 900 });
  const play = (hours: number): number =>
    runPeer(createNaivePeer('flink'), { spec, hours, maxParallelism: 200 }, 1).actions;
  const early = play(3);
  t.ok(early >= 4, `${early} actions`);
  t.equal(play(6), early);
  t.end();
});
