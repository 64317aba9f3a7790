// PURE: the queries of a look that failed, in words: whether it is Prometheus that fails, or some of what it is asked.
import { describeError, DhalionError } from '../errors.js';
import type { QueryFailure } from './sense.js';

/** Queries that were sent, and those that failed. */
export interface QueryFailures {
  readonly failures: readonly QueryFailure[];
  readonly requests: number;
}

/** What all queries failed of, if it is the same for all: then it is not about the queries. Null: some were answered, or failed otherwise. */
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

/** The time that was left when a request began is part of a timeout's message, and is not the same for all. */
function identityOf(error: unknown): string {
  const isTransport =
    error instanceof DhalionError && ['prometheus_unreachable', 'prometheus_timeout'].includes(error.code);
  return isTransport ? error.code : describeError(error);
}
