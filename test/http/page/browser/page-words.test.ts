import t from 'tap';
import { renderAction, renderBlacklistEntry, renderTopology } from '../../../../src/http/json-views.js';
import type { Topology } from '../../../../src/http/page/browser/api-types.js';
import { renderDoing } from '../../../../src/http/page/browser/doing-view.js';
import { describeSizing } from '../../../../src/http/page/browser/action-pieces.js';
import { describeGraph } from '../../../../src/http/page/browser/graph-view.js';
import { renderActions, renderBlacklist } from '../../../../src/http/page/browser/log-views.js';
import { renderOperators } from '../../../../src/http/page/browser/operators-view.js';
import { textOf, type ElementNode } from '../../../../src/http/page/browser/page-node.js';
import { renderTopologies } from '../../../../src/http/page/browser/topologies-view.js';
import { GENTLE_RESOLVERS } from '../../../../src/http/page/browser/words.js';
import type { Action } from '../../../../src/model/action.js';
import { DIAGNOSES } from '../../../../src/model/diagnosis.js';
import { RESOLVER_OF } from '../../../../src/model/resolver.js';
import { NO_SYMPTOMS, scaleUpAction } from '../../../support/evaluations.js';
import { sampleFleet, sampleId } from '../../../support/page-samples.js';

const NOW_MS = Date.now();
const fleet = sampleFleet(NOW_MS);

