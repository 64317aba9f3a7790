// Runs a real PostgreSQL on loopback, its files under one folder: created if missing, with one user and a password.
import { execFile } from 'node:child_process';
import { chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { DhalionError, describeError } from '../../src/errors.js';
import { onFreePort, startChildProgram, type UserIds } from '../../src/real-parts/child-program.js';
import type { RunningServer } from '../../src/real-parts/local-server.js';

export interface PostgresStart {
  /** Paths of the two programs, of one version. */
  readonly programs: { readonly postgres: string; readonly initdb: string };
  /** Created if missing, in a folder that all users may enter. Holds the cluster, under data/. */
  readonly dataDir: string;
  /** Password of the superuser `postgres`. */
  readonly password: string;
  /** Whether the caller is root: PostgreSQL refuses to run as root, so it runs as the system's user `postgres`. */
  readonly isRoot: boolean;
  /** Default: a free port. */
  readonly port?: number;
  /** More settings, such as `fsync: 'off'`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** `url` is that of the database `postgres`, including the password. */
export interface RunningPostgres extends RunningServer {
  readonly port: number;
}

const INITDB_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 1000;

/** Resolves when it answers. Rejects with `part_failed`; the message contains the log's tail. */
export async function startPostgres(options: PostgresStart): Promise<RunningPostgres> {
  const user = options.isRoot ? await idsOf('postgres') : null;
  const cluster = await makeCluster(options, user);
  const start = async (port: number): Promise<RunningPostgres> => {
    const url = `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`;
    const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings };
    const child = await startChildProgram({
      name: 'PostgreSQL',
      program: options.programs.postgres,
      args: [
        ...['-D', cluster, '-p', String(port)],
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      cwd: options.dataDir,
      readyUrl: `127.0.0.1:${port}`,
      isReady: () => answers(url),
      // Fast shutdown: does not wait for clients to disconnect.
      stopSignal: 'SIGINT',
      ...(user === null ? {} : { user }),
    });
    return { ...child, url, port };
  };
  return options.port === undefined ? onFreePort(start) : start(options.port);
}

/** Returns the path of the cluster. */
async function makeCluster(options: PostgresStart, user: UserIds | null): Promise<string> {
  const cluster = join(options.dataDir, 'data');
  if ((await stat(join(cluster, 'PG_VERSION')).catch(() => null)) !== null) return cluster;
  await mkdir(options.dataDir, { recursive: true });
  const passwordFile = join(options.dataDir, 'password');
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  for (const path of [options.dataDir, passwordFile]) if (user !== null) await chown(path, user.uid, user.gid);
  const args = ['-D', cluster, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const neutral = ['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'];
  try {
    await promisify(execFile)(options.programs.initdb, [...args, ...neutral], {
      cwd: options.dataDir,
      timeout: INITDB_TIMEOUT_MS,
      ...user,
    });
  } catch (error) {
    throw new DhalionError('part_failed', `initdb failed: ${describeError(error)}`);
  }
  return cluster;
}

async function idsOf(name: string): Promise<UserIds> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await promisify(execFile)('id', [flag, name])).stdout)),
    );
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  } catch (error) {
    throw new DhalionError('part_failed', `PostgreSQL does not run as root, and there is no user ${name}`, {
      cause: error,
    });
  }
  throw new DhalionError('part_failed', `the user ${name} has no ids`);
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: ANSWER_TIMEOUT_MS });
  // The connection may be lost while it is being closed.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
