// The real Prometheus and Alertmanager for tests: found once per process, stopped when the test that started them ends.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import type { LocalServerStart, RunningServer } from '../../src/real-parts/local-server.js';
import { startAlertmanager } from '../../src/real-parts/start-alertmanager.js';
import { startPrometheus, type PrometheusStart } from '../../src/real-parts/start-prometheus.js';
import { findOrInstall, type ProgramName } from './find-program.js';

/** One series with its samples, [Unix time in s, value]. */
export interface History {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [number, number])[];
}

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  /** Both outputs, concatenated. */
  readonly output: string;
}

const found = new Map<ProgramName, Promise<string>>();
/** The text for thousands of topologies is long, and the machine may be busy. */
const HISTORY_TIMEOUT_MS = 300_000;

/** Path of a program, installed if this machine allows it. */
export function programPath(name: ProgramName): Promise<string> {
  const path =
    found.get(name) ??
    findOrInstall(name, {
      env: process.env,
      isRoot: process.getuid?.() === 0,
      log: (line) => void process.stderr.write(`# ${line}\n`),
    });
  found.set(name, path);
  return path;
}

/** Runs promtool or amtool to its end; a non-zero exit is a result, not an error. */
export async function runTool(
  name: 'promtool' | 'amtool',
  args: readonly string[],
  cwd?: string,
  timeoutMs = 60_000,
): Promise<ToolResult> {
  const program = await programPath(name);
  return new Promise((resolve) => {
    execFile(program, args, { cwd, timeout: timeoutMs }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, output: stdout + stderr });
    });
  });
}

/** Owner of started programs, which end with it: a test, or a command. */
export type Lifetime = Pick<Test, 'teardown'>;

/** A Prometheus that stops with the test; its folder is removed too unless one is given. */
export async function prometheusFor(
  t: Lifetime,
  options: Omit<PrometheusStart, 'program' | 'dataDir'> & { readonly dataDir?: string },
): Promise<RunningServer> {
  const dataDir = options.dataDir ?? (await folderFor(t));
  const server = await startPrometheus({ ...options, program: await programPath('prometheus'), dataDir });
  t.teardown(() => server.stop());
  return server;
}

/** An Alertmanager that stops with the test; its folder is removed too unless one is given. */
export async function alertmanagerFor(
  t: Lifetime,
  options: Omit<LocalServerStart, 'program' | 'dataDir'> & { readonly dataDir?: string },
): Promise<RunningServer> {
  const dataDir = options.dataDir ?? (await folderFor(t));
  const server = await startAlertmanager({ ...options, program: await programPath('alertmanager'), dataDir });
  t.teardown(() => server.stop());
  return server;
}

/**
 * A Prometheus that scrapes nothing and serves exactly this history, however old: OpenMetrics text with timestamps in seconds
 * (`# EOF` is added if missing), or series.
 */
export async function prometheusWithHistory(
  t: Lifetime,
  history: string | readonly History[],
  options: { readonly dataDir?: string; readonly extraArgs?: readonly string[] } = {},
): Promise<RunningServer> {
  const dataDir = options.dataDir ?? (await folderFor(t));
  const text = typeof history === 'string' ? history : renderOpenMetrics(history);
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'history.openmetrics');
  await writeFile(file, /^# EOF\s*$/m.test(text) ? text : `${text.trimEnd()}\n# EOF\n`);
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, join(dataDir, 'data')];
  await promisify(execFile)(await programPath('promtool'), args, { timeout: HISTORY_TIMEOUT_MS });
  return prometheusFor(t, {
    dataDir,
    config: 'global: {}\n',
    retention: '100y',
    ...(options.extraArgs === undefined ? {} : { extraArgs: options.extraArgs }),
  });
}

/** OpenMetrics text of the series, without types. */
export function renderOpenMetrics(history: readonly History[]): string {
  const lines = history.flatMap(({ name, labels, samples }) => {
    const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    return samples.map(([atS, value]) => `${name}{${pairs.join(',')}} ${renderValue(value)} ${atS}`);
  });
  return [...lines, '# EOF', ''].join('\n');
}

function renderValue(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** Unlike `t.testdir()`, a second call in the same test does not empty the first folder. */
export async function folderFor(t: Lifetime): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
