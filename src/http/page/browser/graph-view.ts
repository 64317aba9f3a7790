// A topology's graph: operators are boxes, inputs are lines, the culprit is marked. The table of operators has the same data.
import type { Operator, Topology } from './api-types.js';
import { describeAction } from './action-pieces.js';
import { BOX, type GraphLayout, type PlacedInput, type PlacedOperator } from './layout-graph.js';
import { element, type ElementNode } from './page-node.js';
import { idFor } from './pieces.js';
import { formatShare, quoteName, shorten } from './quantities.js';
import { isCatchingUp, standingOfOperator, type OperatorStanding } from './standing.js';

const PADDING = 10;

export const OPERATOR_MARKS: Readonly<Record<OperatorStanding, readonly [glyph: string, word: string]>> = {
  stalled: ['■', 'stalled'],
  culprit: ['▲', 'culprit'],
  behind: ['▲', 'falls behind'],
  unknown: ['?', 'not known'],
  held_up: ['◁', 'held up'],
  catching_up: ['↘', 'works off the backlog'],
  spare: ['▽', 'too many'],
  unjudged: ['◌', 'not judged yet'],
  well: ['●', 'well'],
};

/** Operators of the topology's open action are marked. */
export function renderGraph(shown: Topology, layout: GraphLayout): ElementNode {
  const { topology, open_action: open } = shown;
  const id = idFor('graph', topology);
  const isWorkingOff = isCatchingUp(shown);
  const { width, height } = layout;
  return element(
    'div',
    { class: 'scroller graph', role: 'region', 'aria-label': `Graph of ${quoteName(topology)}`, tabindex: 0 },
    element(
      'svg',
      {
        role: 'img',
        'aria-labelledby': `${id}-title ${id}-words`,
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
      },
      element('title', { id: `${id}-title` }, `Graph of ${quoteName(topology)}`),
      element(
        'desc',
        { id: `${id}-words` },
        describeGraph(
          layout.operators.map(({ operator }) => operator),
          open,
          isWorkingOff,
        ),
      ),
      element(
        'defs',
        {},
        element(
          'marker',
          { id: `${id}-arrow`, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
          element('path', { class: 'arrow', d: 'M0 0 8 4 0 8z' }),
        ),
      ),
      layout.inputs.map((input) => renderInput(input, `url(#${id}-arrow)`)),
      layout.operators.map((placed) => renderOperator(placed, open, isWorkingOff)),
    ),
  );
}

/** For people who cannot see it: the inputs of each operator, and who holds it up. */
export function describeGraph(
  operators: readonly Operator[],
  open: Topology['open_action'] = null,
  isWorkingOff = false,
): string {
  const feeds = operators.flatMap(({ operator, inputs }) =>
    inputs === null || inputs.length === 0
      ? []
      : [`${quoteName(operator)} is fed by ${inputs.map(quoteName).join(', ')}`],
  );
  const marked = operators.flatMap((operator) => {
    const standing = standingOfOperator(operator, isWorkingOff);
    if (standing === 'well') return [];
    const by = operator.held_up_by.map(quoteName).join(', ');
    const isHeldUp = standing === 'held_up' ? ` by ${by}` : by === '' ? '' : `, held up by ${by}`;
    return [`${quoteName(operator.operator)}: ${OPERATOR_MARKS[standing][1]}${isHeldUp}`];
  });
  const asked = open === null ? [] : [`Open: ${describeAction(open)}`];
  return [...feeds, ...marked, ...asked].map((sentence) => `${sentence}.`).join(' ');
}

function renderInput({ from, to, points }: PlacedInput, arrow: string): ElementNode {
  const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ');
  return element('path', {
    key: `${from} → ${to}`,
    class: 'input',
    d: path,
    'marker-end': arrow,
    'data-from': from,
    'data-to': to,
  });
}

function renderOperator(
  { operator, x, y }: PlacedOperator,
  open: Topology['open_action'],
  isWorkingOff: boolean,
): ElementNode {
  const isAsked = open?.operators.some((asked) => asked.operator === operator.operator) ?? false;
  const standing = standingOfOperator(operator, isWorkingOff);
  const [glyph, word] = OPERATOR_MARKS[standing];
  const by = operator.held_up_by.join(', ');
  const text = (row: number, kind: string, words: string): ElementNode =>
    element('text', { class: kind, x: PADDING, y: 20 + row * 17 }, words);
  return element(
    'g',
    {
      key: operator.operator,
      class: isAsked ? `operator ${standing} asked` : `operator ${standing}`,
      transform: `translate(${x} ${y})`,
      'data-operator': operator.operator,
      'data-standing': standing,
      'data-asked': isAsked ? open?.id : null,
    },
    element('title', {}, operator.operator),
    element('rect', { width: BOX.width, height: BOX.height, rx: 6 }),
    text(0, 'title', shorten(operator.operator, 22)),
    text(1, 'standing', shorten(standing === 'held_up' ? `${glyph} ${word} by ${by}` : `${glyph} ${word}`, 26)),
    text(2, 'detail', isAsked ? `↻ ${describeOperator(operator)}` : describeOperator(operator)),
  );
}

function describeOperator({
  parallelism,
  recommended_parallelism: recommended,
  suspended_ratio: suspended,
}: Operator): string {
  const scale =
    recommended === null || recommended === parallelism
      ? `× ${parallelism ?? '?'}`
      : `× ${parallelism ?? '?'} → ${recommended}`;
  return suspended === null || suspended === 0 ? scale : `${scale} · suspends ${formatShare(suspended)}`;
}
