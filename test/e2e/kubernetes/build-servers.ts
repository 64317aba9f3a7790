// kube-apiserver and etcd, built from their Go modules into the user's cache folder, once. Distinguishes what is not available here
// (no Go, unreachable modules: the run is skipped) from a build failure.
import { execFile } from 'node:child_process';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { downloadError, goVersion, lastError, stagingModules } from './go-output.js';

/** Paths of the programs. */
export interface KubernetesServers {
  readonly apiServer: string;
  readonly etcd: string;
}

export type ServersBuild =
  | { readonly kind: 'built'; readonly servers: KubernetesServers }
  | { readonly kind: 'not_to_be_had'; readonly because: string };

export interface ServersBuildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

interface GoProgram {
  readonly name: string;
  readonly package: string;
  /** The text of a go.mod that pins all of it. */
  readonly module: string;
  readonly linkerFlags: string;
}

const KUBERNETES_VERSION = '1.34.4';
/** The one that this Kubernetes is built against. */
const ETCD_VERSION = '3.6.4';
const MIN_GO = [1, 24] as const;
const FETCH_TIMEOUT_MS = 10 * 60_000;
const BUILD_TIMEOUT_MS = 40 * 60_000;
const ADVICE = `Install Go ${MIN_GO.join('.')} or newer.`;

/** Rejects if the fetched source does not compile. */
export async function buildServers(options: ServersBuildOptions): Promise<ServersBuild> {
  const { env, log } = options;
  const folder = join(
    env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'dhalion',
    `kubernetes-${KUBERNETES_VERSION}`,
  );
  const servers = { apiServer: join(folder, 'kube-apiserver'), etcd: join(folder, 'etcd') };
  if ((await exists(servers.apiServer)) && (await exists(servers.etcd))) return { kind: 'built', servers };

  const version = await run(['version'], { env });
  const found = goVersion(version.output);
  if (!version.isFound || found === null) return missing(`there is no go. ${ADVICE}`);
  const [major, minor] = found;
  if (major < MIN_GO[0] || (major === MIN_GO[0] && minor < MIN_GO[1])) {
    return missing(`go is of version ${major}.${minor}. ${ADVICE}`);
  }
  await mkdir(folder, { recursive: true });
  const kubernetes = await run(['mod', 'download', '-json', `k8s.io/kubernetes@v${KUBERNETES_VERSION}`], {
    env,
    cwd: folder,
    timeout: FETCH_TIMEOUT_MS,
  });
  if (kubernetes.code !== 0) {
    return missing(`the Go module k8s.io/kubernetes: ${downloadError(kubernetes.stdout, kubernetes.output)}`);
  }
  const { GoMod } = JSON.parse(kubernetes.stdout) as { readonly GoMod: string };
  for (const program of [etcd(), apiServer(stagingModules(await readFile(GoMod, 'utf8')))]) {
    const because = await buildProgram(program, folder, { env, log });
    if (because !== null) return missing(because);
  }
  return { kind: 'built', servers };
}

function etcd(): GoProgram {
  return {
    name: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    module: `go ${MIN_GO.join('.')}.0\n\nrequire go.etcd.io/etcd/server/v3 v${ETCD_VERSION}\n`,
    linkerFlags: '-s -w',
  };
}

function apiServer(staging: readonly string[]): GoProgram {
  // Kubernetes takes these from its own tree, where a module that requires it does not find them.
  const replaced = staging
    .map((name) => `\t${name} => ${name} v${KUBERNETES_VERSION.replace(/^1\./, '0.')}\n`)
    .join('');
  const [major, minor] = KUBERNETES_VERSION.split('.');
  const version = { gitVersion: `v${KUBERNETES_VERSION}`, gitMajor: major, gitMinor: minor };
  const stamps = Object.entries(version).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return {
    name: 'kube-apiserver',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    module: `go ${MIN_GO.join('.')}.0\n\nrequire k8s.io/kubernetes v${KUBERNETES_VERSION}\n\nreplace (\n${replaced})\n`,
    linkerFlags: ['-s -w', ...stamps].join(' '),
  };
}

/** Resolves with null, or why its modules cannot be had. */
async function buildProgram(program: GoProgram, folder: string, options: ServersBuildOptions): Promise<string | null> {
  const { env, log } = options;
  const path = join(folder, program.name);
  if (await exists(path)) return null;
  const cwd = join(folder, `module-${program.name}`);
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, 'go.mod'), `module dhalion.invalid/${program.name}\n\n${program.module}`);
  log(`fetching the Go modules of ${program.name}`);
  const fetched = await run(['list', '-mod=mod', '-deps', program.package], { env, cwd, timeout: FETCH_TIMEOUT_MS });
  if (fetched.code !== 0) return `the Go modules of ${program.name}: ${lastError(fetched.output)}`;
  log(`compiling ${program.name}, which takes some minutes`);
  const unfinished = `${path}.unfinished`;
  const built = await run(
    [
      'build',
      '-mod=mod',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags',
      program.linkerFlags,
      '-o',
      unfinished,
      program.package,
    ],
    { env, cwd, timeout: BUILD_TIMEOUT_MS },
  );
  if (built.code !== 0) throw new Error(`go build ${program.package} failed in ${cwd}: ${lastError(built.output)}`);
  await rename(unfinished, path);
  await rm(cwd, { recursive: true });
  return null;
}

interface Run {
  readonly isFound: boolean;
  readonly code: number;
  readonly stdout: string;
  readonly output: string;
}

/** At low priority, since the machine has other work. */
function run(
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string; readonly timeout?: number },
): Promise<Run> {
  return new Promise((resolve) => {
    execFile(
      'nice',
      ['-n', '10', 'go', ...args],
      { timeout: 30_000, maxBuffer: 64 * 1024 * 1024, ...options },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        // nice exits with 127 where it finds no such program.
        resolve({ isFound: code !== 127 && error?.code !== 'ENOENT', code, stdout, output: stdout + stderr });
      },
    );
  });
}

function missing(because: string): ServersBuild {
  return { kind: 'not_to_be_had', because };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
