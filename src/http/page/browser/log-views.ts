// Views of the log: actions and the blacklist.
import { describeAction, describeOutcome, renderAsked, verbOf } from './action-pieces.js';
import { SHOWN_ACTIONS } from './api-client.js';
import type { Action, BlacklistEntry, Decision, Topology } from './api-types.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { renderMark, renderName, renderOrder, renderSection, renderTable, renderTime } from './pieces.js';
import { quoteName } from './quantities.js';
import { selectActions } from './standing.js';
import { BAD_OUTCOMES, DIAGNOSIS_WORDS, GOOD_OUTCOMES, HOLDS, RESOLVER_WORDS } from './words.js';

/** Alertmanager repeats ongoing alerts far more often. */
const STRAY_FOR_MS = 3_600_000;

/** Alerts held because their topology is not configured; a configured topology shows its own. null: none. */
export function renderStrays(
  decisions: readonly Decision[],
  topologies: readonly Topology[],
  nowMs: number,
): ElementNode | null {
  const known = new Set(topologies.map(({ topology }) => topology));
  const newest = new Map<string, Decision>();
  for (const decision of decisions) {
    const isStray = decision.reason === 'unknown_topology' && nowMs - Date.parse(decision.at) < STRAY_FOR_MS;
    const { topology } = decision;
    if (isStray && !known.has(topology) && !newest.has(topology)) newest.set(topology, decision);
  }
  if (newest.size === 0) return null;
  return renderSection(
    'strays',
    'Alerts for unknown topologies',
    String(newest.size),
    element('p', { class: 'note' }, `${HOLDS.unknown_topology.means} ${HOLDS.unknown_topology.remedy}`),
    element(
      'ul',
      {},
      [...newest.values()].map(({ topology, operator, diagnosis, at }) =>
        element(
          'li',
          { key: topology, 'data-stray': topology },
          renderName(topology),
          ': ',
          renderName(operator),
          `, ${DIAGNOSIS_WORDS[diagnosis]}, `,
          renderTime(at, nowMs),
          renderOwner(topologies, operator),
        ),
      ),
    ),
  );
}

/** The probable topology: a target label may have replaced the topology's name. */
function renderOwner(topologies: readonly Topology[], operator: string): Child {
  const owner = topologies.find(({ operators }) => operators.some((one) => one.operator === operator));
  if (owner === undefined) return false;
  return [
    '. ',
    renderName(owner.topology),
    ' has an operator of that name: if a target label named topology overwrites that of Dhalion’s series, its scrape needs ',
    element('code', {}, 'honor_labels: true'),
    '.',
  ];
}

/** @param text shows only actions that match it; empty: all */
export function renderActions(all: readonly Action[], nowMs: number, text = ''): ElementNode {
  const actions = selectActions(all, text);
  return renderSection(
    'actions',
    'Action log',
    null,
    actions.length === 0
      ? element('p', { class: 'note' }, all.length === 0 ? 'No actions yet.' : describeNone(all, text))
      : renderTable(
          `The newest actions${all.length === SHOWN_ACTIONS ? ` (${actions.length} of ${SHOWN_ACTIONS})` : ''}`,
          [{ title: 'Begun' }, { title: 'Action' }, { title: 'Outcome' }, { title: 'Because' }],
          actions.map((action) => ({
            key: action.id,
            attributes: { 'data-action': action.id, 'data-state': action.state },
            cells: [
              renderTime(action.claimed_at, nowMs),
              [
                verbOf(action),
                ' of ',
                renderAsked(action),
                element('span', { class: 'quiet' }, ' in ', renderName(action.topology)),
              ],
              [
                renderOutcome(action, all, nowMs),
                canBeCancelled(action) && renderOrder('cancel', action.id, 'Cancel', describeAction(action)),
              ],
              action.resolver === 'revert' ? 'the scale down did harm' : describeDiagnoses(action),
            ],
          })),
        ),
  );
}

function describeNone(all: readonly Action[], text: string): string {
  return `None of the newest ${all.length} actions matches “${text.trim()}”.`;
}

/** Each diagnosis once: most plans have one for all their operators. */
function describeDiagnoses({ operators }: Action): string {
  return [...new Set(operators.map(({ diagnosis }) => DIAGNOSIS_WORDS[diagnosis]))].join('; ');
}

