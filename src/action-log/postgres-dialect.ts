// PostgreSQL, shared by several replicas: pg under Kysely. Knows the URL, its file and what the database is called in
// messages; connections are postgres-connections.ts, errors postgres-faults.ts, and what is stored is left to
// migrations.ts and sql-action-log.ts.
import { Kysely, PostgresDialect } from 'kysely';
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { DhalionError } from '../errors.js';
import { PostgresConnections, type PostgresTimeouts } from './postgres-connections.js';
import { describePostgresFault, isConflict } from './postgres-faults.js';
import type { SqlStorage } from './sql-storage.js';
import type { ActionLogTables } from './tables.js';

/**
 * Opens nothing yet: the first statement connects.
 * @param urlFile holds `postgresql://user:password@host:port/database`, with pg's parameters (`?sslmode=verify-full`)
 */
export function openPostgresStorage(urlFile: string, timeouts: PostgresTimeouts): SqlStorage {
  let name = `the action log in PostgreSQL (URL in ${urlFile})`;
  const readUrl = async (): Promise<string> => {
    const url = await readUrlFile(urlFile);
    const { host, port, database = '' } = parseUrl(url, urlFile);
    name = `the action log in PostgreSQL database ${database} at ${host}:${port}`;
    return url;
  };
  return {
    kysely: new Kysely<ActionLogTables>({
      dialect: new PostgresDialect({ pool: new PostgresConnections(readUrl, timeouts) }),
    }),
    get name() {
      return name;
    },
    countedKey: ['bigserial', (column) => column.primaryKey()],
    describeFault: describePostgresFault,
    isConflict,
    verifyIdentity: () => {
      // The server answers for what it holds.
    },
  };
}

async function readUrlFile(urlFile: string): Promise<string> {
  try {
    return (await readFile(urlFile, 'utf8')).trim();
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new DhalionError('storage_unavailable', `storage.postgres_url_file ${urlFile} cannot be read${reason}`, {
      retryable: true,
    });
  }
}

/** As pg understands it. A fault names the file only: the URL holds the password. */
function parseUrl(url: string, urlFile: string): Client {
  try {
    if (/^postgres(?:ql)?:\/\//.test(url)) return new Client({ connectionString: url });
  } catch {
    // Its message may hold the URL.
  }
  throw new DhalionError(
    'storage_unavailable',
    `storage.postgres_url_file ${urlFile} holds no PostgreSQL URL (postgresql://user:password@host:5432/database)`,
    { retryable: true },
  );
}
