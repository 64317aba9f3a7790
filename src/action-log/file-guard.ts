// Whether the files of an open SQLite database are still the ones that a restart, or a reader of a copy, would open. SQLite
// does not notice: it continues with its open files, which are lost when the process ends.
import { statSync, type BigIntStats } from 'node:fs';
import Database from 'libsql';
import { DhalionError } from '../errors.js';

interface Seen {
  readonly database: BigIntStats;
  readonly wal: BigIntStats;
  readonly sharedMemory: BigIntStats;
}

export interface FileGuard {
  /**
   * Call it before each transaction and after each commit, when none is open. Throws `storage_unavailable` if others removed,
   * replaced, truncated or damaged a file. If only the write-ahead log was removed, its content is saved first, and the next
   * call succeeds.
   */
  readonly verify: () => void;
  /** Call it after each commit: accepts the files as this process left them. Throws as `verify` does. */
  readonly accept: () => void;
}

/** @param name for messages: `the action log at …` */
export function createFileGuard(file: string, name: string, database: Database.Database): FileGuard {
  let seen = look(file) ?? lookWithFilesOpen(file, database);
  /** Permanent: further writes do not repair truncated or overwritten data. */
  let damage: DhalionError | null = null;

  const fault = (problem: string, options: { retryable?: boolean } = {}): DhalionError =>
    new DhalionError('storage_unavailable', `${name} ${problem}`, options);

  const find = (): Seen => {
    const found = statOf(file);
    if (found === null || !isSame(found, seen.database)) {
      throw fault('was removed or replaced while it was in use: put it back, or restart to open the present file');
    }
    if (found.size < seen.database.size) {
      damage = fault('was truncated while it was in use: restore it from a copy and restart');
    }
    if (damage !== null) throw damage;
    const wal = statOf(`${file}-wal`);
    const sharedMemory = statOf(`${file}-shm`);
    if (
      (wal !== null && !isSame(wal, seen.wal)) ||
      (sharedMemory !== null && !isSame(sharedMemory, seen.sharedMemory))
    ) {
      throw fault('had its write-ahead log replaced while it was in use: restart to open the present files');
    }
    if (wal !== null && sharedMemory !== null) return { database: found, wal, sharedMemory };
    const renewed = renewWal(file, database);
    const rest = renewed === null ? 'cannot be saved yet' : 'has been saved';
    seen = renewed ?? seen;
    throw fault(`lost its write-ahead log while it was in use: the content of that log ${rest}`, { retryable: true });
  };

  return {
    verify: () => {
      const found = find();
      if (isUntouched(found, seen)) return;
      // Another process that writes through SQLite, for example to replicate the log, does no harm; any other does.
      if (!isSound(file)) {
        damage = fault('was damaged by another process while it was in use: restore it from a copy and restart');
        throw damage;
      }
      seen = found;
    },
    accept: () => {
      seen = find();
    },
  };
}

function statOf(file: string): BigIntStats | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false }) ?? null;
}

function look(file: string): Seen | null {
  const [database, wal, sharedMemory] = [statOf(file), statOf(`${file}-wal`), statOf(`${file}-shm`)];
  return database === null || wal === null || sharedMemory === null ? null : { database, wal, sharedMemory };
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** Only commits of this process, seen by `accept`, write to the database itself, and the write-ahead log never shrinks. */
function isUntouched(found: Seen, { database, wal }: Seen): boolean {
  const isWritten = found.database.size !== database.size || found.database.mtimeNs !== database.mtimeNs;
  return !isWritten && found.wal.size >= wal.size;
}

/**
 * Writes the content of the removed write-ahead log, which is still open here, into the database, and begins a new one. null:
 * impossible while another process reads.
 */
function renewWal(file: string, database: Database.Database): Seen | null {
  try {
    // Leaving the mode closes the removed files. Entering it creates new ones.
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.pragma('journal_mode = DELETE');
    database.pragma('journal_mode = WAL');
    return lookWithFilesOpen(file, database);
  } catch {
    return null;
  }
}

function lookWithFilesOpen(file: string, database: Database.Database): Seen {
  // SQLite creates the files when it first needs them.
  database.exec('BEGIN IMMEDIATE; ROLLBACK');
  const seen = look(file);
  if (seen === null) throw new DhalionError('storage_unavailable', `${file} has no write-ahead log`);
  return seen;
}

/** The check's result is no JSON unless it is `ok`. */
const FAIL_UNLESS_SOUND = "SELECT json(replace(quick_check, 'ok', 'true')) FROM pragma_quick_check(1)";

/** Checked on a fresh connection, which has nothing in memory. Throws SQLITE_BUSY if another process has locked the file. */
function isSound(file: string): boolean {
  const fresh = new Database(file);
  try {
    // A prepared statement would keep the connection open until garbage collection.
    fresh.exec(FAIL_UNLESS_SOUND);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) throw error;
    return false;
  } finally {
    fresh.close();
  }
}
