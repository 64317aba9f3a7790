// Finds the real parts of the loop (Prometheus, Alertmanager and their tools, PostgreSQL) and of its tests (Chromium,
// sqlite3) on this machine, and installs them as root on Debian. Knows nothing of how they are run.
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { DhalionError, describeError } from '../errors.js';

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
  /** The alternative to installing them. */
  readonly elsewise: string;
}

interface Program {
  /** Debian's name of Alertmanager's binary differs from upstream's. */
  readonly binaries: readonly string[];
  readonly debianPackage: string;
  readonly packages: DebianPackages;
}

const PROMETHEUS_PACKAGES: DebianPackages = {
  names: ['prometheus', 'prometheus-alertmanager'],
  presentIf: 'command -v prometheus && command -v prometheus-alertmanager',
  prepare: '',
  elsewise: 'put the release of github.com/prometheus on PATH',
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
  elsewise: 'put the bin folder of any PostgreSQL on PATH',
};
const CHROMIUM_PACKAGES: DebianPackages = {
  // Without a font a page has no text.
  names: ['chromium', 'fonts-dejavu-core'],
  presentIf: 'command -v chromium',
  prepare: '',
  elsewise: 'put any Chromium or Chrome on PATH',
};

const SQLITE_PACKAGES: DebianPackages = {
  names: ['sqlite3'],
  presentIf: 'command -v sqlite3',
  prepare: '',
  elsewise: 'put the sqlite3 of sqlite.org on PATH',
};

const PROGRAM_OF: Readonly<Record<ProgramName, Program>> = {
  prometheus: { binaries: ['prometheus'], debianPackage: 'prometheus', packages: PROMETHEUS_PACKAGES },
  alertmanager: {
    binaries: ['alertmanager', 'prometheus-alertmanager'],
    debianPackage: 'prometheus-alertmanager',
    packages: PROMETHEUS_PACKAGES,
  },
  promtool: { binaries: ['promtool'], debianPackage: 'prometheus', packages: PROMETHEUS_PACKAGES },
  amtool: { binaries: ['amtool'], debianPackage: 'prometheus-alertmanager', packages: PROMETHEUS_PACKAGES },
  postgres: { binaries: ['postgres'], debianPackage: 'postgresql', packages: POSTGRESQL_PACKAGES },
  initdb: { binaries: ['initdb'], debianPackage: 'postgresql', packages: POSTGRESQL_PACKAGES },
  chromium: {
    binaries: ['chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium',
    packages: CHROMIUM_PACKAGES,
  },
  sqlite3: { binaries: ['sqlite3'], debianPackage: 'sqlite3', packages: SQLITE_PACKAGES },
};

/**
 * Absolute path of a program: on PATH (PostgreSQL: the newest of Debian's first, so that all have one version), else, as root
 * with apt-get, after installing Debian's packages. Rejects with `part_not_found`; the message says what to install.
 */
export async function findProgram(name: ProgramName, search: ProgramSearch): Promise<string> {
  const { binaries, debianPackage, packages } = PROGRAM_OF[name];
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
  const wanted = `${name} is not on PATH (looked for ${binaries.join(', ')} in ${path || 'an empty PATH'}).`;
  const advice = `Install Debian's package ${debianPackage}, or ${packages.elsewise}.`;
  if (!search.isRoot || (await firstIn(foldersOf(path), ['apt-get'])) === null) {
    throw new DhalionError('part_not_found', `${wanted} ${advice}`);
  }
  try {
    await installDebianPackages(packages, search);
  } catch (cause) {
    throw new DhalionError('part_not_found', `${wanted} Installing it failed. ${advice}`, { cause });
  }
  const installed = await find();
  if (installed !== null) return installed;
  throw new DhalionError('part_not_found', `${wanted} apt-get installed it, but not onto PATH. ${advice}`);
}

/** Debian's folders, the newest version first. */
async function postgresqlFolders({ postgresqlFolder = '/usr/lib/postgresql' }: ProgramSearch): Promise<string[]> {
  const versions = await readdir(postgresqlFolder).catch(() => []);
  const newestFirst = versions.sort((left, right) => Number(right) - Number(left));
  return newestFirst.map((version) => join(postgresqlFolder, version, 'bin'));
}

function foldersOf(path: string): string[] {
  return path.split(delimiter).filter(isAbsolute);
}

/** The first of the names that some folder has as an executable file. */
async function firstIn(folders: readonly string[], names: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    for (const name of names) {
      const file = join(folder, name);
      if (await isExecutable(file)) return file;
    }
  }
  return null;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
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
