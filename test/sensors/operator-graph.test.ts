import t from 'tap';
import { engineGraphOf } from '../../src/webhooks/flink/flink-graphs.js';
import type { EngineGraph } from '../../src/model/engine-graph.js';
import type { OperatorRole } from '../../src/model/measurement.js';
import { withGraph, type LabelledSpec } from '../../src/sensors/operator-graph.js';

const UNKNOWN = { status: null, parallelism: null, maxParallelism: null, keyGroups: null };

function graphOf(inputs: readonly (readonly [string, readonly string[]])[]): EngineGraph {
  return engineGraphOf(new Map(inputs.map(([vertex, feeding]) => [vertex, { inputs: feeding, ...UNKNOWN }])));
}

/** a → b → d, a → c → d → e */
const GRAPH = graphOf([
  ['Source:_a', []],
  ['b', ['Source:_a']],
  ['c', ['Source:_a']],
  ['d_1', ['b', 'c']],
  ['e', ['d_1']],
]);

function operator(
  name: string,
  label: string | undefined,
  more: { role?: OperatorRole; inputs?: readonly string[] } = {},
): LabelledSpec {
  const { role = 'inner', inputs = null } = more;
  return { spec: { name, role, inputs, minParallelism: 1, maxParallelism: null }, label };
}

function edgesOf(operators: readonly LabelledSpec[]): Record<string, readonly string[] | null> {
  return Object.fromEntries(operators.map(({ spec }) => [spec.name, spec.inputs]));
}

await t.test('operators get the inputs of their vertices, by the names they have here', (t) => {
  const operators = [
    operator('in', 'Source:_a'),
    operator('left', 'b'),
    operator('right', 'c'),
    operator('join', 'd-1'),
    operator('out', 'e'),
  ];
  const known = withGraph(operators, GRAPH);
  t.strictSame(edgesOf(known), { in: [], left: ['in'], right: ['in'], join: ['left', 'right'], out: ['join'] });
  t.strictSame(
    known.map(({ spec }) => spec.role),
    ['source', 'inner', 'inner', 'inner', 'inner'],
    'what nothing feeds is a source',
  );
  t.end();
});

await t.test('a vertex that is not among the operators is passed through', (t) => {
  const operators = [operator('in', 'Source:_a'), operator('join', 'd_1'), operator('out', 'e')];
  t.strictSame(edgesOf(withGraph(operators, GRAPH)), { in: [], join: ['in'], out: ['join'] });
  t.strictSame(edgesOf(withGraph([operator('out', 'e')], GRAPH)), { out: [] });
  t.equal(withGraph([operator('out', 'e')], GRAPH)[0]?.spec.role, 'inner', 'which does not make it a source');
  t.end();
});

await t.test('a source by its listing has no inputs', (t) => {
  const operators = [operator('in', 'Source:_a'), operator('d', 'd_1', { role: 'source' })];
  t.strictSame(edgesOf(withGraph(operators, GRAPH)), { in: [], d: [] });
  t.end();
});

await t.test('the graph is left unknown, or as it was listed, where it does not tell of all', (t) => {
  const whole = [operator('in', 'Source:_a'), operator('left', 'b')];
  const tables = {
    'no graph is known': [whole, null],
    'an operator is not in it': [[...whole, operator('new', 'new')], GRAPH],
    'an operator was never seen': [[...whole, operator('unseen', undefined)], GRAPH],
    'two operators are one vertex': [[...whole, operator('again', 'b')], GRAPH],
    'inputs are listed': [[operator('in', 'Source:_a', { inputs: [] }), operator('x', 'b', { inputs: ['in'] })], GRAPH],
  } as const;
  for (const [title, [operators, graph]] of Object.entries(tables))
    t.equal(withGraph(operators, graph), operators, title);
  t.end();
});

await t.test('a loop in the graph ends', (t) => {
  const loop = graphOf([
    ['in', []],
    ['head', ['in', 'tail']],
    ['tail', ['head']],
    ['out', ['tail']],
  ]);
  const operators = [operator('in', 'in'), operator('head', 'head'), operator('out', 'out')];
  t.strictSame(edgesOf(withGraph(operators, loop)), { in: [], head: ['in'], out: ['head'] });
  t.end();
});

await t.test('what the engine says of a vertex is told with its graph', (t) => {
  const graph = engineGraphOf(
    new Map([
      ['in', { inputs: [], status: 'FINISHED', parallelism: 2, maxParallelism: 128, keyGroups: null }],
      ['out', { inputs: ['in'], status: 'RUNNING', parallelism: 3, maxParallelism: 64, keyGroups: 64 }],
      ['gone', { inputs: [], ...UNKNOWN }],
    ]),
  );
  t.strictSame(
    ['in', 'out', 'gone', 'other'].map((label) => graph.vertexOf(label)),
    [
      { name: 'in', inputs: [], finished: true, parallelism: 2, maxParallelism: 128, keyGroups: null },
      { name: 'out', inputs: ['in'], finished: false, parallelism: 3, maxParallelism: 64, keyGroups: 64 },
      { name: 'gone', inputs: [], finished: false, parallelism: null, maxParallelism: null, keyGroups: null },
      null,
    ],
  );
  t.end();
});
