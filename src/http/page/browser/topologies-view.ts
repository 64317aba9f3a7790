// The topologies: a line each, most urgent first; a line opens to all details.
import type { Action, Pause, Topology } from './api-types.js';
import { renderDoing } from './doing-view.js';
import { renderGraph } from './graph-view.js';
import { renderHistory, type ShownHistory } from './history-view.js';
import type { GraphLayout } from './layout-graph.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { idFor, renderMark, renderName, renderSection, renderTime, renderValue } from './pieces.js';
import { formatNumber, quoteName } from './quantities.js';
import { renderOperators, renderTruth } from './operators-view.js';
import {
  concernsOf,
  selectTopologies,
  stalledOf,
  standingOfOperator,
  standingOfTopology,
  type Selection,
  type TopologyStanding,
} from './standing.js';
import { DIAGNOSIS_WORDS, MODE_WORDS, NO_WEBHOOK_WORDS, RESOLVER_WORDS } from './words.js';

export interface TopologiesInput {
  readonly topologies: readonly Topology[];
  readonly pauses: readonly Pause[];
  /** The newest actions, to show the results of decisions. */
  readonly actions?: readonly Action[];
  readonly selection: Selection;
  readonly isOpen: (topology: string) => boolean;
  /** null: unknown graph. */
  readonly layoutOf: (topology: Topology) => GraphLayout | null;
  /** Its history so far; null: no answer yet. */
  readonly historyOf?: (topology: string) => ShownHistory | null;
  readonly nowMs: number;
}

export const TOPOLOGY_MARKS: Readonly<Record<TopologyStanding, readonly [glyph: string, word: string]>> = {
  trouble: ['▲', 'held up'],
  unknown: ['?', 'not known'],
  acting: ['↻', 'settling'],
  unseen: ['…', 'not seen yet'],
  catching_up: ['↘', 'catching up'],
  spare: ['▽', 'too many'],
  unjudged: ['◌', 'not judged yet'],
  well: ['●', 'well'],
};

export function renderTopologies(input: TopologiesInput): ElementNode {
  const { topologies, selection } = input;
  const shown = selectTopologies(topologies, selection);
  const count =
    shown.length === topologies.length ? String(topologies.length) : `${shown.length} of ${topologies.length}`;
  return renderSection(
    'topologies',
    'Topologies',
    topologies.length === 0 ? null : count,
    topologies.length === 0
      ? renderEmpty()
      : [renderFilter(), shown.length === 0 && element('p', { class: 'note' }, 'None matches the filter.')],
    element(
      'div',
      { id: 'topology-list' },
      shown.map((topology) => renderTopology(topology, input)),
    ),
  );
}

function renderEmpty(): ElementNode {
  return element(
    'div',
    { class: 'note', key: 'empty' },
    element('p', {}, element('strong', {}, 'No topology has been seen yet.')),
    element(
      'ul',
      {},
      element(
        'li',
        {},
        'The first evaluation runs at the start, the next after ',
        element('code', {}, 'evaluation_interval'),
        '.',
      ),
      element(
        'li',
        {},
        'Are its series in Prometheus? On Prometheus’ own page, query ',
        element('code', {}, 'flink_taskmanager_job_task_busyTimeMsPerSecond'),
        ' or ',
        element('code', {}, '{topology!=""}'),
        '.',
      ),
      element(
        'li',
        {},
        'Does the configuration match it? ',
        element('code', {}, "topologies: [{discover: '.*', engine: flink}]"),
        ' matches every Flink job.',
      ),
      element(
        'li',
        {},
        element('code', {}, 'dhalion check config dhalion.yml --online'),
        ' runs each query once and reports the results.',
      ),
    ),
  );
}

function renderFilter(): ElementNode {
  return element(
    'form',
    { class: 'filter', role: 'search', 'aria-label': 'Topologies', key: 'filter' },
    element('label', { for: 'filter-text' }, 'Find'),
    element('input', {
      id: 'filter-text',
      type: 'search',
      placeholder: 'topology or operator',
      autocomplete: 'off',
      spellcheck: 'false',
    }),
    element('label', {}, element('input', { id: 'filter-problems', type: 'checkbox' }), ' only problems'),
  );
}

function renderTopology(
  topology: Topology,
  { pauses, actions = [], isOpen, layoutOf, historyOf = () => null, nowMs }: TopologiesInput,
): ElementNode {
  const { topology: name } = topology;
  const standing = standingOfTopology(topology);
  const isOpened = isOpen(name);
  return element(
    'article',
    {
      key: name,
      class: `topology ${standing}`,
      'data-topology': name,
      'data-standing': standing,
      'aria-labelledby': idFor('topology', name),
    },
    element(
      'details',
      { open: isOpened, 'data-details-of': name },
      element(
        'summary',
        {},
        renderMark(standing, ...TOPOLOGY_MARKS[standing]),
        element('h3', { id: idFor('topology', name) }, renderName(name)),
        element('span', { class: 'in-short' }, renderInShort(topology, pauses)),
        element(
          'span',
          { class: 'quiet mode', 'data-field': 'mode', 'data-value': topology.mode, title: MODE_WORDS[topology.mode] },
          describeMode(topology),
        ),
      ),
      isOpened &&
        renderDetails(topology, { pauses, actions, layout: layoutOf(topology), history: historyOf(name), nowMs }),
    ),
  );
}

