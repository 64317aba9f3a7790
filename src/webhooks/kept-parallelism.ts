// What the receiver's present setting becomes. One that is already above the target of a scale-up, or below that of a scale-down, is kept,
// and a log line says so. The series show later whether the job runs with it.
import type { Logger } from '../logger.js';
import type { Action } from '../model/action.js';

/** An operator that runs with `from` and is to run with `to`. */
export interface ParallelismChange {
  readonly from: number;
  readonly to: number;
}

/**
 * A scale-up never lowers a setting, and a scale-down never raises one: a setting of 4 stays 4 on the way from 2 to 3, since what runs
 * with 2 may run with 4. null: nothing is set.
 */
export function settingAfter(before: number | null, { from, to }: ParallelismChange): number {
  if (before === null) return to;
  return to > from ? Math.max(before, to) : Math.min(before, to);
}

/** Whether the setting is a kept one: no change leads to it. */
export function isKept(before: number | null, change: ParallelismChange): before is number {
  return before !== null && before !== change.to && settingAfter(before, change) === before;
}

export interface KeptParallelism extends ParallelismChange {
  readonly operator: string;
  /** The kept setting, in words: `the upper bound in Flink`; `found` is its value, as a field of the log line. */
  readonly what: string;
  readonly found: Readonly<Record<string, string | number>>;
  /** Whether nothing has to be written. */
  readonly isAllKept: boolean;
}

export function sayWhatIsKept(
  { logger, webhook }: { readonly logger: Logger; readonly webhook: { readonly name: string } },
  { topology, id }: Pick<Action, 'topology' | 'id'>,
  { operator, from, to, what, found, isAllKept }: KeptParallelism,
): void {
  logger.warn(
    {
      webhook: webhook.name,
      topology,
      operator,
      action: id,
      current_parallelism: from,
      desired_parallelism: to,
      ...found,
    },
    `${what} is already ${to > from ? 'above' : 'below'} the desired parallelism and is kept${isAllKept ? '; nothing is written' : ''}`,
  );
}
