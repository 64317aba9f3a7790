// An action in words: one thing, of one operator or of several.
import type { Action } from './api-types.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { renderName, renderValue } from './pieces.js';
import { quoteName } from './quantities.js';
import { RESOLVER_WORDS } from './words.js';

type AskedOperator = Action['operators'][number];

/** `split 1 → 12, count 1 → 24`. */
export function renderAsked(action: Action): Child {
  return action.operators.map((asked, index) => [
    index > 0 && ', ',
    element(
      'span',
      { class: 'asked', 'data-asked': asked.operator },
      renderName(asked.operator),
      ' ',
      renderChange(asked),
    ),
  ]);
}

/** For a button that says what it is about. */
export function describeAction({ resolver, operators, topology }: Action): string {
  const names = operators.map(({ operator }) => quoteName(operator));
  const [last = ''] = names.slice(-1);
  const all = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last;
  return `${RESOLVER_WORDS[resolver]} of ${all} in ${quoteName(topology)}`;
}

/** `2 → 4` where the parallelism changes. */
function renderChange({ current_parallelism: current, desired_parallelism: desired }: AskedOperator): ElementNode {
  if (current === desired)
    return element('span', { class: 'change' }, renderValue(current, `× ${current}`, 'current_parallelism'));
  return element(
    'span',
    { class: 'change' },
    renderValue(current, String(current), 'current_parallelism'),
    ' → ',
    renderValue(desired, String(desired), 'desired_parallelism'),
  );
}
