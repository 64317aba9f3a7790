// An action in words: one thing, of one operator or of several.
import type { Action } from './api-types.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { renderName, renderValue } from './pieces.js';
import { quoteName } from './quantities.js';
import { OUTCOME_WORDS, RESOLVER_WORDS } from './words.js';

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

/** What came of it, in words; null: it is not over, or ended in a way that has none. */
export function describeOutcome({ resolver, outcome }: Action): string | null {
  if (outcome === null) return null;
  if (outcome !== 'resolved') return OUTCOME_WORDS[outcome];
  if (resolver === 'revert') return 'the old parallelism is back';
  // What was diagnosed is what there was too much of, which another step may yet show.
  return resolver === 'scale_down' ? 'nothing suffers from it' : OUTCOME_WORDS.resolved;
}

/** `the call failed: 401 …`, or `resolved, what was diagnosed is gone`; null: it is not over. */
export function describeEnd(action: Action): string | null {
  const { outcome, failure, held_up_by: heldUpBy } = action;
  if (outcome === null) return null;
  if (outcome === 'failed') return `the call failed${failure === null ? '' : `: ${failure}`}`;
  return `${outcome}, ${describeOutcome(action) ?? ''}${heldUpBy === null ? '' : `; it was held up: ${heldUpBy}`}`;
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
