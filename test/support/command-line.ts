// The built command line as a separate process, as a user starts it; it can be killed and started again in the same place.
// dhalion-client.ts has the API of a running service.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { freePort, withParent } from '../../src/real-parts/child-program.js';
import { PLAIN_NODE } from './plain-node.js';
import { dhalionClient, eventually, type DhalionClient } from './dhalion-client.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const POLL_MS = 50;
const READY_TIMEOUT_MS = 60_000;

export interface Ended {
  /** null: killed by the signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartedCommandLine {
  /** Resolves when the process is gone. */
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Sends SIGKILL or the given signal; resolves when the process is gone. */
  end(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface CommandLineOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Arguments before the script, such as `--max-old-space-size=512`. */
  readonly nodeArgs?: readonly string[];
}

/** Runs `dhalion` with these arguments until it ends or is ended. Returns at once, long before it does anything. */
export function spawnCommandLine(args: readonly string[], options: CommandLineOptions = {}): StartedCommandLine {
  const [node, ...before] = PLAIN_NODE;
  const [program, ...rest] = withParent(node, [...before, ...(options.nodeArgs ?? []), CLI, ...args]);
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.stderr += chunk));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  return {
    ended,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    kill: (signal) => void child.kill(signal),
    end: (signal = 'SIGKILL') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** The same, until the test ends. */
export function startCommandLine(
  t: Test,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): StartedCommandLine {
  const child = spawnCommandLine(args, { env });
  t.teardown(() => child.end());
  return child;
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
  /** Its log lines, oldest first. */
  logLines(): readonly Readonly<Record<string, unknown>>[];
  /** False if it ended before it was ready. Rejects if it did neither in time. */
  ready(): Promise<boolean>;
}

export interface ServeStart extends CommandLineOptions {
  readonly configFile: string;
  readonly port: number;
  /** Default info. */
  readonly logLevel?: string;
  /** Default: a minute. */
  readonly readyTimeoutMs?: number;
  /** More arguments of `serve`. */
  readonly args?: readonly string[];
}

/** `dhalion serve`, logging JSON. Returns at once, long before it listens. */
export function spawnDhalion({
  configFile,
  port,
  logLevel = 'info',
  readyTimeoutMs = READY_TIMEOUT_MS,
  args = [],
  ...options
}: ServeStart): ServedDhalion {
  const child = spawnCommandLine(
    [
      'serve',
      `--config.file=${configFile}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.format=json',
      `--log.level=${logLevel}`,
      ...args,
    ],
    options,
  );
  let isGone = false;
  void child.ended.then(() => {
    isGone = true;
  });
  const client = dhalionClient(`http://127.0.0.1:${port}`);
  let answer = 'nothing';
  const isReady = async (): Promise<boolean> => {
    try {
      const { status, text } = await client.get('/-/ready');
      answer = text;
      return status === 200;
    } catch (error) {
      answer = String(error);
      return false;
    }
  };
  return {
    ...client,
    ...child,
    logLines: () =>
      child
        .stderr()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    ready: async () => {
      const deadlineMs = Date.now() + readyTimeoutMs;
      while (!isGone) {
        if (await isReady()) return true;
        if (Date.now() > deadlineMs) throw new Error(`dhalion does not become ready: ${answer} ${child.stderr()}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      return false;
    },
  };
}

/** `dhalion serve` until the test ends, logging everything; resolves when it listens. */
export async function serveFromCommandLine(
  t: Test,
  start: Omit<ServeStart, 'port'> & { readonly port?: number },
): Promise<ServedDhalion> {
  const dhalion = spawnDhalion({ logLevel: 'debug', ...start, port: start.port ?? (await freePort()) });
  t.teardown(() => dhalion.end());
  const isListening = (): boolean => dhalion.logLines().some(({ msg }) => msg === 'listening');
  await Promise.race([
    eventually('dhalion listens', isListening),
    dhalion.ended.then(() => {
      throw new Error(`dhalion has ended: ${dhalion.stderr()}`);
    }),
  ]);
  return dhalion;
}
