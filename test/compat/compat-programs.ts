// The servers that people run today: taken from the user's cache, else built from their Go modules, which takes a while.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A release in use today. The tag of Prometheus as a Go module is v0.316.0. */
const PROMETHEUS = 'github.com/prometheus/prometheus/cmd/prometheus@v0.316.0';
const ALERTMANAGER = 'github.com/prometheus/alertmanager@v0.35.0';
const VICTORIA_METRICS = 'github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0';

export interface CompatPrograms {
  /** Holds `prometheus` and `alertmanager`, to be put first on a PATH. */
  readonly folder: string;
  readonly prometheus: string;
  readonly victoriaMetrics: string;
}

/** Where the programs are, if they have been built. */
export function compatFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(cacheOf(env), 'bin');
}

function cacheOf(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'dhalion', 'compat');
}

/** null: without Go, a missing program cannot be built. Rejects if a build fails. */
export async function compatPrograms(
  env: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<CompatPrograms | null> {
  const [cache, folder] = [cacheOf(env), compatFolder(env)];
  await mkdir(folder, { recursive: true });
  const programs = {
    folder,
    prometheus: join(folder, 'prometheus'),
    alertmanager: join(folder, 'alertmanager'),
    victoriaMetrics: join(folder, 'victoria-metrics'),
  };
  const go = { GOFLAGS: '-p=1 -buildvcs=false -mod=mod', GOBIN: folder };
  const build = async (program: string, how: () => Promise<void>): Promise<boolean> => {
    if (await isExecutable(program)) return true;
    if (!(await succeeds('go', ['version'], {}))) return false;
    say(`building ${program}`);
    await how();
    return true;
  };
  const isComplete =
    (await build(programs.victoriaMetrics, () => run('go', ['install', VICTORIA_METRICS], { env: go }))) &&
    (await build(programs.prometheus, () => run('go', ['install', PROMETHEUS], { env: go }))) &&
    (await build(programs.alertmanager, () => buildAlertmanager(cache, programs.alertmanager, go)));
  return isComplete ? programs : null;
}

/** Its pages are made by other tools and are no part of the module: it is built without them. */
async function buildAlertmanager(cache: string, program: string, env: Record<string, string>): Promise<void> {
  const { Dir: source } = JSON.parse(await read('go', ['mod', 'download', '-json', ALERTMANAGER])) as { Dir: string };
  const copy = await mkdtemp(join(cache, 'source-'));
  try {
    await cp(source, copy, { recursive: true });
    // The module cache cannot be written.
    for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
    }
    await chmod(copy, 0o755);
    await mkdir(join(copy, 'ui', 'app', 'dist'), { recursive: true });
    await writeFile(join(copy, 'ui', 'app', 'dist', 'index.html'), '<!doctype html><title>Alertmanager</title>\n');
    await run('go', ['build', '-o', program, './cmd/alertmanager'], { env, cwd: copy });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export async function run(program: string, args: readonly string[], { env = {}, cwd }: RunOptions): Promise<void> {
  const options = { stdio: 'inherit', env: { ...process.env, ...env }, ...(cwd === undefined ? {} : { cwd }) } as const;
  const [code] = (await once(spawn(program, args, options), 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code ?? 'a signal'}`);
}

async function read(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(child, 'close');
  return text;
}

function succeeds(program: string, args: readonly string[], options: RunOptions): Promise<boolean> {
  return run(program, args, options).then(
    () => true,
    () => false,
  );
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
