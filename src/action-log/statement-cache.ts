// libsql's database as Kysely's SqliteDatabase: statements are prepared once and reused, and values are checked before they
// reach the native code, which ends the process on a boolean.
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import type Database from 'libsql';

const MAX_STATEMENTS = 100;
/** Statements that do not change the schema; any other makes the prepared ones stale. */
const REUSABLE = /^(?:select|insert|update|delete|with)\b/i;

export class StatementCache implements SqliteDatabase {
  readonly #database: Database.Database;
  readonly #onClosed: () => void;
  /** The least recently used first. */
  readonly #statements = new Map<string, SqliteStatement>();

  /** @param onClosed called once nothing of the database is in use any more */
  constructor(database: Database.Database, onClosed: () => void) {
    this.#database = database;
    this.#onClosed = onClosed;
  }

  prepare(sql: string): SqliteStatement {
    if (!REUSABLE.test(sql)) {
      this.#statements.clear();
      return this.#prepare(sql);
    }
    const statement = this.#statements.get(sql) ?? this.#prepare(sql);
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > MAX_STATEMENTS) this.#statements.delete(this.#statements.keys().next().value ?? sql);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    try {
      // Closing does this too, but only after the prepared statements have been garbage-collected.
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // Committed data is safe in the write-ahead log; the next opening reads it.
    }
    this.#database.close();
    this.#onClosed();
  }

  #prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    return {
      reader: statement.reader,
      all: (parameters) => statement.all(bindable(parameters)),
      run: (parameters) => statement.run(bindable(parameters)),
      iterate: (parameters) => statement.iterate(bindable(parameters)),
    };
  }
}

function bindable(parameters: readonly unknown[]): readonly unknown[] {
  const bad = parameters.find((value) => value !== null && typeof value !== 'string' && !Number.isFinite(value));
  if (bad !== undefined || parameters.includes(undefined)) {
    throw new TypeError(`SQLite cannot store a ${typeof bad}: ${String(bad)}`);
  }
  return parameters;
}
