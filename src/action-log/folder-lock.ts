// The lock of a SQLite folder: one process at a time. It is SQLite's own lock on a database beside the log, in an exclusive
// transaction that lasts as long as the process: the system releases it if the process is killed. A file names the holder.
import { readFileSync, renameSync, statSync, writeFileSync, type BigIntStats } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import type { Clock } from '../clock.js';
import { DhalionError } from '../errors.js';
import { makeFolder } from './make-folder.js';

const LOCK_FILE = 'lock.db';
const HOLDER_FILE = 'lock-holder.json';
/** Between two attempts while waiting. */
const RETRY_MS = 500;

/** How to wait for the lock; without it, a second process is refused. */
export interface LockWait {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Called once, with a description of the holder. */
  readonly onWait: (holder: string) => void;
}

export interface LockOptions {
  /** Name of the action log, for messages. */
  readonly name: string;
  readonly clock: Clock;
  /** Process id, written down for others. Without it the lock names no process. */
  readonly pid?: number | undefined;
  readonly wait?: LockWait | undefined;
}

export interface FolderLock {
  /** Takes the lock again if its file was removed. Throws if another process has it, or the file cannot be created. */
  verify(): void;
  release(): void;
}

/**
 * Creates the folder if missing. Rejects with `storage_unavailable` if another process has it and there is no `wait`, or the
 * wait was aborted; with the error of SQLite or Node if it cannot be locked.
 */
export async function lockFolder(folder: string, options: LockOptions): Promise<FolderLock> {
  const { clock, wait } = options;
  makeFolder(folder);
  let lock = tryLock(folder, options);
  if (lock === null && wait !== undefined) wait.onWait(describeHolder(folder));
  while (lock === null) {
    if (wait === undefined || wait.signal.aborted) throw inUse(options.name, folder);
    await clock.sleep(RETRY_MS, wait.signal);
    lock = tryLock(folder, options);
  }
  return heldLock(folder, options, lock);
}

interface Held {
  readonly database: Database.Database;
  readonly file: BigIntStats;
}

function heldLock(folder: string, options: LockOptions, first: Held): FolderLock {
  let held = first;
  return {
    verify: () => {
      const found = statSync(join(folder, LOCK_FILE), { bigint: true, throwIfNoEntry: false });
      if (found?.ino === held.file.ino && found.dev === held.file.dev) return;
      const again = tryLock(folder, options);
      if (again === null) throw inUse(options.name, folder);
      held.database.close();
      held = again;
    },
    release: () => {
      held.database.close();
    },
  };
}

/** null: another process has it. */
function tryLock(folder: string, options: LockOptions): Held | null {
  const database = new Database(join(folder, LOCK_FILE));
  try {
    database.exec('PRAGMA busy_timeout = 0');
    database.exec('BEGIN EXCLUSIVE');
    const file = statSync(join(folder, LOCK_FILE), { bigint: true });
    noteHolder(folder, options);
    return { database, file };
  } catch (error) {
    database.close();
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
}

interface Holder {
  readonly pid: number | null;
  readonly host: string;
  readonly since: string;
}

/** Written atomically: another process may read it at any moment. */
function noteHolder(folder: string, { pid, clock }: LockOptions): void {
  const holder: Holder = { pid: pid ?? null, host: hostname(), since: new Date(clock.now()).toISOString() };
  const draft = join(folder, `${HOLDER_FILE}.tmp`);
  try {
    writeFileSync(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
    renameSync(draft, join(folder, HOLDER_FILE));
  } catch {
    // If nothing can be written, opening the log fails too, with its own message.
  }
}

function describeHolder(folder: string): string {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(join(folder, HOLDER_FILE), 'utf8')) as Holder;
    return `${pid === null ? 'a process' : `process ${pid}`} on host ${host}, since ${since}`;
  } catch {
    // Locked by something else, or only a moment ago.
    return 'another process';
  }
}

function inUse(name: string, folder: string): DhalionError {
  return new DhalionError('storage_unavailable', `${name} is in use by ${describeHolder(folder)}`, { retryable: true });
}
