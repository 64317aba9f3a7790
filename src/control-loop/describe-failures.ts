// PURE: describes the failed queries of a look: whether Prometheus fails, or only some queries.
import { describeError, DhalionError } from '../errors.js';
import type { QueryFailure } from '../sensors/sense.js';

/** Queries that were sent, and those that failed. */
export interface QueryFailures {
  readonly failures: readonly QueryFailure[];
  readonly requests: number;
}

/** The common cause of failure, if all queries failed for the same reason; null: some succeeded, or the reasons differ. */
export function commonFaultOf({ failures, requests }: QueryFailures): string | null {
  const [first] = failures;
  if (first === undefined || failures.length < requests) return null;
  const isCommon = failures.every(({ error }) => identityOf(error) === identityOf(first.error));
  return isCommon ? describeError(first.error) : null;
}

/** `answers none of the 6 queries of engine flink: …`, `answers 5 of the 6 queries of engine flink, not those for busy: …` */
export function describeFailures(engine: string, { failures, requests }: QueryFailures): string {
  const answered = requests - failures.length;
  const purposes = failures.map(({ purpose }) => purpose).join(', ');
  const rest = answered === 0 ? '' : `, not those for ${purposes}`;
  const [first] = failures;
  const because = first === undefined ? '' : `: ${describeError(first.error)}`;
  return `answers ${answered === 0 ? 'none' : answered} of the ${requests} queries of engine ${engine}${rest}${because}`;
}

/** A timeout's message contains the remaining time, which differs between requests. */
function identityOf(error: unknown): string {
  const isTransport =
    error instanceof DhalionError && ['prometheus_unreachable', 'prometheus_timeout'].includes(error.code);
  return isTransport ? error.code : describeError(error);
}
