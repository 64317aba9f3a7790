// Finds what the demo and the tests run (Prometheus, Alertmanager and their tools, PostgreSQL, Chromium, sqlite3) on this
// machine, and installs it as root on Debian.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DhalionError, describeError } from '../../src/errors.js';
import {
  ALERTMANAGER,
  describeMissing,
  firstIn,
  foldersOf,
  PROMETHEUS,
  type WantedProgram,
} from '../../src/real-parts/find-program.js';

export const PROGRAMS = [
  'prometheus',
  'alertmanager',
  'promtool',
  'amtool',
  'postgres',
  'initdb',
  'chromium',
  'sqlite3',
] as const;
export type ProgramName = (typeof PROGRAMS)[number];

export interface ProgramSearch {
  /** PATH is searched; apt-get gets all of it, since it may need proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether packages may be installed. */
  readonly isRoot: boolean;
  /** Debian's folder of PostgreSQL versions, which are not on PATH; default /usr/lib/postgresql. */
  readonly postgresqlFolder?: string;
  readonly log: (line: string) => void;
}

/** Packages that are installed together. */
interface DebianPackages {
  readonly names: readonly string[];
  /** Shell command that succeeds once they are installed. */
  readonly presentIf: string;
  /** Shell lines to run before; files that they create are added to `$written`, which is removed afterwards. */
  readonly prepare: string;
}

interface Program extends WantedProgram {
  readonly packages: DebianPackages;
}

const PROMETHEUS_PACKAGES: DebianPackages = {
  names: ['prometheus', 'prometheus-alertmanager'],
  presentIf: 'command -v prometheus && command -v prometheus-alertmanager',
  prepare: '',
};
const POSTGRESQL_PACKAGES: DebianPackages = {
  names: ['postgresql'],
  presentIf: 'ls /usr/lib/postgresql/*/bin/postgres',
  // The database cluster that Debian would create is not wanted either.
  prepare: `clusters=/etc/postgresql-common/createcluster.conf
if [ ! -e "$clusters" ]; then
  mkdir -p /etc/postgresql-common
  written="$written $clusters"
  echo 'create_main_cluster = false' >"$clusters"
fi`,
};
const CHROMIUM_PACKAGES: DebianPackages = {
  // Without a font a page has no text.
  names: ['chromium', 'fonts-dejavu-core'],
  presentIf: 'command -v chromium',
  prepare: '',
};

const SQLITE_PACKAGES: DebianPackages = {
  names: ['sqlite3'],
  presentIf: 'command -v sqlite3',
  prepare: '',
};

const onPostgres = (name: string): Program => ({
  name,
  binaries: [name],
  debianPackage: 'postgresql',
  elsewise: 'put the bin folder of any PostgreSQL on PATH',
  packages: POSTGRESQL_PACKAGES,
});

