// Opens the action log: dialect, schema, and a first write to show that it is writable.
import { systemClock, type Clock } from '../clock.js';
import type { ActionLog } from './action-log.js';
import { lockFolder, type FolderLock, type LockWait } from './folder-lock.js';
import { recordVersion } from './log-versions.js';
import { migrate } from './migrations.js';
import { openPostgresStorage } from './postgres-dialect.js';
import { SqlActionLog } from './sql-action-log.js';
import type { SqlStorage } from './sql-storage.js';
import { openSqliteStorage, sqliteFaultOf, sqliteNameOf } from './sqlite-dialect.js';

/** Where the log is; a PostgreSQL database takes precedence. */
export interface ActionLogPlace {
  /** Folder of the embedded database; created if missing. */
  readonly path: string;
  /** File with the URL of a PostgreSQL database; read again after connection faults. */
  readonly postgresUrlFile?: string | null;
}

const CONNECT_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 5000;
/** For one step, and for waiting until another replica has migrated. */
const MIGRATION_TIMEOUT_MS = 10 * 60_000;

export interface ActionLogOptions extends ActionLogPlace {
  readonly clock?: Clock;
  /** Process id; names this process to others that want the folder. */
  readonly pid?: number | undefined;
  /** How to wait while another process has the folder; default: a fault. */
  readonly wait?: LockWait | undefined;
}

/**
 * Rejects with `DhalionError('storage_unavailable')` if the log cannot be opened, migrated or written, or another process has
 * its folder.
 */
export async function createActionLog(options: ActionLogOptions): Promise<ActionLog> {
  const clock = options.clock ?? systemClock;
  const storage = await openMigrated(options, clock);
  const log = new SqlActionLog(storage, clock);
  try {
    await log.check();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function openMigrated(options: ActionLogOptions, clock: Clock): Promise<SqlStorage> {
  const { postgresUrlFile = null } = options;
  if (postgresUrlFile === null) return migrated(await openLocked(options, clock), clock);
  const open = (statementTimeoutMs: number): SqlStorage =>
    openPostgresStorage(postgresUrlFile, { connectTimeoutMs: CONNECT_TIMEOUT_MS, statementTimeoutMs });
  const migrating = await migrated(open(MIGRATION_TIMEOUT_MS), clock);
  await migrating.kysely.destroy();
  return open(STATEMENT_TIMEOUT_MS);
}

async function openLocked({ path, pid, wait }: ActionLogOptions, clock: Clock): Promise<SqlStorage> {
  let lock: FolderLock;
  try {
    lock = await lockFolder(path, { name: sqliteNameOf(path), clock, pid, wait });
  } catch (error) {
    throw sqliteFaultOf(path, error);
  }
  try {
    return openSqliteStorage(path, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function migrated(storage: SqlStorage, clock: Clock): Promise<SqlStorage> {
  try {
    await migrate(storage);
    await recordVersion(storage, clock.now());
    return storage;
  } catch (error) {
    await storage.kysely.destroy();
    throw error;
  }
}
