// An action in words: one thing, of one operator or of several.
import type { Action, Operator, Topology } from './api-types.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { renderName, renderValue } from './pieces.js';
import { formatNumber, formatShare, quoteName } from './quantities.js';
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

/** Why these sizes: how much more is offered than served, and how busy that leaves what is asked for. null: it is not known. */
export function describeSize({ reason, desired_parallelism: desired }: AskedOperator): string | null {
  const { offered_ratio: offered, expected_busy: expected, needed_instances: needed } = reason;
  const words = [
    offered === null ? null : `${formatNumber(offered)} times what it serves is offered`,
    needed === null ? null : `the work of ${formatNumber(needed)} instances`,
    expected === null ? null : `${desired} of them are to be ${formatShare(expected)} busy`,
  ].filter((one) => one !== null);
  return words.length === 0 ? null : words.join(', ');
}

/**
 * Why this size is recommended, of an operator that is too small or too large, or why it is left as it is: offered over
 * served, how busy, what limits it. null: there is nothing to say.
 */
export function describeSizing(operator: Operator, limit: Topology['flow_limit']): string | null {
  const { parallelism, recommended_parallelism: recommended, left_alone_because: because } = operator;
  const isToChange = recommended !== null && recommended !== parallelism;
  if (!isToChange) return because === null ? null : `left as it is: ${because}`;
  const { offered_ratio: offered, effective_busy: busy, needed_instances: needed, expected_busy: expected } = operator;
  const isCapped = limit !== null && offered !== null && limit.ratio < offered;
  const words = [
    offered === null ? null : `${formatNumber(offered)} times what it serves is offered`,
    isCapped ? `${quoteName(limit.operator)} lets no more than ${formatNumber(limit.ratio)} times through` : null,
    busy === null ? null : `its busiest instance is ${formatShare(busy)} busy`,
    needed === null ? null : `the load is the work of ${formatNumber(needed)} instances`,
    expected === null ? null : `${recommended} of them are to be ${formatShare(expected)} busy`,
    recommended === operator.max_parallelism ? `${recommended} is its bound` : null,
  ].filter((one) => one !== null);
  return words.length === 0 ? null : words.join('; ');
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
