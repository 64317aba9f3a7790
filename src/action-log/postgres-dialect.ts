// PostgreSQL, shared by several replicas: pg under Kysely. Knows the URL, its file and the database's name in messages.
// postgres-connections.ts has the connections, postgres-faults.ts the errors; migrations.ts and sql-action-log.ts decide what
// is stored.
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import { Client } from 'pg';
import { DhalionError, describeError } from '../errors.js';
import { MAX_SECRET_BYTES, problemOfFile, readRegularFile } from '../regular-file.js';
import { PostgresConnections, type PostgresTimeouts } from './postgres-connections.js';
import { describePostgresFault, isConflict } from './postgres-faults.js';
import type { SqlStorage } from './sql-storage.js';
import type { ActionLogTables } from './tables.js';

/**
 * Connects with the first statement, not before.
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
      plugins: [new CamelCasePlugin()],
    }),
    get name() {
      return name;
    },
    countedKey: ['bigserial', (column) => column.primaryKey()],
    // 64 bits of the server's own hash, which its partitions use. Unlike md5() it exists where OpenSSL runs in FIPS mode.
    nameKey: (name) => sql`hashtextextended(${name}, 0)`,
    describeFault: describePostgresFault,
    isConflict,
  };
}

async function readUrlFile(urlFile: string): Promise<string> {
  try {
    return (await readRegularFile(urlFile, MAX_SECRET_BYTES)).toString('utf8').trim();
  } catch (error) {
    throw urlFault(urlFile, describeError(error));
  }
}

/** Parsed by pg. A fault names the file only: the URL holds the password. */
function parseUrl(url: string, urlFile: string): Client {
  refuseOtherFiles(url, urlFile);
  try {
    if (/^postgres(?:ql)?:\/\//.test(url)) return new Client({ connectionString: url });
  } catch {
    // Its message may hold the URL.
  }
  throw urlFault(urlFile, 'holds no PostgreSQL URL (postgresql://user:password@host:5432/database)');
}

/** pg reads files named in a URL while it parses the URL, and a pipe would block the whole process. */
function refuseOtherFiles(url: string, urlFile: string): void {
  const parameters = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1]);
  for (const name of ['sslcert', 'sslkey', 'sslrootcert']) {
    // pg takes the last of a repeated parameter.
    const path = parameters.getAll(name).at(-1) ?? '';
    const problem = path === '' ? null : problemOfFile(path, MAX_SECRET_BYTES);
    if (problem !== null) throw urlFault(urlFile, `names ${name} ${path}, which ${problem}`);
  }
}

function urlFault(urlFile: string, problem: string): DhalionError {
  return new DhalionError('storage_unavailable', `storage.postgres_url_file ${urlFile} ${problem}`, {
    retryable: true,
  });
}
