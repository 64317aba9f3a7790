// An action log from when an action had one operator, restored from a dump of that time.
import Database from 'libsql';
import { readFileSync } from 'node:fs';

const DUMP = 'test/fixtures/action-log/one-operator.sql';

/** Its last migration. */
export const OLD_MIGRATION = '0007-newest-of-a-topology';

/** A new database at the path (or `:memory:`), to be closed by the caller. */
export function oldLogIn(path: string): Database.Database {
  const database = new Database(path);
  database.exec(readFileSync(DUMP, 'utf8'));
  return database;
}
