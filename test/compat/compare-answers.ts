// PURE: what two servers answered to the same query at the same instant, compared; and many such comparisons as a table.
import type { VectorSample } from '../../src/sensors/prometheus-answer.js';

/** The answer; a string: the fault instead. */
export type Reply = readonly VectorSample[] | string;

export const DIFFERENCES = ['none', 'values', 'series', 'fault'] as const;
/** none: the same · values: the same series, other values · series: other series · fault: one has not answered. */
export type Difference = (typeof DIFFERENCES)[number];

/** Sums over the same samples may be added up in another order. */
const RELATIVE_ERROR = 1e-9;

export function compareReplies(expected: Reply, found: Reply): Difference {
  if (typeof expected === 'string' || typeof found === 'string') return 'fault';
  const values = new Map(expected.map((sample) => [keyOf(sample), sample.value]));
  const keys = new Set(found.map(keyOf));
  if (values.size !== expected.length || keys.size !== found.length) return 'series';
  if (keys.size !== values.size || [...keys].some((key) => !values.has(key))) return 'series';
  return found.every((sample) => isSame(values.get(keyOf(sample)) ?? NaN, sample.value)) ? 'none' : 'values';
}

export interface Comparison {
  readonly server: string;
  readonly engine: string;
  readonly purpose: string;
  readonly difference: Difference;
  /** Series that were expected. */
  readonly series: number;
}

/** A row for each query, a column for each server: at how many instants the answer was the same, and what differed at the others. */
export function renderComparisons(comparisons: readonly Comparison[]): string {
  const servers = unique(comparisons.map(({ server }) => server));
  const queries = unique(comparisons.map(({ engine, purpose }) => `${engine}|${purpose}`));
  const rows = queries.map((query) => {
    const ofQuery = comparisons.filter(({ engine, purpose }) => `${engine}|${purpose}` === query);
    const [engine = '', purpose = ''] = query.split('|');
    const most = Math.max(...ofQuery.map(({ series }) => series));
    const cells = servers.map((server) => cellOf(ofQuery.filter((one) => one.server === server)));
    return `| \`${engine}\` | ${purpose} | ${[most, ...cells].join(' | ')} |`;
  });
  return [
    `| engine | query | series | ${servers.join(' | ')} |`,
    `| --- | --- | ${['series', ...servers].map(() => '---').join(' | ')} |`,
    ...rows,
  ].join('\n');
}

/** `100 of 100`, `93 of 100 (7 values)` */
function cellOf(comparisons: readonly Comparison[]): string {
  const counts = DIFFERENCES.map((difference) => {
    return { difference, count: comparisons.filter((one) => one.difference === difference).length };
  });
  const same = counts.find(({ difference }) => difference === 'none')?.count ?? 0;
  const others = counts.filter(({ difference, count }) => difference !== 'none' && count > 0);
  const rest = others.map(({ difference, count }) => `${count} ${difference}`).join(', ');
  return `${same} of ${comparisons.length}${rest === '' ? '' : ` (${rest})`}`;
}

function isSame(one: number, other: number): boolean {
  if (!Number.isFinite(one) || !Number.isFinite(other)) return Object.is(one, other);
  return one === other || Math.abs(one - other) <= RELATIVE_ERROR * Math.max(Math.abs(one), Math.abs(other), 1);
}

/** A label that is empty is one that is not there. */
function keyOf({ labels }: VectorSample): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
