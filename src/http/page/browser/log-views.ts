// What was done and what is kept in mind: the action log, the blacklist.
import { SHOWN_ACTIONS } from './api-client.js';
import type { Action, BlacklistEntry, Decision, Topology } from './api-types.js';
import { renderChange } from './doing-view.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { renderMark, renderName, renderOrder, renderSection, renderTable, renderTime } from './pieces.js';
import { quoteName } from './quantities.js';
import { BAD_OUTCOMES, DIAGNOSIS_WORDS, GOOD_OUTCOMES, HOLDS, OUTCOME_WORDS, RESOLVER_WORDS } from './words.js';

/** Alertmanager repeats what goes on far more often. */
const STRAY_FOR_MS = 3_600_000;

/** Alerts that were held because nobody configured their topology: those it has are told with it. null: there are none. */
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
    'Alerts for topologies not looked after',
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
        ),
      ),
    ),
  );
}

export function renderActions(actions: readonly Action[], nowMs: number): ElementNode {
  return renderSection(
    'actions',
    'Action log',
    null,
    actions.length === 0
      ? element('p', { class: 'note' }, 'No action has been begun yet.')
      : renderTable(
          `The newest actions${actions.length === SHOWN_ACTIONS ? ` (${SHOWN_ACTIONS})` : ''}`,
          [{ title: 'Begun' }, { title: 'Action' }, { title: 'Outcome' }, { title: 'Because' }],
          actions.map((action) => ({
            key: action.id,
            attributes: { 'data-action': action.id, 'data-state': action.state },
            cells: [
              renderTime(action.claimed_at, nowMs),
              [
                RESOLVER_WORDS[action.resolver],
                ' ',
                renderChange(action),
                ' of ',
                renderName(action.operator),
                element('span', { class: 'quiet' }, ' in ', renderName(action.topology)),
              ],
              [
                renderOutcome(action, nowMs),
                canBeCancelled(action) &&
                  renderOrder(
                    'cancel',
                    action.id,
                    'Cancel',
                    `${RESOLVER_WORDS[action.resolver]} of ${quoteName(action.operator)} in ${quoteName(action.topology)}`,
                  ),
              ],
              DIAGNOSIS_WORDS[action.diagnosis],
            ],
          })),
        ),
  );
}

/** What has ended is over, but for a revert that would be tried again. */
function canBeCancelled({ state, resolver, outcome, reverted_by: revertedBy }: Action): boolean {
  if (state !== 'judged') return true;
  return resolver === 'revert' && (outcome === 'failed' || outcome === 'not_applied') && revertedBy === null;
}

function renderOutcome(
  { state, outcome, judged_at: judgedAt, attempts, failure, dry_run: isDryRun, reverted_by: revertedBy }: Action,
  nowMs: number,
): Child {
  const kind =
    outcome === null
      ? 'open'
      : GOOD_OUTCOMES.includes(outcome)
        ? 'well'
        : BAD_OUTCOMES.includes(outcome)
          ? 'trouble'
          : 'unknown';
  const glyph = { open: '↻', well: '✓', trouble: '✕', unknown: '–' }[kind];
  const word = outcome ?? (isDryRun ? 'dry run' : state === 'claimed' ? 'calling' : 'settling');
  return [
    renderMark(kind, glyph, word),
    element(
      'span',
      { class: 'quiet', 'data-field': 'outcome', 'data-value': outcome ?? 'null' },
      outcome !== null && ` ${OUTCOME_WORDS[outcome]}`,
      judgedAt !== null && [', ', renderTime(judgedAt, nowMs)],
    ),
    attempts > 1 && element('span', { class: 'quiet' }, `, ${attempts} calls`),
    revertedBy !== null && element('span', { class: 'quiet' }, ', undone'),
    failure !== null && element('span', { class: 'failure', dir: 'auto' }, failure),
  ];
}

export function renderBlacklist(blacklist: readonly BlacklistEntry[], nowMs: number): ElementNode {
  return renderSection(
    'blacklist',
    'Blacklist',
    blacklist.length === 0 ? null : String(blacklist.length),
    blacklist.length === 0
      ? element('p', { class: 'note' }, 'Nothing is held against any resolver.')
      : element(
          'ul',
          { class: 'cards' },
          blacklist.map((entry) => renderEntry(entry, nowMs)),
        ),
  );
}

function renderEntry(entry: BlacklistEntry, nowMs: number): ElementNode {
  const { id, topology, operator, diagnosis, resolver, cause, since, expires_at: expiresAt, state } = entry;
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
      renderMark(isInForce ? 'trouble' : 'unknown', isInForce ? '✕' : '○', isInForce ? 'in force' : 'suspended'),
      isInForce ? `: it was ${cause}, on ` : `: it was ${cause}, but the load is different now; on `,
      element('q', {}, DIAGNOSIS_WORDS[diagnosis]),
    ),
    element(
      'p',
      { class: 'quiet' },
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