/** The short text in a line: the culprits and the recommended change, or why there is none. */
export function renderInShort(topology: Topology, pauses: readonly Pause[]): Child {
  const isPaused = pauses.some((pause) => pause.topology === null || pause.topology === topology.topology);
  const concerns = concernsOf(topology).slice(0, 2);
  const stalled = stalledOf(topology).slice(0, 2);
  const unknown = topology.operators.filter((operator) => standingOfOperator(operator) === 'unknown').length;
  return [
    isPaused && element('span', { class: 'tag' }, '‖ paused'),
    topology.open_action !== null &&
      element('span', { class: 'tag' }, `↻ ${RESOLVER_WORDS[topology.open_action.resolver]}`),
    concerns.map(({ operator, diagnosis, decision }, index) => [
      index > 0 && '; ',
      renderName(operator.operator),
      `: ${DIAGNOSIS_WORDS[diagnosis]}`,
      decision?.decision === 'hold' && [', held: ', decision.reason ?? ''],
    ]),
    concerns.length === 0 &&
      stalled.map(({ operator }, index) => [index > 0 && ', ', renderName(operator), ' processes nothing']),
    concerns.length === 0 &&
      stalled.length === 0 &&
      unknown > 0 &&
      `${unknown} of ${topology.operators.length} operators not known`,
    concerns.length === 0 && stalled.length === 0 && unknown === 0 && describeOperators(topology),
  ];
}

/** Its mode in words. */
export function describeMode({ mode, resolvers }: Topology): string {
  return resolvers.length === 0 ? NO_WEBHOOK_WORDS : mode;
}

function describeOperators({ evaluated_at: evaluatedAt, operators }: Topology): string {
  if (evaluatedAt === null) return 'no series in Prometheus yet';
  return operators.length === 1 ? '1 operator' : `${operators.length} operators`;
}

interface DetailsInput {
  readonly pauses: readonly Pause[];
  readonly actions: readonly Action[];
  readonly layout: GraphLayout | null;
  readonly history: ShownHistory | null;
  readonly nowMs: number;
}

function renderDetails(topology: Topology, { pauses, actions, layout, history, nowMs }: DetailsInput): ElementNode {
  const { topology: name } = topology;
  return element(
    'div',
    { class: 'details' },
    element(
      'p',
      { class: 'facts' },
      renderFacts(topology, nowMs),
      element(
        'button',
        {
          type: 'button',
          class: 'order',
          'data-order': 'prepare-pause',
          'data-id': name,
          'aria-label': `Pause ${quoteName(name)}…`,
        },
        'Pause…',
      ),
    ),
    layout === null
      ? topology.operators.length > 0 && renderNoGraph(topology)
      : layout.operators.length > 0 && renderGraph(topology, layout),
    renderDoing(topology, { pauses, actions, nowMs }),
    topology.operators.length > 0 && renderHistory(topology, { shown: history, actions }),
    topology.operators.length > 0 && renderOperators(topology),
  );
}

/** Data about the topology as a whole, one node each. */
export function renderFacts(
  { evaluated_at: evaluatedAt, engine, backpressure, draining, demand, offered_rate: offered }: Topology,
  nowMs: number,
): ElementNode[] {
  return [
    element(
      'span',
      { 'data-field': 'evaluated_at', 'data-value': evaluatedAt ?? 'null' },
      'evaluated ',
      evaluatedAt === null ? 'never' : renderTime(evaluatedAt, nowMs),
    ),
    element('span', { 'data-field': 'engine', 'data-value': engine }, 'engine ', renderName(engine)),
    element('span', {}, 'backpressure ', renderTruth(backpressure, 'topology.backpressure')),
    element('span', {}, 'works off a backlog ', renderTruth(draining, 'topology.draining')),
    element(
      'span',
      { title: 'Offered over served load' },
      'demand ',
      typeof demand === 'number'
        ? renderValue(demand, `${formatNumber(demand)} ×`, 'demand')
        : element('span', { 'data-field': 'demand', 'data-value': demand ?? 'null' }, demand ?? 'not known'),
    ),
    ...(offered === null
      ? []
      : [element('span', {}, 'offered ', renderValue(offered, `${formatNumber(offered)}/s`, 'offered_rate'))]),
  ];
}

/** The API has no reason for unknown inputs: neither the configuration nor a JobManager has them. */
function renderNoGraph({ operators }: Topology): ElementNode {
  const unfed = operators.filter(({ inputs }) => inputs === null);
  if (unfed.length === 0) return element('p', { class: 'remark' }, 'The graph of this topology could not be laid out.');
  const [first] = unfed;
  return element(
    'p',
    { class: 'remark' },
    'The graph of this topology is unknown: neither the configuration nor a JobManager has the inputs of ',
    unfed.length === 1 && first !== undefined ? renderName(first.operator) : `${unfed.length} of its operators`,
    '. To see the graph, and to find culprits where the stream branches, list the inputs, or look in the log for why the JobManager has none.',
  );
}