function topologyOf(name: string): Topology {
  const found = fleet.topologies.find(({ topology }) => topology === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return renderTopology(found);
}

/** The nodes with this attribute, in reading order. */
function nodesWith(attribute: string, value: string, ...nodes: readonly ElementNode[]): ElementNode[] {
  return nodes.flatMap((node) => {
    const children = node.children.filter((child): child is ElementNode => typeof child !== 'string');
    const own = node.attributes[attribute] === value ? [node] : [];
    return [...own, ...nodesWith(attribute, value, ...children)];
  });
}

/** Without what isolates a name's direction. */
function wordsOf(...nodes: readonly ElementNode[]): string {
  return textOf(...nodes).replace(/[\u2068\u2069]/g, '');
}

function wordsOfAction(id: string, actions: readonly Action[]): string {
  return wordsOf(...nodesWith('data-action', id, renderActions(actions.map(renderAction), NOW_MS)));
}

function wordsOfTopology(topology: Topology): string {
  const selection = { text: '', isProblemsOnly: false, keptOrder: null };
  const input = { topologies: [topology], pauses: [], selection, isOpen: () => true, nowMs: NOW_MS };
  return wordsOf(renderTopologies({ ...input, layoutOf: () => null }));
}

await t.test('a graph is missing because of the operators whose inputs nobody tells', (t) => {
  const fraud = topologyOf('fraud');
  t.match(
    wordsOfTopology(fraud),
    'neither the configuration nor a JobManager tells what feeds 2 of its operators. List',
  );
  const [read, write] = fraud.operators;
  if (read === undefined || write === undefined) throw new Error('it has operators');
  t.match(wordsOfTopology({ ...fraud, operators: [{ ...read, inputs: [] }, write] }), 'tells what feeds write. List');
  t.match(wordsOfTopology(topologyOf('checkout')), 'could not be laid out');
  t.end();
});

await t.test('an operator that is held up says by whom, in the table and in the graph', (t) => {
  const wordcount = topologyOf('wordcount');
  const stateOf = (topology: Topology, operator: string): string =>
    wordsOf(...nodesWith('data-operator', operator, ...renderOperators(topology)));
  t.match(stateOf(wordcount, 'source'), '◁held up by split');
  t.match(stateOf(wordcount, 'split'), '▲culprit');
  const [source, split, count] = wordcount.operators;
  if (source === undefined || split === undefined || count === undefined) throw new Error('it has operators');
  const both = { ...wordcount, operators: [source, { ...split, held_up_by: ['count', 'other'] }, count] };
  t.match(stateOf(both, 'split'), '▲culprit, held up by count, other');
  t.match(
    describeGraph(both.operators).replace(/[\u2068\u2069]/g, ''),
    /source: held up by split\. split: culprit, held up by count, other\./,
  );
  t.end();
});

await t.test('an operator that processes nothing is for people to look at', (t) => {
  const fraud = topologyOf('fraud');
  const [read, write] = fraud.operators;
  if (read === undefined || write === undefined) throw new Error('it has operators');
  const stalled = { symptoms: { ...NO_SYMPTOMS, stalled: 'yes' } } as const;
  const topology = {
    ...fraud,
    operators: [
      { ...read, ...stalled, held_up_by: ['write'] },
      { ...write, ...stalled },
    ],
  };
  const words = wordsOf(renderDoing(topology, [], NOW_MS));
  t.match(words, 'write, read have processed nothing for a whole window');
  t.match(words, 'whether what write writes to or asks answers');
  t.notMatch(words, 'there is nothing to do');
  t.match(wordsOfTopology(topology), 'write processes nothing, read processes nothing');
  t.notMatch(wordsOf(renderDoing(fraud, [], NOW_MS)), 'processed nothing');
  t.end();
});

await t.test('a scale down is undone when its revert is judged resolved, and not before', (t) => {
  const harmful = scaleUpAction({
    id: sampleId(1),
    resolver: 'scale_down',
    diagnosis: 'overprovisioning',
    state: 'judged',
    outcome: 'harmful',
    judgedAtMs: NOW_MS,
    revertedBy: sampleId(2),
  });
  const revert = scaleUpAction({
    id: sampleId(2),
    resolver: 'revert',
    diagnosis: 'overprovisioning',
    state: 'completed',
    reverts: sampleId(1),
  });
  const retried = { ...revert, state: 'judged', outcome: 'failed', revertedBy: sampleId(3) } as const;
  const table: readonly (readonly [readonly Action[], string])[] = [
    [[revert], 'being undone'],
    [[{ ...revert, state: 'judged', outcome: 'resolved' }], 'undone'],
    [[{ ...revert, state: 'judged', outcome: 'superseded' }], 'its revert: superseded'],
    [[{ ...revert, id: sampleId(3), reverts: sampleId(2) }, retried], 'being undone'],
    [[{ ...revert, id: sampleId(3), reverts: sampleId(2), state: 'judged', outcome: 'resolved' }, retried], 'undone'],
    [[], 'reverted'],
  ];
  for (const [reverts, words] of table) {
    const told = wordsOfAction(harmful.id, [...reverts, harmful]);
    t.match(told, new RegExp(`harmful it did harm, now, ${words}more instances`));
  }
  t.match(
    wordsOfAction(revert.id, [{ ...revert, state: 'judged', outcome: 'resolved' }]),
    /resolved the old parallelism is back.*the scale down did harm$/,
  );
  t.match(wordsOfAction(sampleId(2), [retried]), ', tried again');
  t.end();
});

await t.test('a dry run is over', (t) => {
  const words = wordsOfAction(sampleId(4), fleet.actions);
  t.match(words, '–dry run, 1 h 35 min ago');
  t.notMatch(words, '↻');
  t.end();
});

await t.test('what is not known may have a diagnosis: that column does not say none', (t) => {
  const diagnosesOf = (name: string): string[] =>
    topologyOf(name).operators.map(({ operator }) => {
      const [row] = nodesWith('data-operator', operator, ...renderOperators(topologyOf(name)));
      const cell = row?.children[2];
      return `${operator}: ${cell === undefined ? '' : textOf(cell)}`;
    });
  t.strictSame(diagnosesOf('clickstream').slice(2, 5), ['parse: none', 'sessionise: unknown', 'alerts: none']);
  t.strictSame(diagnosesOf('billing'), ['source: none', 'enrich: more instances than needed']);
  t.end();
});

await t.test(
  'without any webhook a topology is recommended for only, whatever its mode, and no alert is waited for',
  (t) => {
    const wordcount = { ...topologyOf('wordcount'), last_decisions: [] };
    t.match(wordsOfTopology(wordcount), /enforce.*No alert about it has come/s);
    const alone = wordsOfTopology({ ...wordcount, resolvers: [] });
    t.match(alone, /recommends only \(no webhook\).*no webhook is configured for this topology/s);
    t.notMatch(alone, /enforce|No alert about it|Alertmanager/);
    t.match(wordsOfTopology({ ...wordcount, resolvers: [], mode: 'observe' }), 'observe');
    t.end();
  },
);

await t.test('a scale up that answers a skew says so where a rebalance has no webhook', (t) => {
  for (const diagnosis of DIAGNOSES) {
    const gentle = RESOLVER_OF[diagnosis];
    t.equal(GENTLE_RESOLVERS[diagnosis], gentle.startsWith('scale') ? undefined : gentle);
  }
  const wordcount = topologyOf('wordcount');
  const [decision] = wordcount.last_decisions;
  if (decision === undefined) throw new Error('it has decisions');
  const skewed: Topology = {
    ...wordcount,
    operators: wordcount.operators.map((operator) =>
      operator.operator === 'split' ? { ...operator, diagnoses: ['data_skew'] } : operator,
    ),
    last_decisions: [{ ...decision, diagnosis: 'data_skew' }],
  };
  const words = (resolvers: Topology['resolvers']): string =>
    wordsOf(renderDoing({ ...skewed, resolvers }, [], NOW_MS));
  t.match(words(['scale_up']), 'Held (scale up, no webhook for rebalance) ');
  t.match(words(['scale_up', 'rebalance']), 'Held (scale up) ');
  t.end();
});

await t.test('a blacklist entry is not applied now; suspended is what input is', (t) => {
  const words = wordsOf(renderBlacklist(fleet.blacklist.map(renderBlacklistEntry), NOW_MS));
  t.match(words, 'not applied now: it was ineffective, but the load is different now');
  t.notMatch(words, 'suspended');
  t.match(words, 'Not below 6 under this load', 'what did harm is a floor');
  t.equal(words.split('Not below').length, 2, 'and nothing else is');
  t.end();
});

await t.test(
  'a plan is one thing with several operators, in the graph, in the decisions and in the action log',
  (t) => {
    const checkout = topologyOf('checkout');
    const open = checkout.open_action;
    if (open === null) throw new Error('checkout has an open action');
    const doing = wordsOf(renderDoing(checkout, [], NOW_MS));
    t.match(doing, 'scale up of source 4 → 9, sink 2 → 4, begun');
    t.match(
      doing,
      'source: 1.8 times what it serves is offered, the work of 7.3 instances, 9 of them are to be 82 % busy.',
    );
    t.match(doing, 'sink: 1.8 times');
    t.match(
      describeGraph(checkout.operators, open).replace(/[\u2068\u2069]/g, ''),
      'Open: scale up of source and sink in checkout.',
    );
    t.match(wordsOfAction(open.id, fleet.actions), 'scale up of source 4 → 9, sink 2 → 4 in checkout');
    t.match(wordsOfAction(open.id, fleet.actions), 'too few instances', 'said once');
    const [source] = checkout.operators.filter(({ operator }) => operator === 'source');
    const [decision] = topologyOf('wordcount').last_decisions;
    if (source === undefined || decision === undefined) throw new Error('it has an operator and a decision');
    const decided: Topology = {
      ...checkout,
      operators: [{ ...source, diagnoses: ['underprovisioning'] }],
      last_decisions: [
        {
          ...decision,
          operator: 'source',
          diagnosis: 'underprovisioning',
          decision: 'act',
          reason: null,
          action_id: open.id,
        },
      ],
    };
    t.match(wordsOf(renderDoing(decided, [], NOW_MS)), ', as a part of the open action.');
    t.end();
  },
);

await t.test('why a size is recommended is said in words: offered over served, how busy, what limits it', (t) => {
  const [split] = topologyOf('wordcount').operators.filter(({ operator }) => operator === 'split');
  if (split === undefined) throw new Error('wordcount has a split');
  const sized = {
    ...split,
    parallelism: 1,
    recommended_parallelism: 12,
    max_parallelism: 12,
    offered_ratio: 10,
    effective_busy: 1,
    needed_instances: 10.2,
    expected_busy: 0.84,
  };
  const limit = { operator: 'count', ratio: 8 };
  const words = describeSizing(sized, limit)?.replace(/[\u2068\u2069]/g, '');
  t.equal(
    words,
    '10 times what it serves is offered; count lets no more than 8 times through; its busiest instance is 100 % busy; ' +
      'the load is the work of 10.2 instances; 12 of them are to be 84 % busy; 12 is its bound',
  );
  t.notMatch(describeSizing(sized, { ...limit, ratio: 20 }), 'through', 'a limit that does not bind is none');
  t.equal(describeSizing({ ...sized, recommended_parallelism: 1 }, null), null);
  const because = 'the need of split is not known over all of scale_down_memory';
  t.equal(
    describeSizing({ ...sized, recommended_parallelism: 1, left_alone_because: because }, null),
    `left as it is: ${because}`,
  );
  const unknown = { offered_ratio: null, effective_busy: null, needed_instances: null, expected_busy: null };
  t.equal(describeSizing({ ...sized, ...unknown, max_parallelism: null }, null), null, 'nothing is made up');
  const inTable = wordsOf(...renderOperators({ ...topologyOf('wordcount'), operators: [sized] }));
  t.match(inTable, 'split: 10 times what it serves is offered');
  t.end();
});
