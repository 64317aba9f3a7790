// The rule against the numbers of the Kubernetes documentation and of replica_calculator_test.go.
import t from 'tap';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { createHpaPeer } from './hpa-peer.js';
import { desiredReplicas, limitGrowth } from './hpa-rule.js';
import { runPeer } from './run-peer.js';

await t.test('numbers of "Algorithm details" in the documentation', (t) => {
  t.equal(desiredReplicas(4, 200, 100, 0.1), 8, '200m for a desired 100m doubles');
  t.equal(desiredReplicas(4, 50, 100, 0.1), 2, '50m halves');
  t.equal(desiredReplicas(50, 90, 75, 0.1), 60, 'the example of the configurable tolerance');
  t.end();
});

await t.test('numbers of replica_calculator_test.go', (t) => {
  t.equal(desiredReplicas(3, 50, 30, 0.1), 5, 'TestReplicaCalcScaleUp');
  t.equal(desiredReplicas(2, 60, 30, 0.1), 4, 'TestReplicaCalcScaleUpIgnoresFailedPods');
  t.equal(desiredReplicas(3, 20_000, 15_000, 0.1), 4, 'TestReplicaCalcScaleUpCM');
  t.equal(desiredReplicas(5, 28, 50, 0.1), 3, 'TestReplicaCalcScaleDown');
  t.end();
});

await t.test('a ratio within the tolerance changes nothing', (t) => {
  t.equal(desiredReplicas(10, 0.88, 0.8, 0.1), 10);
  t.equal(desiredReplicas(10, 0.89, 0.8, 0.1), 12);
  t.equal(desiredReplicas(10, 0.72, 0.8, 0.1), 10);
  t.end();
});

await t.test('in 15 s it doubles or adds 4', (t) => {
  t.equal(limitGrowth(1, 9), 5);
  t.equal(limitGrowth(10, 100), 20);
  t.equal(limitGrowth(10, 12), 12);
  t.end();
});

await t.test('it gives nothing back before it has recommended that for five minutes', (t) => {
  const spec = wordCountSpec({ split: { parallelism: 20 }, count: { parallelism: 40 } });
  t.equal(runPeer(createHpaPeer(), { spec, hours: 4.5 / 60, maxParallelism: 200 }, 1).actions, 0);
  t.ok(runPeer(createHpaPeer(), { spec, hours: 6 / 60, maxParallelism: 200 }, 1).actions > 0);
  t.end();
});
