// The status page: renders answers and a person's input; turns clicks and forms into orders.
import { addPause, askHistory } from './api-client.js';
import type { Answers, Topology } from './api-types.js';
import { confirmOrder } from './confirm-order.js';
import { Graph, layout } from './dagre.js';
import { Histories } from './histories.js';
import { layoutGraph, type GraphLayout } from './layout-graph.js';
import { LiveUpdates } from './live-updates.js';
import { renderActions, renderBlacklist, renderStrays } from './log-views.js';
import { ORDERS } from './orders.js';
import { element } from './page-node.js';
import { patchPage } from './patch-page.js';
import { choiceOf, chosenTopology, renderPauses } from './pauses-view.js';
import { renderAttention, renderFreshness, type Freshness } from './service-view.js';
import { selectTopologies, standingOfTopology } from './standing.js';
import { isRange } from './history-view.js';
import { renderTopologies } from './topologies-view.js';

/** A few topologies are shown open; of many, only those in trouble. */
const OPENED_AT_FIRST = 3;
const NOTICE_MS = 20_000;

const page = document.getElementById('page') ?? document.body;
const live = document.createElement('div');
live.className = 'live';
document.getElementById('top')?.append(live);
const narrow = window.matchMedia('(max-width: 46rem)');

let answers: Answers | null = null;
/** On a monotonic clock. */
let answeredMs = 0;
let fault: string | null = null;
let freshness: Freshness = 'connecting';
let notice = '';
let forgetting = 0;
let pauseFault: string | null = null;
let shownOrder: readonly string[] = [];
let filter = { text: new URLSearchParams(location.search).get('topology') ?? '', isProblemsOnly: false };
const opened = new Set<string>();
const layouts = new Map<string, { readonly graph: string; readonly layout: GraphLayout | null }>();

const histories = new Histories({ ask: askHistory, onChange: show, nowMs: () => performance.now() });

const updates = new LiveUpdates({
  onAnswers: (newAnswers) => {
    const isFirst = answers === null;
    answers = newAnswers;
    answeredMs = performance.now();
    fault = null;
    if (isFirst) openAtFirst(newAnswers.topologies);
    show();
    if (isFirst) adoptFilter();
  },
  onFault: (words) => {
    fault = words;
    show();
  },
  onFreshness: (newFreshness) => {
    freshness = newFreshness;
    show();
  },
});

function show(): void {
  const nowMs = answers === null ? Date.now() : answers.atMs + (performance.now() - answeredMs);
  patchPage(live, renderFreshness(freshness, answers === null ? null : answers.atMs, nowMs));
  const attention = renderAttention({ fault, readiness: answers?.readiness ?? null, notice });
  if (answers === null) {
    patchPage(page, [
      attention,
      element('p', { class: 'note', key: 'wait' }, fault === null ? 'Loading…' : 'No answer yet.'),
    ]);
    return;
  }
  const { topologies, actions, blacklist, pauses, decisions } = answers;
  // Something under the pointer or with the keyboard's focus must not move away.
  const isRead = document.querySelector('#topology-list:is(:hover, :focus-within)') !== null;
  const selection = { ...filter, keptOrder: isRead ? shownOrder : null };
  shownOrder = selectTopologies(topologies, selection).map(({ topology }) => topology);
  const strays = renderStrays(decisions, topologies, nowMs);
  const focused = document.activeElement;
  const heading = focused?.closest('section')?.querySelector('h2');
  patchPage(page, [
    attention,
    renderTopologies({
      topologies,
      pauses,
      actions,
      selection,
      isOpen: (name) => opened.has(name),
      layoutOf,
      historyOf: (name) => histories.of(name),
      nowMs,
    }),
    ...(strays === null ? [] : [strays]),
    element(
      'div',
      { class: 'beside', key: 'beside' },
      renderPauses({ pauses, topologies, choice: pauseField()?.value ?? '', fault: pauseFault, nowMs }),
      renderBlacklist(blacklist, nowMs),
    ),
    renderActions(actions, nowMs, filter.text),
  ]);
  histories.follow(shownOrder.filter((name) => opened.has(name)));
  // The focused element is gone with its object: focus the heading of its section.
  if (focused?.isConnected === false) heading?.focus({ preventScroll: true });
}

