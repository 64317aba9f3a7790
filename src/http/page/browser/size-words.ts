// Explains a size in one line, the same for a recommendation, an action, and a terminal:
// `input suspended 51 % of the time because of it, offered 2.1 × what is served, 98 % busy → 2 → 5`. Pure.
import type { Action, Operator, Topology } from './api-types.js';
import { formatNumber, formatShare, quoteName } from './quantities.js';

interface SizeFacts {
  readonly suspended: number | null;
  readonly offered: number | null;
  readonly limit: Topology['flow_limit'];
  readonly busy: number | null;
  readonly needed: number | null;
  readonly current: number | null;
  readonly wanted: number;
  readonly isBound: boolean;
  readonly expected: number | null;
}

/** What an action asks of an operator, and why; null: unknown. */
export function describeAsked(asked: Action['operators'][number]): string | null {
  const { reason } = asked;
  return describeArithmetic({
    suspended: reason.suspended_ratio,
    offered: reason.offered_ratio,
    limit: null,
    busy: reason.effective_busy,
    needed: reason.needed_instances,
    current: asked.current_parallelism,
    wanted: asked.desired_parallelism,
    isBound: false,
    expected: reason.expected_busy,
  });
}

/**
 * Why another size is recommended, or why the operator keeps its size. null: no explanation.
 * @param limit the bound on the load that its whole topology is sized for
 */
export function describeSizing(operator: Operator, limit: Topology['flow_limit']): string | null {
  const { parallelism, recommended_parallelism: wanted, left_alone_because: because } = operator;
  if (wanted === null || wanted === parallelism) return because === null ? null : `left as it is: ${because}`;
  return describeArithmetic({
    suspended: operator.suspended_ratio,
    offered: operator.offered_ratio,
    limit,
    busy: operator.effective_busy,
    needed: operator.needed_instances,
    current: parallelism,
    wanted,
    isBound: wanted === operator.max_parallelism,
    expected: operator.expected_busy,
  });
}

/** Why another size is recommended, without the sizes. null: no explanation. */
export function describeCauses(operator: Operator, limit: Topology['flow_limit']): string | null {
  const causes = listCauses({
    suspended: operator.suspended_ratio,
    offered: operator.offered_ratio,
    limit,
    busy: operator.effective_busy,
    needed: operator.needed_instances,
  });
  return causes.length === 0 ? null : causes.join(', ');
}

function describeArithmetic({ current, wanted, isBound, expected, ...facts }: SizeFacts): string | null {
  const causes = listCauses(facts);
  if (causes.length === 0 && expected === null) return null;
  const change = describeChange({ current, wanted, isBound, expected });
  return [...(causes.length === 0 ? [] : [causes.join(', ')]), ...change].join(' → ');
}

type Causes = Pick<SizeFacts, 'suspended' | 'offered' | 'limit' | 'busy' | 'needed'>;

function listCauses({ suspended, offered, limit, busy, needed }: Causes): string[] {
  const isLimited = limit !== null && offered !== null && limit.ratio < offered;
  return [
    suspended === null || suspended === 0
      ? null
      : `input suspended ${formatShare(suspended)} of the time because of it`,
    offered === null ? null : `offered ${formatNumber(offered)} × what is served`,
    isLimited ? `${quoteName(limit.operator)} lets no more than ${formatNumber(limit.ratio)} × through` : null,
    busy === null ? null : `${formatShare(busy)} busy`,
    needed === null ? null : `the work of ${countOf(needed)}`,
  ].filter((cause) => cause !== null);
}

function countOf(instances: number): string {
  const count = formatNumber(instances);
  return count === '1' ? '1 instance' : `${count} instances`;
}

/** A restart changes no size. */
function describeChange({
  current,
  wanted,
  isBound,
  expected,
}: Pick<SizeFacts, 'current' | 'wanted' | 'isBound' | 'expected'>): string[] {
  if (current === wanted) return [];
  const bound = isBound ? ' (its bound)' : '';
  const outcome = expected === null ? '' : `, then ${formatShare(expected)} busy`;
  return [current === null ? 'not known' : String(current), `${wanted}${bound}${outcome}`];
}
