// The rule against the numbers of Heron's own tests of its scale-up resolver.
import t from 'tap';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { createNaivePeer } from './naive-peer.js';
import { naiveDiagnosis, naiveScaleDown, naiveScaleUp, type NaiveOperator } from './naive-rule.js';
import { runPeer } from './run-peer.js';

await t.test('numbers of Heron: suspended ms/s of each instance, and how many there are to be', (t) => {
  t.equal(naiveScaleUp(2, 0.5 + 0), 4);
  t.equal(naiveScaleUp(2, 0.75 + 0), 8);
  t.equal(naiveScaleUp(3, 0.4 + 0.1 + 0), 6);
  t.equal(naiveScaleUp(2, 0.99), 10, 'at most four times as many are added');
  t.end();
});

await t.test('a fifth is given up, one at least, and the last one never', (t) => {
  t.same([10, 4, 2, 1].map(naiveScaleDown), [8, 3, 1, 1]);
  t.end();
});

function operatorOf(name: string, inputs: readonly string[], backpressure: number, pendingPackets = 0): NaiveOperator {
  return { name, inputs, isSource: inputs.length === 0, instances: 2, backpressure, pendingPackets };
}

await t.test('the culprit in Flink is the operator below the last victim', (t) => {
  const chain = [operatorOf('s', [], 0.9), operatorOf('a', ['s'], 0.5, 90), operatorOf('b', ['a'], 0, 80)];
  t.match(naiveDiagnosis(chain, 'victim'), { operator: { name: 'b' }, suspendedRatio: 0.5 });
  t.end();
});

await t.test('Heron marks the culprit itself; of several, the one with most pending packets is used', (t) => {
  const chain = [operatorOf('s', [], 0), operatorOf('a', ['s'], 0.5, 90), operatorOf('b', ['a'], 0.2, 80)];
  t.match(naiveDiagnosis(chain, 'culprit'), { operator: { name: 'a' }, suspendedRatio: 0.5 });
  t.end();
});

await t.test('without backpressure all with queues near zero have too many instances, sources never', (t) => {
  const chain = [operatorOf('s', [], 0), operatorOf('a', ['s'], 0.01, 3), operatorOf('b', ['a'], 0, 0.5)];
  t.match(naiveDiagnosis(chain, 'victim'), { kind: 'overprovisioning', operators: [{ name: 'b' }] });
  t.equal(naiveDiagnosis(chain.slice(0, 2), 'victim'), null);
  t.end();
});

await t.test('it ends with enough instances, one operator at a time', (t) => {
  const spec = wordCountSpec({ sourceKind: 'push', split: { parallelism: 1 }, count: { parallelism: 1 } });
  const { actions, processedShare } = runPeer(createNaivePeer('flink'), { spec, hours: 4, maxParallelism: 200 }, 1);
  t.ok(actions >= 3, `${actions} actions`);
  t.ok(processedShare > 0.5);
  t.end();
});
