// A real PostgreSQL for tests, with a database of its own for each of them.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres, type PostgresStart, type RunningPostgres } from '../../src/real-parts/start-postgres.js';
import { folderFor, programPath, type Lifetime } from './real-parts.js';

/** In no message, log or error. */
export const POSTGRES_PASSWORD = 'not to be told: p@ss/w%rd';

/** Loses nothing when it is killed, but everything with the machine. */
const FAST = { fsync: 'off', full_page_writes: 'off', shared_buffers: '16MB', max_connections: '60' };

export interface TestPostgres {
  /** The one started last. */
  readonly server: RunningPostgres;
  /** Again, on its port and files. */
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
