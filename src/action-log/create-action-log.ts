// Opens the action log: dialect, schema, and a first write that shows it can be written.
import { systemClock, type Clock } from '../clock.js';
import type { ActionLog } from './action-log.js';
import { migrate } from './migrations.js';
import { openPostgresStorage } from './postgres-dialect.js';
import { SqlActionLog } from './sql-action-log.js';
import type { SqlStorage } from './sql-storage.js';
import { openSqliteStorage } from './sqlite-dialect.js';

/** Where the log is; the PostgreSQL database is taken if it is given. */
export interface ActionLogPlace {
  /** Folder of the embedded database, made if there is none. */
  readonly path: string;
  /** File with the URL of a PostgreSQL database, read again after faults of the connection. */
  readonly postgresUrlFile?: string | null;
}

const CONNECT_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 5000;
/** Of one step, and of waiting for another replica that is migrating. */
const MIGRATION_TIMEOUT_MS = 10 * 60_000;

/** Rejects with `DhalionError('storage_unavailable')` if it cannot be opened, brought up to date or written. */
export async function createActionLog(options: ActionLogPlace & { readonly clock?: Clock }): Promise<ActionLog> {
  const storage = await openMigrated(options);
  const log = new SqlActionLog(storage, options.clock ?? systemClock);
  try {
    await log.check();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function openMigrated({ path, postgresUrlFile = null }: ActionLogPlace): Promise<SqlStorage> {
  if (postgresUrlFile === null) return migrated(openSqliteStorage(path));
  const open = (statementTimeoutMs: number): SqlStorage =>
    openPostgresStorage(postgresUrlFile, { connectTimeoutMs: CONNECT_TIMEOUT_MS, statementTimeoutMs });
  const migrating = await migrated(open(MIGRATION_TIMEOUT_MS));
  await migrating.kysely.destroy();
  return open(STATEMENT_TIMEOUT_MS);
}

async function migrated(storage: SqlStorage): Promise<SqlStorage> {
  try {
    await migrate(storage);
    return storage;
  } catch (error) {
    await storage.kysely.destroy();
    throw error;
  }
}
