// Logs that the receiver's present setting is kept: it is already above the target of a scale-up, or below that of a scale-down.
// The series show later whether the job runs with it.
import type { Logger } from '../logger.js';
import type { Action } from '../model/action.js';

export interface KeptParallelism {
  readonly operator: string;
  readonly from: number;
  readonly to: number;
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