const PROGRAM_OF: Readonly<Record<ProgramName, Program>> = {
  prometheus: { ...PROMETHEUS, packages: PROMETHEUS_PACKAGES },
  alertmanager: { ...ALERTMANAGER, packages: PROMETHEUS_PACKAGES },
  promtool: { ...PROMETHEUS, name: 'promtool', binaries: ['promtool'], packages: PROMETHEUS_PACKAGES },
  amtool: { ...ALERTMANAGER, name: 'amtool', binaries: ['amtool'], packages: PROMETHEUS_PACKAGES },
  postgres: onPostgres('postgres'),
  initdb: onPostgres('initdb'),
  chromium: {
    name: 'chromium',
    binaries: ['chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium',
    elsewise: 'put any Chromium or Chrome on PATH',
    packages: CHROMIUM_PACKAGES,
  },
  sqlite3: {
    name: 'sqlite3',
    binaries: ['sqlite3'],
    debianPackage: 'sqlite3',
    elsewise: 'put the sqlite3 of sqlite.org on PATH',
    packages: SQLITE_PACKAGES,
  },
};

/**
 * Absolute path of a program: on PATH (PostgreSQL: the newest of Debian's first, so that all have one version), else, as root
 * with apt-get, after installing Debian's packages. Rejects with `part_not_found`; the message says what to install.
 */
export async function findOrInstall(name: ProgramName, search: ProgramSearch): Promise<string> {
  const program = PROGRAM_OF[name];
  const { binaries, packages } = program;
  const path = search.env['PATH'] ?? '';
  const find = async (): Promise<string | null> =>
    firstIn(
      [...(packages === POSTGRESQL_PACKAGES ? await postgresqlFolders(search) : []), ...foldersOf(path)],
      binaries,
    );
  const present = await find();
  if (present !== null) {
    // Another process may be unpacking it, and its dependencies may still be missing.
    if (search.isRoot) await untilInstalled(search);
    return present;
  }
  const missing = describeMissing(program, path);
  if (!search.isRoot || (await firstIn(foldersOf(path), ['apt-get'])) === null) {
    throw new DhalionError('part_not_found', missing);
  }
  try {
    await installDebianPackages(packages, search);
  } catch (cause) {
    throw new DhalionError('part_not_found', `${missing} Installing it failed.`, { cause });
  }
  const installed = await find();
  if (installed !== null) return installed;
  throw new DhalionError('part_not_found', `${missing} apt-get installed it, but not onto PATH.`);
}

/** Debian's folders, the newest version first. */
async function postgresqlFolders({ postgresqlFolder = '/usr/lib/postgresql' }: ProgramSearch): Promise<string[]> {
  const versions = await readdir(postgresqlFolder).catch(() => []);
  const newestFirst = versions.sort((left, right) => Number(right) - Number(left));
  return newestFirst.map((version) => join(postgresqlFolder, version, 'bin'));
}

// flock: one of several processes installs, the others wait and then find the programs; the kernel frees the lock of a
// process that dies. policy-rc.d: Debian starts services on installation, and a second Prometheus on 9090 is not wanted; an
// existing file is left alone.
function installScript({ names, presentIf, prepare }: DebianPackages): string {
  return `
set -eu
if ${presentIf}; then exit 0; fi >/dev/null 2>&1
written=
trap 'rm -f $written' EXIT
trap 'exit 1' INT TERM HUP
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] || grep -qs 'dhalion installs' "$policy"; then
  written="$policy"
  printf '#!/bin/sh\\n# Written while dhalion installs packages: do not start their services.\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
${prepare}
apt-get update -qq
apt-get install -y -qq --no-install-recommends ${names.join(' ')}
`;
}
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const LOCKED_FOLDER = '/var/lib/dpkg';

async function installDebianPackages(packages: DebianPackages, search: ProgramSearch): Promise<void> {
  search.log(`installing Debian packages (apt-get): ${packages.names.join(', ')}`);
  const args = ['--no-fork', '--timeout', '600', LOCKED_FOLDER, 'sh', '-c', installScript(packages)];
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const child = spawn('flock', args, {
      env: { ...search.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: INSTALL_TIMEOUT_MS,
    });
    const keep = (chunk: Buffer): void => {
      output.push(chunk.toString('utf8'));
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`apt-get ended with ${signal ?? `code ${code ?? -1}`}: ${tailOf(output.join(''))}`));
    });
  }).catch((error: unknown) => {
    search.log(`installation failed: ${describeError(error)}`);
    throw error;
  });
}

/** Waits while another process installs packages in the same way. */
function untilInstalled({ env }: ProgramSearch): Promise<void> {
  return new Promise((resolve) => {
    const args = ['--shared', '--timeout', '600', LOCKED_FOLDER, 'true'];
    const child = spawn('flock', args, { env, stdio: 'ignore' });
    // Without flock, no process installs anything.
    child.on('error', () => {
      resolve();
    });
    child.on('close', () => {
      resolve();
    });
  });
}

function tailOf(text: string): string {
  return text.trim().split('\n').slice(-5).join(' | ');
}