function openAtFirst(topologies: readonly Topology[]): void {
  const inTrouble = topologies.filter((topology) => standingOfTopology(topology) === 'trouble');
  for (const { topology } of (topologies.length <= OPENED_AT_FIRST ? topologies : inTrouble).slice(0, OPENED_AT_FIRST))
    opened.add(topology);
}

/** From here on the field belongs to the person. */
function adoptFilter(): void {
  const field = document.getElementById('filter-text');
  if (field instanceof HTMLInputElement) field.value = filter.text;
}

/** Laid out again only if the graph changes. */
function layoutOf({ topology, operators }: Topology): GraphLayout | null {
  const direction = narrow.matches ? 'TB' : 'LR';
  const graph = JSON.stringify([direction, operators.map(({ operator, inputs }) => [operator, inputs])]);
  const known = layouts.get(topology);
  const made = known?.graph === graph ? known.layout : layoutGraph(operators, direction, { Graph, layout });
  layouts.set(topology, { graph, layout: made });
  if (made === null) return null;
  return {
    ...made,
    operators: made.operators.map((placed, index) => ({ ...placed, operator: operators[index] ?? placed.operator })),
  };
}

/** Shows the result of an order; it may disappear, since the page shows the effect. */
function announce(words: string): void {
  notice = words;
  window.clearTimeout(forgetting);
  forgetting = window.setTimeout(() => {
    notice = '';
    show();
  }, NOTICE_MS);
}

async function giveOrder(name: string, id: string): Promise<void> {
  const order = ORDERS[name];
  if (order === undefined || !(await confirmOrder(order.question))) return;
  try {
    await order.give(id);
    // A previous refusal is not the newest result any more.
    pauseFault = null;
    announce(order.done);
  } catch (error) {
    announce(`Refused: ${wordsOf(error)}`);
  }
  updates.refresh();
  show();
}

function pauseField(): HTMLSelectElement | null {
  const field = document.getElementById('pause-topology');
  return field instanceof HTMLSelectElement ? field : null;
}

function preparePause(topology: string): void {
  const field = pauseField();
  if (field !== null) field.value = choiceOf(topology);
  document.getElementById('pause-reason')?.focus();
}

async function pause(form: HTMLFormElement): Promise<void> {
  const given = new FormData(form);
  const textOf = (name: string): string => {
    const value = given.get(name);
    return typeof value === 'string' ? value : '';
  };
  try {
    await addPause({
      topology: chosenTopology(textOf('topology')),
      resolver: textOf('resolver'),
      duration: textOf('duration'),
      reason: textOf('reason'),
    });
    pauseFault = null;
    announce('The pause is in force.');
    form.reset();
  } catch (error) {
    pauseFault = wordsOf(error);
  }
  updates.refresh();
  show();
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

page.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-order]') : null;
  if (button === null) return;
  const { order = '', id = '' } = button.dataset;
  if (order === 'prepare-pause') preparePause(id);
  else void giveOrder(order, id);
});
page.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button[data-range]') : null;
  const range = button?.dataset['range'];
  if (!isRange(range)) return;
  histories.choose(range);
  show();
});
page.addEventListener('submit', (event) => {
  event.preventDefault();
  if (event.target instanceof HTMLFormElement && event.target.id === 'pause-form') void pause(event.target);
});
page.addEventListener('input', (event) => {
  if (!(event.target instanceof HTMLInputElement) || event.target.closest('.filter') === null) return;
  const { type, value, checked } = event.target;
  filter = type === 'checkbox' ? { ...filter, isProblemsOnly: checked } : { ...filter, text: value };
  show();
});
// `toggle` does not bubble.
page.addEventListener(
  'toggle',
  (event) => {
    if (!(event.target instanceof HTMLDetailsElement)) return;
    const { detailsOf } = event.target.dataset;
    if (detailsOf === undefined || event.target.open === opened.has(detailsOf)) return;
    if (event.target.open) opened.add(detailsOf);
    else opened.delete(detailsOf);
    show();
  },
  true,
);
narrow.addEventListener('change', show);
// Ages and remaining times change between two answers.
window.setInterval(() => {
  if (document.visibilityState !== 'hidden') show();
}, 1000);
updates.start();