/** A judged action is over, except a revert that will be tried again. */
function canBeCancelled({ state, resolver, outcome, reverted_by: revertedBy }: Action): boolean {
  if (state !== 'judged') return true;
  return resolver === 'revert' && (outcome === 'failed' || outcome === 'not_applied') && revertedBy === null;
}

/** @param actions the known ones, among them the one that reverted it */
function renderOutcome(action: Action, actions: readonly Action[], nowMs: number): Child {
  const { outcome, judged_at: judgedAt, attempts, failure, held_up_by: heldUpBy } = action;
  const words = describeOutcome(action);
  const undoing = describeUndoing(action, actions);
  return [
    renderMark(...markOf(action)),
    element(
      'span',
      { class: 'quiet', 'data-field': 'outcome', 'data-value': outcome ?? 'null' },
      words !== null && ` ${words}`,
      judgedAt !== null && [', ', renderTime(judgedAt, nowMs)],
    ),
    attempts > 1 && element('span', { class: 'quiet' }, `, ${attempts} calls`),
    undoing !== null && element('span', { class: 'quiet' }, `, ${undoing}`),
    heldUpBy !== null && element('span', { class: 'held-up', dir: 'auto' }, `held up: ${heldUpBy}`),
    failure !== null && element('span', { class: 'failure', dir: 'auto' }, failure),
  ];
}

function markOf({ state, outcome, dry_run: isDryRun }: Action): [kind: string, glyph: string, word: string] {
  if (isDryRun && state === 'judged' && (outcome === null || outcome === 'dry_run')) return ['unknown', '–', 'dry run'];
  if (outcome === null && isDryRun) return ['open', '↻', 'rehearsing'];
  if (outcome === null) return ['open', '↻', state === 'claimed' ? 'calling' : 'settling'];
  if (GOOD_OUTCOMES.includes(outcome)) return ['well', '✓', outcome];
  return BAD_OUTCOMES.includes(outcome) ? ['trouble', '✕', outcome] : ['unknown', '–', outcome];
}

/** The progress of a revert; a failed revert is followed by another. null: no revert. */
function describeUndoing({ resolver, reverted_by: revertedBy }: Action, actions: readonly Action[]): string | null {
  if (revertedBy === null) return null;
  if (resolver === 'revert') return 'tried again';
  const find = (wanted: string): Action | undefined => actions.find(({ id }) => id === wanted);
  let revert = find(revertedBy);
  while (typeof revert?.reverted_by === 'string') revert = find(revert.reverted_by);
  if (revert === undefined) return 'reverted';
  if (revert.outcome === null) return 'being reverted';
  return revert.outcome === 'resolved' ? 'reverted' : `its revert: ${revert.outcome}`;
}

export function renderBlacklist(blacklist: readonly BlacklistEntry[], nowMs: number): ElementNode {
  return renderSection(
    'blacklist',
    'Blacklist',
    blacklist.length === 0 ? null : String(blacklist.length),
    blacklist.length === 0
      ? element('p', { class: 'note' }, 'The blacklist is empty.')
      : element(
          'ul',
          { class: 'cards' },
          blacklist.map((entry) => renderEntry(entry, nowMs)),
        ),
  );
}

function renderEntry(entry: BlacklistEntry, nowMs: number): ElementNode {
  const { id, topology, operator, diagnosis, resolver, cause, since, expires_at: expiresAt, state, floor } = entry;
  const isInForce = state === 'in_force';
  return element(
    'li',
    { key: id, 'data-entry': id, 'data-state': state },
    element(
      'p',
      {},
      element('strong', {}, RESOLVER_WORDS[resolver]),
      ' of ',
      renderName(operator),
      ' in ',
      renderName(topology),
    ),
    element(
      'p',
      {},
      renderMark(isInForce ? 'trouble' : 'unknown', isInForce ? '✕' : '○', isInForce ? 'in force' : 'not applied now'),
      isInForce ? `: it was ${cause}, on ` : `: it was ${cause}, but the load is different now; on `,
      element('q', {}, DIAGNOSIS_WORDS[diagnosis]),
    ),
    element(
      'p',
      { class: 'quiet' },
      floor === null ? null : `Not below ${floor} under this load; `,
      'since ',
      renderTime(since, nowMs),
      expiresAt === null ? ', until it is removed' : [', ends ', renderTime(expiresAt, nowMs)],
    ),
    renderOrder(
      'forget',
      id,
      'Remove',
      `${RESOLVER_WORDS[resolver]} of ${quoteName(operator)} in ${quoteName(topology)}, from the blacklist`,
    ),
  );
}
