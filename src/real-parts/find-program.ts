// Finds Prometheus and Alertmanager on PATH. Knows nothing of how they are run.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { DhalionError } from '../errors.js';

/** Where a program is searched for, and how to install it. */
export interface WantedProgram {
  readonly name: string;
  /** File names; the first one found is used. */
  readonly binaries: readonly string[];
  readonly debianPackage: string;
  /** The alternative to installing the package. */
  readonly elsewise: string;
}

const ELSEWISE = 'put the release of github.com/prometheus on PATH';

export const PROMETHEUS: WantedProgram = {
  name: 'prometheus',
  binaries: ['prometheus'],
  debianPackage: 'prometheus',
  elsewise: ELSEWISE,
};
export const ALERTMANAGER: WantedProgram = {
  name: 'alertmanager',
  // Debian's name differs from upstream's.
  binaries: ['alertmanager', 'prometheus-alertmanager'],
  debianPackage: 'prometheus-alertmanager',
  elsewise: ELSEWISE,
};

/** Absolute path of a program on this PATH. Rejects with `part_not_found`; the message says what to install. */
export async function findProgram(wanted: WantedProgram, path: string): Promise<string> {
  const found = await firstIn(foldersOf(path), wanted.binaries);
  if (found !== null) return found;
  throw new DhalionError('part_not_found', describeMissing(wanted, path));
}

export function describeMissing({ name, binaries, debianPackage, elsewise }: WantedProgram, path: string): string {
  return (
    `${name} is not on PATH (searched for ${binaries.join(', ')} in ${path || 'an empty PATH'}). ` +
    `Install Debian's package ${debianPackage}, or ${elsewise}.`
  );
}

export function foldersOf(path: string): string[] {
  return path.split(delimiter).filter(isAbsolute);
}

/** The first of the names that some folder has as an executable file. */
export async function firstIn(folders: readonly string[], names: readonly string[]): Promise<string | null> {
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
