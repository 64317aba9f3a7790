// A real PostgreSQL for tests, each with a database of its own.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres, type PostgresStart, type RunningPostgres } from './start-postgres.js';
import { folderFor, programPath, type Lifetime } from './real-parts.js';

/** Must not appear in any message, log or error. */
export const POSTGRES_PASSWORD = 'not to be told: p@ss/w%rd';

/** Loses nothing when its process is killed, but everything when the machine fails. */
const FAST = { fsync: 'off', full_page_writes: 'off', shared_buffers: '16MB', max_connections: '60' };

export interface TestPostgres {
  /** The most recently started server. */
  readonly server: RunningPostgres;
  /** Starts the server again, on its port and files. */
  start(): Promise<RunningPostgres>;
}

/** A server that stops with the test. */
export async function postgresFor(t: Lifetime): Promise<TestPostgres> {
  const options: PostgresStart = {
    programs: { postgres: await programPath('postgres'), initdb: await programPath('initdb') },
    dataDir: await folderFor(t),
    password: POSTGRES_PASSWORD,
    isRoot: process.getuid?.() === 0,
    settings: FAST,
  };
  let server = await startPostgres(options);
  t.teardown(() => server.stop());
  return {
    get server() {
      return server;
    },
    start: async () => {
      server = await startPostgres({ ...options, port: server.port });
      return server;
    },
  };
}

/** A file with the URL of a new, empty database. */
export async function newDatabase(t: Lifetime, server: RunningPostgres): Promise<string> {
  const name = `log_${randomUUID().replaceAll('-', '')}`;
  await queryPostgres(server.url, `create database ${name}`);
  return urlFileFor(t, urlOf(server, name));
}

export async function urlFileFor(t: Lifetime, url: string): Promise<string> {
  const file = join(await folderFor(t), 'postgres-url');
  await writeFile(file, `${url}\n`);
  return file;
}

export function urlOf(server: RunningPostgres, database: string, port: number = server.port): string {
  const url = new URL(server.url);
  url.port = String(port);
  url.pathname = database;
  return url.href;
}

/** Runs one statement over a connection of its own. */
export async function queryPostgres(url: string, statement: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
