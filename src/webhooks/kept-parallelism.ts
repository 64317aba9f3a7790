// Says that what a receiver has asks for more already than a scale-up wants, or for less than a scale-down wants, so that it is kept. The
// job may run with as much as was asked for, and more, or with less: what is seen then shows whether it does.
import type { Logger } from '../logger.js';
import type { Action } from '../model/action.js';

export interface KeptParallelism {
  readonly operator: string;
  readonly from: number;
  readonly to: number;
  /** What is kept, in words: `the upper bound in Flink`; and as a field of the log line. */
  readonly what: string;
  readonly found: Readonly<Record<string, string | number>>;
  /** Whether nothing is left to be written. */
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
    `${what} asks for ${to > from ? 'more' : 'less'} already: it is kept${isAllKept ? ', and nothing is written' : ''}`,
  );
}
