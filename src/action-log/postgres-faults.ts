// What the errors of PostgreSQL and its driver mean to the action log. The driver's messages are not passed on: some contain
// parts of the URL.
import { DatabaseError } from 'pg';
import type { StorageFault } from './sql-storage.js';

/** By prefix of the SQLSTATE, longer ones first; appendix A of PostgreSQL's manual. */
const PROBLEMS: readonly (readonly [sqlState: string, problem: string])[] = [
  ['08', 'lost the connection'],
  ['25006', 'is read-only: a standby, or configured so'],
  ['25P03', 'ended a transaction that was idle for too long'],
  ['28', 'refused the login: check user and password in the URL'],
  ['3D000', 'does not exist on that server'],
  ['40', 'had a conflict with another replica at every attempt'],
  ['42501', 'denies this user a permission that the action log needs'],
  ['53100', 'cannot grow: the disk is full'],
  ['53300', 'accepts no more connections'],
  ['53', 'is out of resources'],
  ['55P03', 'is locked by another session'],
  ['57014', 'did not finish a statement in time'],
  ['57P03', 'is starting up or shutting down'],
  ['57P', 'is being shut down'],
  ['58', 'cannot be read or written: a server error'],
  ['XX001', 'is damaged: restore it from a backup'],
  ['XX002', 'is damaged: restore it from a backup'],
];

/** Another transaction interfered and this one was rolled back: run it again. */
export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
}

/** Whether the connection that reported the error is unusable, or should be replaced. */
export function endsConnection(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  return error.severity !== 'ERROR' || /^(?:08|25006|57P)/.test(error.code ?? '');
}

export function describePostgresFault(error: unknown): StorageFault {
  if (error instanceof DatabaseError) return describeAnswer(error.code ?? '');
  const problem = error instanceof Error && !(error instanceof TypeError) ? connectionProblemOf(error) : null;
  // Otherwise a fault of this program, not of the connection.
  return problem === null ? { problem: 'refused a statement', retryable: false } : { problem, retryable: true };
}

/** Connection errors that the driver distinguishes by message only. */
const CONNECTION_PROBLEMS: readonly (readonly [words: RegExp, problem: string])[] = [
  [/time(?:d )?out/i, 'does not answer'],
  [/terminated|not queryable|has been closed/i, 'lost the connection'],
  [/SSL/, 'does not support TLS, which the URL requires'],
  [/SASL|password/i, 'requires another password than the URL has'],
];

function connectionProblemOf(error: Error): string | null {
  if ('code' in error && typeof error.code === 'string') return `cannot be reached (${error.code})`;
  return CONNECTION_PROBLEMS.find(([words]) => words.test(error.message))?.[1] ?? null;
}

function describeAnswer(sqlState: string): StorageFault {
  const known = PROBLEMS.find(([prefix]) => sqlState.startsWith(prefix));
  if (known !== undefined) return { problem: known[1], retryable: true };
  if (sqlState === '42P01') return { problem: 'has lost tables: restart to create them again', retryable: false };
  return { problem: `refused a statement (SQLSTATE ${sqlState})`, retryable: false };
}
