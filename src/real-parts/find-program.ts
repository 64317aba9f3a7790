// Finds the real parts of the loop (Prometheus, Alertmanager and their tools) on this machine, and on a Debian machine
// where it may, installs them. Knows nothing of how they are run.
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { DhalionError, describeError } from '../errors.js';

export const PROGRAMS = ['prometheus', 'alertmanager', 'promtool', 'amtool'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

export interface ProgramSearch {
  /** PATH is searched; all of it goes to apt-get, which may need proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether packages may be installed. */
  readonly isRoot: boolean;
  readonly log: (line: string) => void;
}

/** Debian calls Alertmanager's binary otherwise than its makers do. */
const BINARIES_OF: Readonly<Record<ProgramName, readonly string[]>> = {
  prometheus: ['prometheus'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  promtool: ['promtool'],
  amtool: ['amtool'],
};

const DEBIAN_PACKAGE_OF: Readonly<Record<ProgramName, string>> = {
  prometheus: 'prometheus',
  alertmanager: 'prometheus-alertmanager',
  promtool: 'prometheus',
  amtool: 'prometheus-alertmanager',
};

/**
 * Absolute path of a program: on PATH, else, for root where there is apt-get, after installing Debian's packages.
 * Rejects with `part_not_found`, saying what to install.
 */
export async function findProgram(name: ProgramName, search: ProgramSearch): Promise<string> {
  const path = search.env['PATH'] ?? '';
  const present = await firstOnPath(BINARIES_OF[name], path);
  if (present !== null) return present;
  const wanted = `${name} is not on PATH (looked for ${BINARIES_OF[name].join(', ')} in ${path || 'an empty PATH'}).`;
  const advice = `Install Debian's package ${DEBIAN_PACKAGE_OF[name]}, or put the release of github.com/prometheus on PATH.`;
  if (!search.isRoot || (await firstOnPath(['apt-get'], path)) === null) {
    throw new DhalionError('part_not_found', `${wanted} ${advice}`);
  }
  try {
    await installDebianPackages(search);
  } catch (cause) {
    throw new DhalionError('part_not_found', `${wanted} Installing it failed. ${advice}`, { cause });
  }
  const installed = await firstOnPath(BINARIES_OF[name], path);
  if (installed !== null) return installed;
  throw new DhalionError('part_not_found', `${wanted} apt-get installed it, but not onto PATH. ${advice}`);
}

/** The first of the names that some folder of the PATH has as an executable file. */
async function firstOnPath(names: readonly string[], path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
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

// flock: of several processes one installs, the others wait and then find the programs there; the kernel frees the lock
// of a process that dies. policy-rc.d: Debian starts services on installation, and a second Prometheus on 9090 is
// nobody's wish; one that the machine has already is left alone.
const INSTALL_SCRIPT = `
set -eu
if command -v prometheus && command -v prometheus-alertmanager; then exit 0; fi >/dev/null
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] || grep -qs 'dhalion installs' "$policy"; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM HUP
  printf '#!/bin/sh\\n# Written while dhalion installs packages: do not start their services.\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends prometheus prometheus-alertmanager
`;
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const LOCKED_FOLDER = '/var/lib/dpkg';

async function installDebianPackages(search: ProgramSearch): Promise<void> {
  search.log('installing the Debian packages prometheus and prometheus-alertmanager (apt-get)');
  const args = ['--no-fork', '--timeout', '600', LOCKED_FOLDER, 'sh', '-c', INSTALL_SCRIPT];
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

function tailOf(text: string): string {
  return text.trim().split('\n').slice(-5).join(' | ');
}
