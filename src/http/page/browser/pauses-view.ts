// Pauses in force, and the form for another one. The form's fields are never written by an update.
import type { Pause, Topology } from './api-types.js';
import { element, type ElementNode } from './page-node.js';
import { renderName, renderOrder, renderSection, renderTime } from './pieces.js';
import { quoteName, shorten } from './quantities.js';
import { RESOLVER_WORDS } from './words.js';

export interface PausesInput {
  readonly pauses: readonly Pause[];
  readonly topologies: readonly Topology[];
  /** Why the last pause that was asked for was refused; null: it was not. */
  readonly fault: string | null;
  readonly nowMs: number;
}

export function renderPauses({ pauses, topologies, fault, nowMs }: PausesInput): ElementNode {
  return renderSection(
    'pauses',
    'Pauses',
    pauses.length === 0 ? null : String(pauses.length),
    pauses.length === 0
      ? element('p', { class: 'note', key: 'none' }, 'Nothing is paused.')
      : element(
          'ul',
          { class: 'cards', key: 'list' },
          pauses.map((pause) => renderPause(pause, nowMs)),
        ),
    renderForm(topologies, fault),
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

function renderForm(topologies: readonly Topology[], fault: string | null): ElementNode {
  const field = (id: string, label: string, ...input: ElementNode[]): ElementNode =>
    element('div', { class: 'field' }, element('label', { for: id }, label), input);
  return element(
    'form',
    { id: 'pause-form', class: 'pause', 'aria-labelledby': 'pause-form-title', key: 'form' },
    element('h3', { id: 'pause-form-title' }, 'Pause'),
    element('p', { class: 'quiet' }, 'Holds back new actions, repeated calls and reverts. It survives a restart.'),
    field(
      'pause-topology',
      'Topology',
      element(
        'select',
        { id: 'pause-topology', name: 'topology' },
        element('option', { value: '', key: 'every' }, 'every topology'),
        topologies.map(({ topology }) =>
          element('option', { value: topology, key: `topology ${topology}` }, shorten(topology, 60)),
        ),
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
        placeholder: 'for whoever finds it paused',
      }),
    ),
    element('p', { id: 'pause-fault', class: 'fault', role: 'alert' }, fault),
    element('button', { type: 'submit', class: 'primary' }, 'Pause'),
  );
}
