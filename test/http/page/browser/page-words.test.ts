import t from 'tap';
import { renderAction, renderBlacklistEntry, renderTopology } from '../../../../src/http/json-views.js';
import { describeAction, describeEnd } from '../../../../src/http/page/browser/action-pieces.js';
import type { Topology } from '../../../../src/http/page/browser/api-types.js';
import { renderDoing } from '../../../../src/http/page/browser/doing-view.js';
import { describeGraph } from '../../../../src/http/page/browser/graph-view.js';
import { renderActions, renderBlacklist, renderStrays } from '../../../../src/http/page/browser/log-views.js';
import { renderOperators } from '../../../../src/http/page/browser/operators-view.js';
import { textOf, type ElementNode } from '../../../../src/http/page/browser/page-node.js';
import { describeAsked, describeSizing } from '../../../../src/http/page/browser/size-words.js';
import { renderTopologies } from '../../../../src/http/page/browser/topologies-view.js';
import { GENTLE_RESOLVERS, OUTCOME_WORDS } from '../../../../src/http/page/browser/words.js';
import { NOT_SETTLED, type Action } from '../../../../src/model/action.js';
import { DIAGNOSES } from '../../../../src/model/diagnosis.js';
import { RESOLVER_OF } from '../../../../src/model/resolver.js';
import { operatorWith } from '../../../support/actions.js';
import { NO_SYMPTOMS, scaleUpAction } from '../../../support/evaluations.js';
import { sampleFleet, sampleId } from '../../../support/page-samples.js';
import { sampleEvidence } from '../../../support/action-log-samples.js';

const NOW_MS = Date.now();
const DOING = { pauses: [], actions: [], nowMs: NOW_MS };
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

await t.test('the operators with unknown inputs are named as the reason for a missing graph', (t) => {
  const fraud = topologyOf('fraud');
  t.match(wordsOfTopology(fraud), 'neither the configuration nor a JobManager has the inputs of 2 of its operators.');
  const [read, write] = fraud.operators;
  if (read === undefined || write === undefined) throw new Error('it has operators');
  t.match(wordsOfTopology({ ...fraud, operators: [{ ...read, inputs: [] }, write] }), 'has the inputs of write.');
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
  const words = wordsOf(renderDoing(topology, DOING));
  t.match(words, 'write, read have processed nothing for a whole window');
  t.match(words, 'whether the systems that write writes to or queries respond');
  t.notMatch(words, 'there is nothing to do');
  t.match(wordsOfTopology(topology), 'write processes nothing, read processes nothing');
  t.notMatch(wordsOf(renderDoing(fraud, DOING)), 'processed nothing');
  t.end();
});

await t.test('a scale down is reverted when its revert is judged resolved, and not before', (t) => {
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
    [[revert], 'being reverted'],
    [[{ ...revert, state: 'judged', outcome: 'resolved' }], 'reverted'],
    [[{ ...revert, state: 'judged', outcome: 'superseded' }], 'its revert: superseded'],
    [[{ ...revert, id: sampleId(3), reverts: sampleId(2) }, retried], 'being reverted'],
    [[{ ...revert, id: sampleId(3), reverts: sampleId(2), state: 'judged', outcome: 'resolved' }, retried], 'reverted'],
    [[], 'reverted'],
  ];
  for (const [reverts, words] of table) {
    const told = wordsOfAction(harmful.id, [...reverts, harmful]);
    t.match(told, new RegExp(`harmful it did harm, now, ${words}too many instances`));
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
  const open = scaleUpAction({ id: sampleId(4), state: 'completed', dryRun: true, completedAtMs: NOW_MS });
  t.match(wordsOfAction(sampleId(4), [open]), '↻rehearsing');
  const over = { ...open, state: 'judged', outcome: 'dry_run', judgedAtMs: NOW_MS } as const;
  t.match(wordsOfAction(sampleId(4), [over]), '–dry run no call was made, now');
  const waitsUntil = new Date(NOW_MS + 150_000).toISOString();
  const checkout: Topology = {
    ...topologyOf('checkout'),
    open_action: renderAction(open),
    judging: { phase: 'observing', earliest_at: waitsUntil, waits_until: waitsUntil },
  };
  t.match(wordsOf(renderDoing(checkout, DOING)), 'no call, since its mode is dry_run; ends in 3 min');
  t.end();
});

