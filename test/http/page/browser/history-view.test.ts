import t from 'tap';
import { renderHistory as renderAnswer } from '../../../../src/http/history-route.js';
import { renderAction, renderTopology } from '../../../../src/http/json-views.js';
import type { History } from '../../../../src/http/page/browser/api-types.js';
import { RANGE_WORDS, renderHistory } from '../../../../src/http/page/browser/history-view.js';
import { textOf, type ElementNode } from '../../../../src/http/page/browser/page-node.js';
import { HISTORY_RANGES, HISTORY_SERIES } from '../../../../src/model/operator-history.js';
import { OUTCOMES } from '../../../../src/model/outcome.js';
import { scaleUpAction } from '../../../support/evaluations.js';
import { ALL_LINKS, historyView, operatorHistory, pointsOf, type HistoryChanges } from '../../../support/histories.js';
import { sampleFleet, sampleId } from '../../../support/page-samples.js';

const NOW_MS = Date.parse('2026-01-31T08:00:00Z');
const HOUR_MS = 3_600_000;
const found = sampleFleet(NOW_MS).topologies.find(({ topology }) => topology === 'wordcount');
if (found === undefined) throw new Error('no wordcount');
const wordcount = renderTopology(found);

function nodesWith(attribute: string, value: string | null, node: ElementNode): ElementNode[] {
  const children = node.children.filter((child): child is ElementNode => typeof child !== 'string');
  const own = node.attributes[attribute];
  const isOne = own !== undefined && (value === null || own === value);
  return [...(isOne ? [node] : []), ...children.flatMap((child) => nodesWith(attribute, value, child))];
}

/** Without what isolates a name's direction. */
function wordsOf(...nodes: readonly ElementNode[]): string {
  return textOf(...nodes).replace(/[\u2068\u2069]/g, '');
}

function answer(changes: HistoryChanges = {}): History {
  const split = operatorHistory('split', {
    parallelism: pointsOf((place) => (place < 0.5 ? 2 : 4)),
    processing_rate: pointsOf((place) => (place > 0.5 && place <= 0.75 ? null : 1000 * place)),
    suspended_ratio: pointsOf((place) => (place < 0.5 ? 0.5 : 0)),
  });
  return renderAnswer(historyView('wordcount', [split], { nowMs: NOW_MS, ...changes }));
}

function shown(history: History | null, fault: string | null = null, actions = [] as History['actions']): ElementNode {
  return renderHistory(wordcount, { shown: history === null && fault === null ? null : { history, fault }, actions });
}

await t.test('each series of an operator is a picture, and words for who does not see it', (t) => {
  const view = shown(answer());
  const [split] = nodesWith('data-history-of-operator', 'split', view);
  if (split === undefined) throw new Error('no split');
  const words = Object.fromEntries(
    HISTORY_SERIES.map((series) => [series, wordsOf(...nodesWith('data-field', `${series}.words`, split))]),
  );
  t.strictSame(words, {
    parallelism: '2 to 4, last 4',
    processing_rate: '0/s to 1,000/s, last 1,000/s; 25 % not known',
    suspended_ratio: '0 % to 50 %, last 0 %',
  });
  const labels = nodesWith('role', 'img', split).map(({ attributes }) => attributes['aria-label']);
  t.equal(labels.length, 3);
  t.match(labels[0], /^Parallelism of .split. over the last 6 hours: 2 to 4, last 4$/);
  t.equal(nodesWith('class', 'gap', split).length, 1, 'an unknown stretch is a band');
  t.match(wordsOf(...nodesWith('data-history-of-operator', 'count', view)), 'Prometheus has no data about it');
  t.end();
});

await t.test('the PromQL behind a number is shown, and linked if addresses are set', (t) => {
  const unlinked = shown(answer());
  t.match(
    wordsOf(unlinked),
    'max by (operator) (dhalion_operator_suspended_ratio{topology="wordcount",operator="split"})',
  );
  t.strictSame(nodesWith('href', null, unlinked), []);
  const links = nodesWith('href', null, shown(answer({ links: ALL_LINKS })));
  const named = links.map(({ attributes }) => (attributes['aria-label'] ?? '').replace(/[\u2068\u2069]/g, ''));
  t.strictSame(named, [
    'Grafana: the dashboard of wordcount',
    'Alerts: of wordcount in Alertmanager',
    'When they fired: the alerts of wordcount in Prometheus',
    'Alerts: of split in Alertmanager',
    ...['Parallelism', 'Rate', 'Suspended'].flatMap((title) => [
      `Grafana: ${title} of split`,
      `Prometheus: ${title} of split`,
    ]),
  ]);
  for (const { attributes } of links) t.match(attributes, { target: '_blank', rel: 'noreferrer' });
  t.end();
});

