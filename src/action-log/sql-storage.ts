// The interface between the action log and a database: everything that differs between SQL dialects. Each dialect has one
// file that creates a SqlStorage: sqlite-dialect.ts, postgres-dialect.ts.
import type { ColumnBuilderCallback, ColumnDataType, Kysely } from 'kysely';
import { DhalionError } from '../errors.js';
import type { NameKey } from './name-keys.js';
import type { ActionLogTables } from './tables.js';

export interface StorageFault {
  /** The fault, as the end of a sentence that begins with the storage's name. */
  readonly problem: string;
  readonly retryable: boolean;
}

export interface SqlStorage {
  readonly kysely: Kysely<ActionLogTables>;
  /** For messages: `the action log at /var/lib/dhalion/action-log.db`. */
  readonly name: string;
  /** Type and modifiers of a primary key that the database counts upwards and never reuses. */
  readonly countedKey: readonly [ColumnDataType, ColumnBuilderCallback];
  /** The key in its indexes over names. */
  readonly nameKey: NameKey;
  /** What an error thrown by the driver means. */
  describeFault(error: unknown): StorageFault;
  /** Whether a transaction lost against one of another process, and may be retried at once. */
  isConflict(error: unknown): boolean;
}

/** The fault to reject with for any error of the driver. */
export function storageFaultOf(storage: Pick<SqlStorage, 'name' | 'describeFault'>, error: unknown): DhalionError {
  if (error instanceof DhalionError) return error;
  const { problem, retryable } = storage.describeFault(error);
  return new DhalionError('storage_unavailable', `${storage.name} ${problem}`, { cause: error, retryable });
}
