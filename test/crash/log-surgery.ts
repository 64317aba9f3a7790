// Maintenance of an action log in a file, for the chaos run: an upgrade that is due, an upgrade that is killed, a copy while the service
// runs, and a restore from a copy.
import Database from 'libsql';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { migrationsFor } from '../../src/action-log/migrations.js';
import { spawnScript } from '../support/run-script.js';

const FILE = 'action-log.db';
/** SQL that undoes the last migrations, the newest first. */
const UNMAKING = {
  '0010-operators': 'alter table actions drop column operators; alter table actions drop column blamed',
  '0009-forgotten-instances': 'drop table if exists forgotten_instances',
  // No change in SQLite.
  '0008-names-of-any-length': '',
  '0007-newest-of-a-topology': 'drop index if exists decisions_of_topology; drop index if exists actions_of_topology',
  '0006-versions': 'drop table if exists versions',
} as const;
const MIGRATIONS = Object.keys(UNMAKING);

/**
 * Turns the log of a stopped service into one of an earlier version, so that the next start has to migrate it. A log whose
 * migration is already due, because the last start was killed before it, stays unchanged.
 * @throws if the newest migrations are not those that can be undone here
 */
export function makeOlder(folder: string): void {
  const known = Object.keys(migrationsFor({ countedKey: ['integer', (column) => column], nameKey: null }));
  const newest = known.slice(-MIGRATIONS.length).reverse();
  if (newest.join() !== MIGRATIONS.join()) throw new Error(`the newest migrations are ${newest.join(', ')}`);
  if (!isMigrated(folder)) return;
  withDatabase(folder, (database) => {
    const names = MIGRATIONS.map((name) => `'${name}'`).join();
    const unmake = Object.values(UNMAKING).filter(Boolean).join('; ');
    database.exec(`begin; ${unmake}; delete from migrations where name in (${names}); commit`);
  });
}

export function isMigrated(folder: string): boolean {
  return withDatabase(folder, (database) => {
    const row = database.prepare('select count(*) as count from migrations where name = ?').get([MIGRATIONS[0]]);
    return (row as { count: number }).count === 1;
  });
}

/** A process begins a migration and is killed half-way. */
export async function dieInMigration(folder: string): Promise<void> {
  const [, signal] = (await once(spawnScript('die-in-migration.ts', folder), 'close')) as [unknown, string | null];
  if (signal !== 'SIGKILL') throw new Error('the migration was not broken off');
}

/** As src/action-log/README.md describes: one statement, while the service runs or after it ends. */
export function copyLog(folder: string, copy: string): void {
  mkdirSync(copy, { recursive: true });
  withDatabase(folder, (database) => {
    database.prepare('vacuum into ?').run([join(copy, FILE)]);
  });
}

/** Replaces a stopped service's log with a copy. */
export function restoreFromCopy(folder: string, copy: string): void {
  copyLog(folder, copy);
  for (const ending of ['', '-wal', '-shm']) rmSync(join(folder, `${FILE}${ending}`), { force: true });
  renameSync(join(copy, FILE), join(folder, FILE));
}

export function isSound(folder: string): boolean {
  return withDatabase(folder, (database) => {
    const [row] = database.pragma('integrity_check(1)') as { integrity_check: string }[];
    return row?.integrity_check === 'ok';
  });
}

/** Whether there is a log: the first kills may come before it exists. */
export function hasLog(folder: string): boolean {
  if (!existsSync(join(folder, FILE))) return false;
  return withDatabase(
    folder,
    (database) => database.prepare("select 1 from sqlite_master where name = 'migrations'").all([]).length > 0,
  );
}

function withDatabase<Result>(folder: string, work: (database: Database.Database) => Result): Result {
  const database = new Database(join(folder, FILE));
  try {
    database.exec('pragma busy_timeout = 5000');
    return work(database);
  } finally {
    database.close();
  }
}
