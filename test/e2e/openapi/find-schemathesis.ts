// Schemathesis in a virtual environment of its own, below the user's folder of caches: made once, and again for a new version.
import { execFile } from 'node:child_process';
import { access, mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The current one when this was written; runs on Python 3.10 and later. */
const VERSION = '4.32.5';
const INSTALL_TIMEOUT_MS = 300_000;

export type FoundSchemathesis =
  { readonly kind: 'found'; readonly program: string } | { readonly kind: 'not_to_be_had'; readonly because: string };

export async function findSchemathesis(env: NodeJS.ProcessEnv): Promise<FoundSchemathesis> {
  const folder = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'dhalion', `schemathesis-${VERSION}`);
  const program = join(folder, 'bin', 'schemathesis');
  if (await exists(program)) return { kind: 'found', program };
  try {
    const { stdout } = await run('python3', ['-c', 'import sys, venv; print(sys.version_info >= (3, 10))'], { env });
    if (stdout.trim() !== 'True') return missing('python3 is older than 3.10');
  } catch (error) {
    return missing(`python3 with venv cannot be run: ${firstLine(error)}`);
  }
  try {
    // A virtual environment cannot be moved, but one that is half made must not be taken for whole.
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder], { env });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
    await run(join(folder, 'bin', 'python'), pip, { env, timeout: INSTALL_TIMEOUT_MS });
    await access(program);
    return { kind: 'found', program };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return missing(`schemathesis ${VERSION} cannot be installed from PyPI: ${firstLine(error)}`);
  }
}

function missing(because: string): FoundSchemathesis {
  return { kind: 'not_to_be_had', because };
}

function firstLine(error: unknown): string {
  const { stderr = '', message = '' } = error as { readonly stderr?: string; readonly message?: string };
  return (stderr.trim().split('\n').at(-1) ?? '') || message;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
