// PURE: what waits outside a source, and how many of its instances have something to read.
import type { Reading, SourceBacklogStatistics } from '../model/measurement.js';
import { valueAt, type InstanceRow } from './instance-table.js';
import {
  failureOf,
  isApplicable,
  partOf,
  senseInstance,
  sumOf,
  sumOfParts,
  type OperatorStep,
  type SensedValue,
  type TableStep,
} from './instance-values.js';

/** From here on an instance did nothing all window; means are not exact. */
const IDLE = 0.99;

export interface SourceBacklog {
  readonly reading: Reading<SourceBacklogStatistics>;
  /** More instances than this have nothing to read; null: not known. */
  readonly partitions: number | null;
}

/**
 * Not every source has a backlog (push sources), so one without any series of it in the whole window has none. An instance
 * of one that has, but has none itself, has no partition if it does nothing all window; else its backlog is missing.
 */
export function readSourceBacklog(operator: OperatorStep): SourceBacklog {
  const { engine, at, spec, present, expected } = operator;
  const withoutBacklog = { partitions: null, reading: { kind: 'not_applicable' } } as const;
  if (!isApplicable(engine, 'source_backlog', spec)) return withoutBacklog;
  const failure = failureOf(at, 'source_backlog');
  if (failure !== null) return { partitions: null, reading: { kind: 'missing', because: failure } };
  const sensed = present.flatMap((row) => senseInstance(at, row, 'source_backlog') ?? []);
  if (sensed.length === 0 && !reportedInWindow(operator)) return withoutBacklog;
  const reporting = new Set(sensed.map(({ row }) => row));
  const without = present.filter((row) => !reporting.has(row));
  const idle = without.filter((row) => doesNothing(at, row));
  if (sensed.length === 0 || sensed.length + idle.length !== expected) {
    const because = `${sensed.length + (sensed.length === 0 ? 0 : idle.length)} of ${expected} operator instances report`;
    return { partitions: null, reading: { kind: 'missing', because } };
  }
  const slopePerSecond = sumOfParts(operator, sensed, 'source_backlog', 'slope');
  return {
    reading: { kind: 'measured', total: sumOf(sensed), slopePerSecond },
    partitions: countPartitions(operator, sensed, idle),
  };
}

function reportedInWindow({ at, rows }: OperatorStep): boolean {
  const positions = at.table.positions['source_backlog/slope'] ?? [];
  return [...rows.instances.values()].some(({ columns }) =>
    positions.some((position) => valueAt(columns[position], at.step) !== undefined),
  );
}

/** It was there all window, processes nothing and is idle throughout, or, where the engine does not tell idle time, not busy. */
function doesNothing(at: TableStep, row: InstanceRow): boolean {
  const rate = senseInstance(at, row, 'processing_rate');
  if (rate?.value !== 0 || partOf(at, rate, 'processing_rate', 'start') === null) return false;
  const idle = senseInstance(at, row, 'idle')?.value;
  const busy = senseInstance(at, row, 'busy')?.value;
  return idle === undefined ? busy !== undefined && busy <= 1 - IDLE : idle >= IDLE;
}

/** As the engine counts them; else, once some instances have none, as many as have a backlog. */
function countPartitions(
  { at }: OperatorStep,
  withBacklog: readonly SensedValue[],
  idle: readonly InstanceRow[],
): number | null {
  const counted = withBacklog.map(({ row }) => senseInstance(at, row, 'source_partitions')?.value ?? null);
  if (!counted.includes(null)) return counted.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return idle.length > 0 ? withBacklog.length : null;
}
