// Pauses in force, and the form for a new one. An update never writes the form's fields.
import type { Pause, Topology } from './api-types.js';
import { element, type ElementNode } from './page-node.js';
import { renderName, renderOrder, renderSection, renderTime } from './pieces.js';
import { quoteName, shorten } from './quantities.js';
import { RESOLVER_WORDS } from './words.js';

export interface PausesInput {
  readonly pauses: readonly Pause[];
  readonly topologies: readonly Topology[];
  /** The form's current choice: it remains available if its topology vanishes. */
  readonly choice: string;
  /** Why the last requested pause was refused; null: it was not. */
  readonly fault: string | null;
  readonly nowMs: number;
}

/** Empty by default: a browser that lost the choice must not select everything instead. */
const NO_CHOICE = '';
const EVERY_TOPOLOGY = 'every';
const ONE_TOPOLOGY = 'one ';

/** The form's value for a topology, whatever its name. */
export function choiceOf(topology: string): string {
  return `${ONE_TOPOLOGY}${topology}`;
}

/** The chosen topology; null: all. Throws without a choice. */
export function chosenTopology(choice: string): string | null {
  if (choice === EVERY_TOPOLOGY) return null;
  if (choice.startsWith(ONE_TOPOLOGY)) return choice.slice(ONE_TOPOLOGY.length);
  throw new Error('Choose a topology.');
}

export function renderPauses({ pauses, topologies, choice, fault, nowMs }: PausesInput): ElementNode {
  return renderSection(
    'pauses',
    'Pauses',
    pauses.length === 0 ? null : String(pauses.length),
    pauses.length === 0
      ? element('p', { class: 'note', key: 'none' }, 'No pauses.')
      : element(
          'ul',
          { class: 'cards', key: 'list' },
          pauses.map((pause) => renderPause(pause, nowMs)),
        ),
    renderForm(topologies, choice, fault),
  );
}

function renderPause(
  { id, topology, resolver, reason, created_at: createdAt, expires_at: expiresAt }: Pause,
  nowMs: number,
): ElementNode {
  return element(
    'li',
    { key: id, 'data-pause': id },
    element(
      'p',
      {},
      element('strong', {}, topology === null ? 'Every topology' : renderName(topology)),
      resolver === null ? ', everything' : `, ${RESOLVER_WORDS[resolver]}`,
    ),
    element('p', {}, element('q', { dir: 'auto' }, reason)),
    element('p', { class: 'quiet' }, 'since ', renderTime(createdAt, nowMs), ', ends ', renderTime(expiresAt, nowMs)),
    renderOrder(
      'end-pause',
      id,
      'End the pause',
      topology === null ? 'of every topology' : `of ${quoteName(topology)}`,
    ),
  );
}

function renderForm(topologies: readonly Topology[], choice: string, fault: string | null): ElementNode {
  const field = (id: string, label: string, ...input: ElementNode[]): ElementNode =>
    element('div', { class: 'field' }, element('label', { for: id }, label), input);
  return element(
    'form',
    { id: 'pause-form', class: 'pause', 'aria-labelledby': 'pause-form-title', key: 'form' },
    element('h3', { id: 'pause-form-title' }, 'Pause'),
    element('p', { class: 'quiet' }, 'Holds new actions, repeated calls and reverts. Survives a restart.'),
    field(
      'pause-topology',
      'Topology',
      element(
        'select',
        { id: 'pause-topology', name: 'topology', required: true },
        element('option', { value: NO_CHOICE, key: 'none' }, 'choose one'),
        element('option', { value: EVERY_TOPOLOGY, key: 'every' }, 'every topology'),
        renderChoices(topologies, choice),
      ),
    ),
    field(
      'pause-resolver',
      'Resolver',
      element(
        'select',
        { id: 'pause-resolver', name: 'resolver' },
        element('option', { value: '' }, 'every resolver'),
        Object.entries(RESOLVER_WORDS).map(([resolver, words]) => element('option', { value: resolver }, words)),
      ),
    ),
    field(
      'pause-duration',
      'For how long',
      element('input', {
        id: 'pause-duration',
        name: 'duration',
        required: true,
        value: '2h',
        autocomplete: 'off',
        'aria-describedby': 'pause-duration-hint',
      }),
      element('span', { id: 'pause-duration-hint', class: 'quiet' }, 'such as 30m, 2h or 1d; at most 30d'),
    ),
    field(
      'pause-reason',
      'Why',
      element('input', {
        id: 'pause-reason',
        name: 'reason',
        required: true,
        maxlength: 500,
        autocomplete: 'off',
        placeholder: 'shown with the pause',
      }),
    ),
    element('p', { id: 'pause-fault', class: 'fault', role: 'alert' }, fault),
    element('button', { type: 'submit', class: 'primary' }, 'Pause'),
  );
}

/** Ordered by name, including the chosen one even if it is not seen any more. */
function renderChoices(topologies: readonly Topology[], choice: string): ElementNode[] {
  const seen = new Set(topologies.map(({ topology }) => topology));
  const chosen = choice.startsWith(ONE_TOPOLOGY) ? [choice.slice(ONE_TOPOLOGY.length)] : [];
  return [...new Set([...seen, ...chosen])]
    .sort()
    .map((name) =>
      element(
        'option',
        { value: choiceOf(name), key: choiceOf(name) },
        `${shorten(name, 60)}${seen.has(name) ? '' : ' (not seen now)'}`,
      ),
    );
}
