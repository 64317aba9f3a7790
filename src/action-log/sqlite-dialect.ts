// SQLite, embedded: libsql (better-sqlite3's interface) under Kysely. Knows files, locks, pragmas and SQLite's error codes;
// migrations.ts and sql-action-log.ts decide what is stored. One connection, and every call blocks until the data is on disk:
// a commit is durable when it returns.
import { dirname, isAbsolute, join, resolve } from 'node:path';
import {
  CamelCasePlugin,
  Kysely,
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Dialect,
  type SqliteDatabase,
} from 'kysely';
import Database from 'libsql';
import { createFileGuard, type FileGuard } from './file-guard.js';
import type { FolderLock } from './folder-lock.js';
import { makeFolder } from './make-folder.js';
import type { ActionLogTables } from './tables.js';
import type { DhalionError } from '../errors.js';
import { storageFaultOf, type SqlStorage, type StorageFault } from './sql-storage.js';
import { StatementCache } from './statement-cache.js';

const FILE_NAME = 'action-log.db';
/** How long a statement waits for another process's lock; short, because the event loop waits too. */
const BUSY_TIMEOUT_MS = 500;

/**
 * Opens `<folder>/action-log.db`, and creates folder and file if missing. Throws `DhalionError('storage_unavailable')` naming
 * the file.
 * @param lock of the folder, released when the storage is closed; null: the caller knows that it is alone
 */
export function openSqliteStorage(folder: string, lock: FolderLock | null = null): SqlStorage {
  const file = sqliteFileOf(folder);
  const name = sqliteNameOf(folder);
  try {
    const database = openFile(file);
    const guard = createFileGuard(file, name, database);
    return {
      kysely: new Kysely<ActionLogTables>({
        dialect: sqliteDialect(database, guard, lock),
        plugins: [new CamelCasePlugin()],
      }),
      name,
      countedKey: ['integer', (column) => column.primaryKey().autoIncrement()],
      nameKey: null,
      describeFault,
      // Writers wait for one another from the start of a transaction.
      isConflict: () => false,
    };
  } catch (error) {
    throw sqliteFaultOf(folder, error);
  }
}

export function sqliteFileOf(folder: string): string {
  return join(resolve(folder), FILE_NAME);
}

/** For messages. */
export function sqliteNameOf(folder: string): string {
  return `the action log at ${sqliteFileOf(folder)}`;
}

/** The fault for an error of opening or locking. */
export function sqliteFaultOf(folder: string, error: unknown): DhalionError {
  return storageFaultOf(
    {
      name: sqliteNameOf(folder),
      describeFault: (thrown) => {
        const { problem, retryable } = describeFault(thrown);
        return { problem: `${problem}${placeHint(folder, problem)}`, retryable };
      },
    },
    error,
  );
}

/** A service manager starts programs in `/`; a relative path was probably meant to be beside the configuration. */
function placeHint(folder: string, problem: string): string {
  if (isAbsolute(folder) || !CANNOT_BE_THERE.includes(problem)) return '';
  return ` (${folder} is below the working directory, ${resolve('.')}: give an absolute storage.path or --storage.path, or another working directory)`;
}

function openFile(file: string): Database.Database {
  makeFolder(dirname(file));
  const database = new Database(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.pragma('journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function sqliteDialect(database: Database.Database, guard: FileGuard, lock: FolderLock | null): Dialect {
  const statements = new StatementCache(database, () => lock?.release());
  const verify = (): void => {
    guard.verify();
    lock?.verify();
  };
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new ImmediateDriver(database, statements, { verify, accept: guard.accept }),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** SQLite's DDL is transactional, though Kysely's adapter does not say so: a migration happens entirely or not at all. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Takes the write lock at the start of a transaction, so that only this step can meet a lock held elsewhere: libsql leaves a
 * statement that meets one unfinished, and an unfinished write keeps every later transaction from committing. Hence all
 * writes belong into transactions, and these commands are not prepared. If the guard finds a fault, the transaction is not
 * started, or its commit is not acknowledged.
 */
class ImmediateDriver extends SqliteDriver {
  readonly #database: Database.Database;
  readonly #guard: FileGuard;

  constructor(database: Database.Database, statements: SqliteDatabase, guard: FileGuard) {
    super({ database: statements });
    this.#database = database;
    this.#guard = guard;
  }

  override beginTransaction(): Promise<void> {
    return promiseOf(() => {
      // Left open if a rollback failed; without this, no transaction could begin again.
      this.#rollback();
      this.#guard.verify();
      this.#database.exec('BEGIN IMMEDIATE');
    });
  }

  override commitTransaction(): Promise<void> {
    return promiseOf(() => {
      this.#database.exec('COMMIT');
      this.#guard.accept();
    });
  }

  override rollbackTransaction(): Promise<void> {
    return promiseOf(() => {
      this.#rollback();
    });
  }

  #rollback(): void {
    // A full disk or an I/O error may have rolled back already; a second rollback would hide the first error.
    if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
  }
}

/** Runs the work at once; an error becomes a rejection. */
function promiseOf(work: () => void): Promise<void> {
  return new Promise((resolve) => {
    work();
    resolve();
  });
}

const CANNOT_CREATE = 'cannot be created';
const CANNOT_OPEN = 'cannot be opened for writing';
const CANNOT_BE_THERE = [CANNOT_CREATE, CANNOT_OPEN];

/** SQLite's result codes, by prefix of their names. */
const PROBLEMS: readonly (readonly [code: string, problem: string])[] = [
  ['SQLITE_BUSY', 'is locked by another process'],
  ['SQLITE_LOCKED', 'is locked'],
  ['SQLITE_FULL', 'cannot grow: the disk is full'],
  ['SQLITE_READONLY', 'cannot be written: the file or its file system is read-only'],
  ['SQLITE_NOTADB', 'is not an SQLite database: restore it from a backup, or move it away and restart'],
  ['SQLITE_CORRUPT', 'is damaged: restore it from a backup, or move it away and restart'],
  ['SQLITE_CANTOPEN', CANNOT_OPEN],
  ['SQLITE_PERM', CANNOT_OPEN],
  ['SQLITE_IOERR', 'cannot be read or written: I/O error'],
];

function describeFault(error: unknown): StorageFault {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = PROBLEMS.find(([prefix]) => code.startsWith(prefix));
  if (known !== undefined) return { problem: known[1], retryable: true };
  if (String(error).includes('ConnectionFailed')) return { problem: CANNOT_OPEN, retryable: true };
  // Node's own, from creating the folder: EACCES, ENOTDIR, EROFS, ENOSPC …
  if (/^E[A-Z]+$/.test(code)) return { problem: CANNOT_CREATE, retryable: true };
  return { problem: 'refused a statement', retryable: false };
}