await t.test('an unknown operator may have a diagnosis: that column does not say none', (t) => {
  const diagnosesOf = (name: string): string[] =>
    topologyOf(name).operators.map(({ operator }) => {
      const [row] = nodesWith('data-operator', operator, ...renderOperators(topologyOf(name)));
      const cell = row?.children[3];
      return `${operator}: ${cell === undefined ? '' : textOf(cell)}`;
    });
  t.strictSame(diagnosesOf('clickstream').slice(2, 5), ['parse: none', 'sessionise: unknown', 'alerts: none']);
  t.strictSame(diagnosesOf('billing'), ['source: none', 'enrich: too many instances']);
  t.end();
});

await t.test(
  'without any webhook a topology is recommended for only, whatever its mode, and no alert is waited for',
  (t) => {
    const wordcount = { ...topologyOf('wordcount'), last_decisions: [] };
    t.match(wordsOfTopology(wordcount), /enforce.*No alert has arrived/s);
    const alone = wordsOfTopology({ ...wordcount, resolvers: [] });
    t.match(alone, /recommends only \(no webhook\).*No webhook is configured for this topology/s);
    t.notMatch(alone, /enforce|No alert has arrived|Alertmanager/);
    t.match(wordsOfTopology({ ...wordcount, resolvers: [], mode: 'observe' }), 'recommends only (no webhook)');
    t.match(wordsOfTopology({ ...wordcount, mode: 'observe' }), 'observe');
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
  const words = (resolvers: Topology['resolvers']): string => wordsOf(renderDoing({ ...skewed, resolvers }, DOING));
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

await t.test('the reason that holds up an action is shown with it, while it is open and afterwards', (t) => {
  const heldUpBy = 'FlinkDeployment prod/checkout is UPGRADING; reports: no space left';
  const checkout = topologyOf('checkout');
  const open = checkout.open_action;
  if (open === null) throw new Error('checkout has an open action');
  const held = { ...checkout, open_action: { ...open, held_up_by: heldUpBy } };
  t.match(wordsOf(renderDoing(held, DOING)), `Held up: ${heldUpBy}`);
  t.notMatch(wordsOf(renderDoing(checkout, DOING)), 'eld up');
  const waiting = { ...open, held_up_by: 'waiting for a checkpoint' };
  const until = (atMs: number) => ({ ...waiting, engine_waits_until: new Date(atMs).toISOString() });
  const untilThen = new Date(NOW_MS + 150_000).toISOString().replace(/\.\d+/, '');
  t.match(
    wordsOf(renderDoing({ ...checkout, open_action: until(NOW_MS + 150_000) }, DOING)),
    `Held up: waiting for a checkpoint, at most until ${untilThen} (in 3 min)`,
  );
  t.notMatch(wordsOf(renderDoing({ ...checkout, open_action: until(NOW_MS) }, DOING)), 'at most until');

  const settling = { ...NOT_SETTLED, heldUpBy };
  const over = scaleUpAction({
    id: sampleId(9),
    state: 'judged',
    outcome: 'not_applied',
    judgedAtMs: NOW_MS,
    settling,
  });
  t.match(wordsOfAction(over.id, [over]), `held up: ${heldUpBy}`);
  t.equal(
    describeEnd(renderAction(over)),
    `not_applied, ${OUTCOME_WORDS.not_applied}; it was held up: ${heldUpBy}`,
    'and so is the result of a decision',
  );
  t.end();
});

await t.test(
  'a plan is one thing with several operators, in the graph, in the decisions and in the action log',
  (t) => {
    const checkout = topologyOf('checkout');
    const open = checkout.open_action;
    if (open === null) throw new Error('checkout has an open action');
    const doing = wordsOf(renderDoing(checkout, DOING));
    t.match(doing, 'scale up of source 4 → 9, sink 2 → 4, begun');
    t.match(
      doing,
      'source: input suspended 55 % of the time because of it, offered 1.8 × what is served, the work of 7.3 instances → 4 → 9, then 82 % busy.',
    );
    t.match(doing, 'sink: offered 1.8 ×', 'nothing is suspended because of it');
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
    t.match(wordsOf(renderDoing(decided, DOING)), ', as a part of the open action.');
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
    'input suspended 51 % of the time because of it, offered 10 × what is served, count lets no more than 8 × through, ' +
      '100 % busy, the work of 10.2 instances → 1 → 12 (its bound), then 84 % busy',
  );
  t.notMatch(describeSizing(sized, { ...limit, ratio: 20 }), 'through', 'a limit that does not bind is none');
  t.equal(describeSizing({ ...sized, recommended_parallelism: 1 }, null), null);
  const because = 'the need of split is not known over all of scale_down_memory';
  t.equal(
    describeSizing({ ...sized, recommended_parallelism: 1, left_alone_because: because }, null),
    `left as it is: ${because}`,
  );
  const unknown = {
    suspended_ratio: null,
    offered_ratio: null,
    effective_busy: null,
    needed_instances: null,
    expected_busy: null,
  };
  t.equal(describeSizing({ ...sized, ...unknown, max_parallelism: null }, null), null, 'nothing is made up');
  const inTable = wordsOf(...renderOperators({ ...topologyOf('wordcount'), operators: [sized] }));
  t.match(inTable, 'split: input suspended 51 % of the time because of it, offered 10 × what is served');
  t.end();
});

await t.test('what an action asked for is said in the words in which it was recommended', (t) => {
  const [split] = topologyOf('wordcount').operators.filter(({ operator }) => operator === 'split');
  if (split === undefined) throw new Error('wordcount has a split');
  const facts = { offered_ratio: 2.1, effective_busy: 0.98, needed_instances: 4.1, expected_busy: 0.82 };
  const operator = { ...split, ...facts, parallelism: 2, recommended_parallelism: 5 };
  const asked = {
    operator: 'split',
    diagnosis: 'underprovisioning' as const,
    current_parallelism: 2,
    desired_parallelism: 5,
    operator_instances: [],
    counts_against: null,
    reason: { ...facts, suspended_ratio: 0.51, pending_packets: 812.5, processing_rate: 1000 },
  };
  const words =
    'input suspended 51 % of the time because of it, offered 2.1 × what is served, 98 % busy, the work of 4.1 instances → 2 → 5, then 82 % busy';
  t.equal(describeSizing(operator, null), words);
  t.equal(describeAsked(asked), words);
  t.equal(
    describeAsked({ ...asked, desired_parallelism: 2 }),
    words.slice(0, words.indexOf(' → ')),
    'a restart changes no size',
  );
  t.end();
});

/** split, held up no more: a backlog is worked off with what there is. */
function catchingUp(): Topology {
  const wordcount = topologyOf('wordcount');
  const operators = wordcount.operators.map((operator) => {
    const { source_backlog: backlog } = operator.measurements;
    const isSource = backlog !== undefined && backlog !== null;
    return {
      ...operator,
      diagnoses: [],
      recommended_parallelism: operator.parallelism,
      ...(isSource
        ? { measurements: { ...operator.measurements, source_backlog: { total: 66_000, slope_per_second: -50 } } }
        : {}),
    };
  });
  return { ...wordcount, draining: 'yes', operators, last_decisions: [] };
}

await t.test('while a backlog is worked off in time, nothing is called held up, and its expected end is shown', (t) => {
  const words = wordsOfTopology(catchingUp());
  t.match(words, '↘catching up');
  t.match(words, 'There are enough instances: the backlog is gone in about 22 min.');
  t.match(words, '↘works off the backlog');
  t.notMatch(words, /▲|there is nothing to do/);
  const steady = catchingUp();
  const unknown = steady.operators.map((operator) => ({ ...operator, measurements: {} }));
  t.match(wordsOfTopology({ ...steady, operators: unknown }), 'the backlog is worked off in time.');
  t.end();
});

await t.test('the result of a call is shown with its decision', (t) => {
  const wordcount = topologyOf('wordcount');
  const [held] = wordcount.last_decisions;
  if (held === undefined) throw new Error('it has decisions');
  const failed = renderAction(
    scaleUpAction({
      id: sampleId(9),
      topology: 'wordcount',
      state: 'judged',
      outcome: 'failed',
      failure: '401 Unauthorized',
      judgedAtMs: NOW_MS,
    }),
  );
  const wordsAfter = (decision: Partial<typeof held>, action = failed): string =>
    wordsOf(renderDoing({ ...wordcount, last_decisions: [{ ...held, ...decision }] }, { ...DOING, actions: [action] }));
  const acted = wordsAfter({ decision: 'act', reason: null, action_id: failed.id });
  t.match(acted, 'Acted (scale up) 1 min ago: the call failed: 401 Unauthorized.');
  t.match(acted, 'The next notification is decided again. A call that was refused for good is not repeated before');
  const waiting = wordsAfter({ reason: 'action_in_flight' });
  t.match(waiting, 'An action was open then; it has ended: the call failed: 401 Unauthorized.');
  t.notMatch(waiting, 'Wait for the judgement');
  t.match(
    wordsAfter(
      { decision: 'act', reason: null, action_id: failed.id },
      { ...failed, outcome: 'resolved', failure: null },
    ),
    'Acted (scale up) 1 min ago: resolved, the diagnosis is gone.',
  );
  t.notMatch(
    wordsAfter({ reason: 'action_in_flight' }, { ...failed, topology: 'another' }),
    '401',
    'of its own topology',
  );
  t.end();
});

await t.test('a scale down that went well is not said to have ended what may go on', (t) => {
  const down = scaleUpAction({
    id: sampleId(9),
    resolver: 'scale_down',
    diagnosis: 'overprovisioning',
    state: 'judged',
    outcome: 'resolved',
    judgedAtMs: NOW_MS,
  });
  t.match(wordsOfAction(down.id, [down]), '✓resolved nothing suffers from it, now');
  t.end();
});

await t.test('the two times of a judgement are one sentence', (t) => {
  t.match(
    wordsOf(renderDoing(topologyOf('checkout'), DOING)),
    '; judged in 2 min 12 s at the earliest, in 27 min at the latest',
  );
  t.end();
});

await t.test('a diagnosis has one name on the page, and its own where it is dealt with', (t) => {
  const words = wordsOf(renderDoing(topologyOf('wordcount'), DOING));
  t.match(words, 'split: too few instances (underprovisioning).');
  t.end();
});

await t.test('an operator that cannot be judged yet is not called well, and shows the missing data', (t) => {
  const [source] = topologyOf('billing').operators;
  if (source === undefined) throw new Error('it has a source');
  const because = 'a window of 5 min is not full of source yet, or has a gap';
  const idle = {
    ...source,
    parallelism: 4,
    recommended_parallelism: 4,
    effective_busy: 0.08,
    left_alone_because: because,
  };
  const words = wordsOfTopology({ ...topologyOf('billing'), operators: [idle] });
  t.match(words, '◌not judged yet');
  t.match(words, 'Nothing is diagnosed so far');
  t.match(words, `source: left as it is: ${because}.`);
  t.notMatch(words, '●well');
  t.end();
});

await t.test('a culprit with a window that is not full is not shown as having nothing to do', (t) => {
  const wordcount = topologyOf('wordcount');
  const because = 'a window of 5 min is not full of split yet, or has a gap';
  const [source, split, count] = wordcount.operators;
  if (source === undefined || split === undefined || count === undefined) throw new Error('it has operators');
  const undecided = {
    ...split,
    diagnoses: [],
    recommended_parallelism: split.parallelism,
    left_alone_because: because,
  };
  const held = { ...wordcount, last_decisions: [], operators: [source, undecided, count] };
  const words = wordsOfTopology(held);
  t.match(words, 'Nothing is diagnosed so far; each operator below shows what data is missing.');
  t.match(words, `split: left as it is: ${because}.`);
  t.notMatch(words, 'there is nothing to do');
  const diagnosisIn = (topology: Topology, operator: string): string => {
    const [row] = nodesWith('data-operator', operator, ...renderOperators(topology));
    return wordsOf(
      ...(row?.children.slice(3, 4) ?? []).filter((cell): cell is ElementNode => typeof cell !== 'string'),
    );
  };
  t.equal(diagnosisIn(held, 'split'), 'unknown');
  t.equal(diagnosisIn(held, 'source'), 'none');
  t.equal(
    diagnosisIn({ ...held, draining: 'yes' }, 'split'),
    'none',
    'a backlog that is worked off in time rules it out',
  );
  const judged = { ...undecided, left_alone_because: null };
  t.equal(diagnosisIn({ ...held, operators: [source, judged, count] }, 'split'), 'none');
  const behind = { ...undecided, symptoms: { ...NO_SYMPTOMS, growing_source_backlog: 'yes' as const } };
  t.equal(diagnosisIn({ ...held, operators: [behind, count] }, 'split'), 'unknown');
  const fewer = { ...undecided, symptoms: NO_SYMPTOMS, effective_busy: 0.08 };
  t.equal(diagnosisIn({ ...held, operators: [fewer] }, 'split'), 'unknown', 'whether there are too many is not known');
  t.end();
});

await t.test('a hold for unknown measurements names them, from its evidence', (t) => {
  const found = fleet.topologies.find(({ topology }) => topology === 'wordcount');
  if (found === undefined) throw new Error('no wordcount');
  const because = 'a window of 5 min is not full of split yet, or has a gap';
  const held = found.lastDecisions.map((decision) => ({
    ...decision,
    reason: 'unknown_measurements' as const,
    evidence: sampleEvidence({ unknownBecause: because }),
  }));
  const topology = renderTopology({ ...found, lastDecisions: held });
  t.strictSame(
    topology.last_decisions.map(({ unknown_because }) => unknown_because),
    [because, because],
  );
  const words = wordsOf(renderDoing(topology, DOING));
  t.match(words, `unknown_measurements. Required measurements are missing or incomplete: ${because}.`);
  t.match(words, 'After a restart, wait for a full window.');
  t.match(words, `count, too many instances: held, unknown_measurements: ${because}`);
  const earlier = renderTopology({ ...found, lastDecisions: held.map((one) => ({ ...one, evidence: null })) });
  t.match(wordsOf(renderDoing(earlier, DOING)), 'Required measurements are missing or incomplete.');
  t.end();
});

await t.test('at_limit explains whether a bound is reached or another size would not help', (t) => {
  const wordcount = topologyOf('wordcount');
  const [, split] = wordcount.operators;
  const [held] = wordcount.last_decisions;
  if (split === undefined || held === undefined) throw new Error('it has an operator and a decision');
  const tell = (
    diagnosis: (typeof DIAGNOSES)[number],
    resolver: NonNullable<typeof held.resolver>,
    operator: Partial<typeof split>,
    more: Partial<Topology> = {},
  ): string => {
    const decision = { ...held, diagnosis, resolver, reason: 'at_limit' as const };
    const operators = [{ ...split, diagnoses: [diagnosis], ...operator }];
    return wordsOf(renderDoing({ ...wordcount, operators, last_decisions: [decision], ...more }, DOING));
  };
  const full = tell('underprovisioning', 'scale_up', { parallelism: 16, max_parallelism: 16 });
  t.match(full, 'at_limit. The parallelism is at its bound: max_parallelism is 16.Raise max_parallelism');
  const shared = { parallelism: 16, max_parallelism: 16, input_shares: 16 };
  const keyed = tell('underprovisioning', 'scale_up', shared);
  t.match(keyed, "The parallelism is at its bound: its keys come in 16 key groups.Raise the job's maximum parallelism");
  const reading = tell('underprovisioning', 'scale_up', { ...shared, role: 'source' });
  t.match(reading, 'The parallelism is at its bound: what it reads has 16 partitions.Add partitions');
  t.match(tell('underprovisioning', 'scale_up', { ...shared, input_shares: 128 }), 'max_parallelism is 16.Raise');
  const least = tell('overprovisioning', 'scale_down', { parallelism: 2, min_parallelism: 2 });
  t.match(least, 'at_limit. The parallelism is at its bound: min_parallelism is 2.Lower min_parallelism');
  const skewed = tell('data_skew', 'scale_up', { parallelism: 2, max_parallelism: 16 }, { resolvers: ['scale_up'] });
  t.match(skewed, 'at_limit. More instances would not help: a few instances get most of the data.Spread the keys');
  t.match(skewed, 'or name a webhook for rebalance');
  t.notMatch(skewed, 'max_parallelism');
  t.notMatch(tell('data_skew', 'scale_up', { parallelism: 2 }), 'name a webhook', 'there is one');
  const limit = { operator: 'count', ratio: 1 };
  const limited = tell('underprovisioning', 'scale_up', { parallelism: 2 }, { flow_limit: limit });
  t.match(limited, 'More instances would not help: count lets no more through.Raise max_parallelism of count');
  const fewer = tell('overprovisioning', 'scale_down', { parallelism: 4, min_parallelism: 1 });
  t.match(fewer, 'at_limit. Fewer instances would not do, or would save too little.');
  t.notMatch(fewer, 'min_parallelism');
  const waiting = tell('overprovisioning', 'scale_down', { parallelism: 4, left_alone_because: 'its peak leaves' });
  t.match(waiting, 'Fewer instances have to wait: its peak leaves.');
  t.match(tell('slow_instances', 'restart_instances', { parallelism: 2 }), 'at_limit. Another parallelism, or this');
  t.end();
});

await t.test('a restart and a rebalance name the instances and the total', (t) => {
  const told = (resolver: Action['resolver'], operatorInstances: readonly string[]): string[] => {
    const same = { currentParallelism: 3, desiredParallelism: 3, operatorInstances };
    const action = scaleUpAction({ id: sampleId(1), resolver, operators: [operatorWith(same)] });
    const open = { ...topologyOf('wordcount'), open_action: renderAction(action) };
    return [
      wordsOfAction(action.id, [action]),
      wordsOf(...nodesWith('class', 'open-action', renderDoing(open, DOING))),
      describeAction(renderAction(action)).replace(/[\u2068\u2069]/g, ''),
    ];
  };
  for (const words of told('restart_instances', ['1'])) {
    t.match(words, /restart of instance 1 of split/);
    t.notMatch(words, '×');
  }
  for (const words of told('restart_instances', ['0', '2']).slice(0, 2)) {
    t.match(words, 'restart of instances 0 and 2 of split (of 3)');
  }
  for (const words of told('restart_instances', []).slice(0, 2)) t.match(words, 'restart of split (of 3)');
  for (const words of told('rebalance', ['1'])) t.match(words, 'rebalance of split');
  for (const words of told('rebalance', ['1']).slice(0, 2)) {
    t.match(words, 'rebalance of split, away from instance 1 (of 3)');
    t.notMatch(words, '×');
  }
  const many = told('restart_instances', ['0', '1', '2', '3', '4', '5', '6']);
  t.match(many[0], 'restart of instances 0, 1, 2, 3 and 3 more of split (of 3)');
  t.end();
});

await t.test('the action log is of the topologies that are looked for', (t) => {
  const actions = fleet.actions.map(renderAction);
  const words = (text: string): string => wordsOf(renderActions(actions, NOW_MS, text));
  t.match(words(''), /billing.*checkout|checkout.*billing/s);
  t.match(words('bill'), 'in billing');
  t.notMatch(words('bill'), 'in checkout');
  t.match(words(' ENRICH '), 'in billing', 'or have such an operator');
  t.match(words('nobody'), `None of the newest ${actions.length} actions matches “nobody”.`);
  t.end();
});

await t.test(
  'an alert for an unknown topology names the owner of its operator, and the label that may be overwritten',
  (t) => {
    const [held] = topologyOf('wordcount').last_decisions;
    if (held === undefined) throw new Error('it has decisions');
    const stray = { ...held, topology: 'rack7', reason: 'unknown_topology' as const };
    const words = (operator: string): string => {
      const strays = renderStrays([{ ...stray, operator }], [topologyOf('wordcount')], NOW_MS);
      return strays === null ? '' : wordsOf(strays);
    };
    t.match(
      words('split'),
      /rack7: split.*wordcount has an operator of that name: .*its scrape needs honor_labels: true\./,
    );
    t.match(words('other'), 'rack7: other');
    t.notMatch(words('other'), 'honor_labels');
    t.end();
  },
);
