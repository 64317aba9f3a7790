import * as dagre from '@dagrejs/dagre';
import t from 'tap';
import { renderTopology } from '../../../../src/http/json-views.js';
import type { Operator } from '../../../../src/http/page/browser/api-types.js';
import { describeGraph } from '../../../../src/http/page/browser/graph-view.js';
import { BOX, layoutGraph, type Dagre } from '../../../../src/http/page/browser/layout-graph.js';
import { sampleFleet } from '../../../support/page-samples.js';

// The package's own types do not resolve here.
const layouter = dagre as unknown as Dagre;
const fleet = sampleFleet(Date.now()).topologies.map(renderTopology);
const operatorsOf = (name: string): readonly Operator[] =>
  fleet.find(({ topology }) => topology === name)?.operators ?? [];

await t.test('every operator has its place, after what feeds it', (t) => {
  const operators = operatorsOf('clickstream');
  for (const [direction, axis] of [
    ['LR', 'x'],
    ['TB', 'y'],
  ] as const) {
    const layout = layoutGraph(operators, direction, layouter);
    if (layout === null) throw new Error('the graph is known');
    const placeOf = new Map(layout.operators.map((placed) => [placed.operator.operator, placed]));
    t.equal(placeOf.size, 6);
    t.equal(layout.inputs.length, 6);
    for (const { from, to, points } of layout.inputs) {
      t.ok((placeOf.get(from)?.[axis] ?? 0) < (placeOf.get(to)?.[axis] ?? 0), `${from} → ${to}`);
      t.ok(points.length >= 2);
    }
    for (const { x, y } of layout.operators) {
      t.ok(x >= 0 && y >= 0 && x + BOX.width <= layout.width && y + BOX.height <= layout.height);
    }
  }
  t.end();
});

await t.test('without inputs there is no graph, and a name may be any text', (t) => {
  t.equal(layoutGraph(operatorsOf('fraud'), 'LR', layouter), null);
  t.strictSame(layoutGraph([], 'LR', layouter)?.operators, []);
  const [template] = operatorsOf('checkout');
  if (template === undefined) throw new Error('it has operators');
  const named = (operator: string, inputs: string[]): Operator => ({ ...template, operator, inputs });
  const odd = [
    named('__proto__', []),
    named('\u0000', ['__proto__', 'not seen']),
    named('constructor', ['constructor', '\u0000']),
  ];
  const layout = layoutGraph(odd, 'LR', layouter);
  t.strictSame(
    layout?.inputs.map(({ from, to }) => [from, to]),
    [
      ['__proto__', '\u0000'],
      ['constructor', 'constructor'],
      ['\u0000', 'constructor'],
    ],
  );
  t.end();
});

await t.test('a graph that cannot be laid out is none', (t) => {
  const layout = () => {
    throw new Error('a fault of the package');
  };
  t.equal(layoutGraph(operatorsOf('clickstream'), 'LR', { ...layouter, layout }), null);
  t.end();
});

await t.test('the graph has a text alternative', (t) => {
  const words = describeGraph(operatorsOf('wordcount')).replace(/[\u2068\u2069]/g, '');
  t.equal(words, 'split is fed by source. count is fed by split. source: held up by split. split: culprit.');
  t.end();
});