await t.test('actions are marked at their start, with their results', (t) => {
  const at = (hours: number) => ({
    claimedAtMs: NOW_MS - hours * HOUR_MS,
    currentParallelism: 2,
    desiredParallelism: 4,
  });
  const judged = OUTCOMES.map((outcome, index) =>
    scaleUpAction({ ...at(3), id: sampleId(index + 10), state: 'judged', outcome, judgedAtMs: NOW_MS }),
  );
  const others = [
    scaleUpAction({ ...at(1), id: sampleId(1), outcome: null }),
    scaleUpAction({ ...at(7), id: sampleId(2) }),
    scaleUpAction({ ...at(1), id: sampleId(3), topology: 'other' }),
    scaleUpAction({ ...at(1), id: sampleId(4), operator: 'count' }),
  ];
  const view = shown(answer({ actions: judged }), null, others.map(renderAction));
  const [split] = nodesWith('data-history-of-operator', 'split', view);
  if (split === undefined) throw new Error('no split');
  const listed = nodesWith('data-marked-action', null, split);
  const idsOf = (name: string): unknown[] => nodesWith(name, null, split).map(({ attributes }) => attributes[name]);
  const wanted = [...judged.map(({ id }) => id), sampleId(1)];
  t.strictSame(idsOf('data-marked-action'), wanted, 'the oldest first, of this operator and this time');
  for (const id of wanted) t.equal(nodesWith('data-action-mark', id, split).length, 3, 'on each picture');
  for (const [index, outcome] of OUTCOMES.entries()) {
    t.match(wordsOf(...listed.slice(index, index + 1)), /^\d\d:\d\d scale up 2 → 4: /);
    t.match(wordsOf(...listed.slice(index, index + 1)), outcome === 'failed' ? 'the call failed' : outcome);
  }
  t.match(wordsOf(...listed.slice(-1)), /scale up 2 → 4: it(s call is due| settles)$/);
  const [mark] = nodesWith('data-action-mark', judged[0]?.id ?? '', split);
  t.match(mark?.children, [{}, { attributes: { d: 'M120 0V44' } }, {}], 'halfway');
  t.end();
});

await t.test('the page’s newer state of an action replaces that of the history', (t) => {
  const action = scaleUpAction({ claimedAtMs: NOW_MS - HOUR_MS, state: 'completed' });
  const later = scaleUpAction({ ...action, state: 'judged', outcome: 'resolved', judgedAtMs: NOW_MS });
  const view = shown(answer({ actions: [action] }), null, [renderAction(later)]);
  t.match(wordsOf(...nodesWith('data-marked-action', null, view)), 'resolved');
  t.end();
});

await t.test('an action that began after the last point is at the right edge', (t) => {
  const history = answer({ nowMs: NOW_MS + 179_000 });
  const action = scaleUpAction({ claimedAtMs: NOW_MS + 100_000 });
  const view = shown(history, null, [renderAction(action)]);
  const [mark] = nodesWith('data-action-mark', action.id, view);
  t.match(mark?.children, [{}, { attributes: { d: 'M240 0V44' } }, {}]);
  t.end();
});

await t.test('why nothing is known is said, and nothing is drawn', (t) => {
  const unanswered = shown(answer({ unknownBecause: 'Prometheus is unreachable' }));
  t.match(wordsOf(unanswered), 'The history is unavailable: Prometheus is unreachable');
  t.equal(nodesWith('role', 'img', unanswered).length, 0);
  const faulty = shown(null, 'The service does not answer in time.');
  t.match(wordsOf(faulty), 'The history is unavailable: The service does not answer in time.');
  t.match(wordsOf(shown(null)), 'Loading the history from Prometheus');
  t.end();
});

await t.test('every range that the API has can be chosen', (t) => {
  t.strictSame(Object.keys(RANGE_WORDS), [...HISTORY_RANGES]);
  for (const range of HISTORY_RANGES) {
    const pressed = nodesWith('aria-pressed', 'true', shown(answer({ range })));
    t.strictSame(
      pressed.map(({ attributes }) => attributes['data-range']),
      [range],
    );
  }
  t.end();
});
