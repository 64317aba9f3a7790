// The model against the numbers of its own repository, and of its paper's word count.
import t from 'tap';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { createDs2Peer } from './ds2-peer.js';
import { ds2Parallelism, isConsidered, type Ds2Operator } from './ds2-rule.js';
import { runPeer } from './run-peer.js';

type Rates = readonly [processing: number, output: number];

function chainOf(emits: number, op1: Rates, op2: Rates): readonly Ds2Operator[] {
  const inner = (name: string, input: string, [processing, output]: Rates): Ds2Operator => {
    return { name, inputs: [input], instances: 1, trueProcessingRate: processing, trueOutputRate: output };
  };
  return [sourceOf('source', emits), inner('op1', 'source', op1), inner('op2', 'op1', op2)];
}

function sourceOf(name: string, emits: number): Ds2Operator {
  return { name, inputs: [], instances: 1, trueProcessingRate: emits, trueOutputRate: emits, arriving: emits };
}

await t.test("numbers of DS2's scaling_policy_test.rs, one source", (t) => {
  const wanted = (emits: number, op1: Rates, op2: Rates): readonly (number | undefined)[] => {
    const of = ds2Parallelism(chainOf(emits, op1, op2), 0);
    return ['op1', 'op2'].map((name) => of.get(name));
  };
  t.same(wanted(100, [50, 400], [100, 200]), [2, 8]);
  t.same(wanted(200, [40, 700], [99, 200]), [5, 36]);
  t.same(wanted(200, [10, 700], [201, 200]), [20, 70]);
  t.end();
});

await t.test("numbers of DS2's scaling_policy_test.rs, two sources", (t) => {
  const wanted = (emits: number, [processing, output]: Rates, op2: number): readonly (number | undefined)[] => {
    const op1 = { instances: 1, trueProcessingRate: processing, trueOutputRate: output };
    const operators = [
      ...[sourceOf('s1', emits), sourceOf('s2', emits)],
      { name: 'op1', inputs: ['s1', 's2'], ...op1 },
      { name: 'op2', inputs: ['op1'], instances: 1, trueProcessingRate: op2, trueOutputRate: 200 },
    ];
    const of = ds2Parallelism(operators, 0);
    return ['op1', 'op2'].map((name) => of.get(name));
  };
  t.same(wanted(100, [50, 400], 100), [4, 16]);
  t.same(wanted(200, [40, 700], 99), [10, 71]);
  t.same(wanted(200, [10, 700], 201), [40, 140]);
  t.end();
});

await t.test('an operator without a rate is unchanged, and so are those downstream of it', (t) => {
  t.same([...ds2Parallelism(chainOf(100, [NaN, NaN], [100, 200]), 0).keys()], ['source']);
  t.end();
});

await t.test('a fourth more than the optimum is a utilisation of 0.8', (t) => {
  t.equal(ds2Parallelism(chainOf(100, [10, 100], [10, 10]), 0.25).get('op1'), 13);
  t.end();
});

await t.test('a decrease by one instance does not justify a change', (t) => {
  const before = new Map([['a', 10]]);
  t.notOk(isConsidered(before, new Map([['a', 10]])));
  t.notOk(isConsidered(before, new Map([['a', 9]])));
  t.ok(isConsidered(before, new Map([['a', 8]])));
  t.ok(isConsidered(before, new Map([['a', 11]])));
  t.end();
});

await t.test("the paper's word count, from 1/1 to 10/20 in one step", (t) => {
  const spec = wordCountSpec({ split: { parallelism: 1 }, count: { parallelism: 1 } });
  const asked: unknown[] = [];
  const peer = createDs2Peer(1);
  const watched = {
    decide: (look: Parameters<typeof peer.decide>[0]) => {
      const changes = peer.decide(look);
      if (changes.length > 0) asked.push(changes.map(({ operator, parallelism }) => [operator, parallelism]));
      return changes;
    },
  };
  const { actions } = runPeer(watched, { spec, hours: 1, maxParallelism: 200 }, 1);
  t.equal(actions, 1);
  t.same(asked, [
    [
      ['Source:_sentences', 1],
      ['split', 10],
      ['count', 20],
    ],
  ]);
  t.end();
});
