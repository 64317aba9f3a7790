// The built command line as a process of its own: what a user starts, and what can be killed.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { dhalionClient, eventually, type DhalionClient } from './dhalion-client.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Ended {
  /** null: killed by the signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartedCommandLine {
  /** Resolves when it is gone. */
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
}

/** Runs `dhalion` with these arguments until it ends, or the test does. */
export function startCommandLine(
  t: Test,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): StartedCommandLine {
  // Not the test's own environment, which has tap's loaders in it.
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.stderr += chunk));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    ended,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    kill: (signal) => void child.kill(signal),
  };
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For commands that end by themselves. */
export async function runCommandLine(t: Test, ...args: readonly string[]): Promise<RunResult> {
  const child = startCommandLine(t, args);
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

export interface ServedDhalion extends DhalionClient, StartedCommandLine {
  /** What it logged, oldest first. */
  logLines(): readonly Readonly<Record<string, unknown>>[];
}

/** `dhalion serve`, logging JSON; resolves when it listens. */
export async function serveFromCommandLine(
  t: Test,
  options: { readonly configFile: string; readonly port?: number; readonly args?: readonly string[] },
): Promise<ServedDhalion> {
  const port = options.port ?? (await freePort());
  const child = startCommandLine(t, [
    'serve',
    `--config.file=${options.configFile}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.format=json',
    '--log.level=debug',
    ...(options.args ?? []),
  ]);
  const logLines = (): Record<string, unknown>[] =>
    child
      .stderr()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const isListening = (): boolean => logLines().some(({ msg }) => msg === 'listening');
  await Promise.race([
    eventually('dhalion listens', isListening),
    child.ended.then(() => {
      throw new Error(`dhalion has ended: ${child.stderr()}`);
    }),
  ]);
  return { ...dhalionClient(`http://127.0.0.1:${port}`), ...child, logLines };
}
