// Renders an action in words: one action, of one operator or of several.
import type { Action } from './api-types.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { describeAim } from './instance-words.js';
import { renderName, renderValue } from './pieces.js';
import { quoteName } from './quantities.js';
import { OUTCOME_WORDS, RESOLVER_WORDS } from './words.js';

type AskedOperator = Action['operators'][number];

/** `restart` of some instances, `scale up` of an operator. */
export function verbOf({ resolver }: Action): string {
  return resolver === 'restart_instances' ? 'restart' : RESOLVER_WORDS[resolver];
}

/** `split 1 → 12, count 1 → 24`, `instance 1 of split (of 3)`. */
export function renderAsked({ resolver, operators }: Action): Child {
  return operators.map((asked, index) => {
    const aim = describeAim(resolver, asked);
    return [
      index > 0 && ', ',
      element(
        'span',
        { class: 'asked', 'data-asked': asked.operator },
        aim?.before ?? null,
        renderName(asked.operator),
        aim === null ? [' ', renderChange(asked)] : renderSame(asked, aim.after),
      ),
    ];
  });
}

/** For a button that names its object. */
export function describeAction(action: Action): string {
  const { resolver, operators, topology } = action;
  const names = operators.map((asked) => {
    return `${describeAim(resolver, asked)?.before ?? ''}${quoteName(asked.operator)}`;
  });
  const [last = ''] = names.slice(-1);
  const all = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last;
  return `${verbOf(action)} of ${all} in ${quoteName(topology)}`;
}

/** The result in words; null: not judged yet, or an outcome without a text. */
export function describeOutcome({ resolver, outcome }: Action): string | null {
  if (outcome === null) return null;
  if (outcome !== 'resolved') return OUTCOME_WORDS[outcome];
  if (resolver === 'revert') return 'the old parallelism is back';
  // A successful scale-down removes the surplus that was diagnosed; another step may still find more.
  return resolver === 'scale_down' ? 'nothing suffers from it' : OUTCOME_WORDS.resolved;
}

/** `the call failed: 401 …`, or `resolved, the diagnosis is gone`; null: not judged yet. */
export function describeEnd(action: Action): string | null {
  const { outcome, failure, held_up_by: heldUpBy } = action;
  if (outcome === null) return null;
  if (outcome === 'failed') return `the call failed${failure === null ? '' : `: ${failure}`}`;
  return `${outcome}, ${describeOutcome(action) ?? ''}${heldUpBy === null ? '' : `; it was held up: ${heldUpBy}`}`;
}

/** `2 → 4`. */
function renderChange({ current_parallelism: current, desired_parallelism: desired }: AskedOperator): ElementNode {
  return element(
    'span',
    { class: 'change' },
    renderValue(current, String(current), 'current_parallelism'),
    ' → ',
    renderValue(desired, String(desired), 'desired_parallelism'),
  );
}

function renderSame({ current_parallelism: current }: AskedOperator, words: string): ElementNode {
  return element('span', {}, renderValue(current, words, 'current_parallelism'));
}
