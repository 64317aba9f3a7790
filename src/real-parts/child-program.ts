// One child process that serves on loopback: started, awaited, suspended, resumed and ended. Knows nothing of what it serves.
// The caller has to end it before it exits; if Linux' setpriv is present, it also dies with its parent.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { systemClock } from '../clock.js';
import { DhalionError } from '../errors.js';

export interface ChildProgram {
  readonly pid: number;
  /** Resolves when the process is gone, whatever ended it. */
  readonly exited: Promise<void>;
  /** Its last log lines, for a failure's message. */
  lastLines(): readonly string[];
  /**
   * SIGTERM or the chosen signal, after 5 s SIGKILL; resolves when the process is gone. Works on a suspended or ended one
   * too.
   */
  stop(): Promise<void>;
  /** SIGKILL, without waiting: for exit hooks and for tests of crashes. */
  kill(): void;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  suspend(): void;
  resume(): void;
}

export interface ChildProgramOptions {
  /** For messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Runs as this user; default: as the caller. */
  readonly user?: UserIds;
  /** Answers 2xx once the program is ready. */
  readonly readyUrl: string;
  /** Checked instead of `readyUrl`, which then only appears in messages. */
  readonly isReady?: () => Promise<boolean>;
  /** Default 30 s. */
  readonly readyTimeoutMs?: number;
  /** The signal that ends it gracefully; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

const KEPT_LINES = 40;
const KEPT_LINE_LENGTH = 1000;
const POLL_MS = 50;
const ANSWER_TIMEOUT_MS = 1000;
const STOP_GRACE_MS = 5000;
const SETPRIV = '/usr/bin/setpriv';
const FIRST_PORT = 10_000;
const LAST_PORT = 32_767;
const PORT_ATTEMPTS = 50;

/**
 * Starts the program and resolves when it is ready. Rejects with `part_failed` if it cannot be run, exits or is not ready in
 * time (it is then ended); the message contains its last log lines.
 */
export async function startChildProgram(options: ChildProgramOptions): Promise<ChildProgram> {
  if (await isReady(options)) {
    // The answer of another process would be taken for the child's.
    throw new DhalionError(
      'part_failed',
      `${options.name}: another program answers at ${options.readyUrl}: address already in use`,
    );
  }
  const child = spawnWithParent(options);
  const lines = lastLinesOf(child);
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const failure = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(`cannot be run: ${error.message}`);
    });
    child.once('close', (code, signal) => {
      resolve(`ended with ${signal ?? `code ${code ?? -1}`} before it was ready`);
    });
  });
  const stop = (): Promise<void> => stopChild(child, exited, options.stopSignal ?? 'SIGTERM');
  const reason = await Promise.race([failure, whenReady(options, child)]);
  if (reason !== null || child.pid === undefined) {
    if (child.pid !== undefined) await stop();
    throw new DhalionError('part_failed', [`${options.name} ${reason ?? 'has no pid'}`, ...lines].join('\n  '));
  }
  return {
    pid: child.pid,
    exited,
    lastLines: () => [...lines],
    stop,
    kill: () => void child.kill('SIGKILL'),
    suspend: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

/**
 * A loopback TCP port that was free a moment ago. No outgoing connection takes it before a server listens on it, or while the
 * server restarts: it is below the range for outgoing connections (32768 on, or 49152 on).
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await canListen(port)) return port;
  }
  throw new DhalionError('listen_failed', 'no free loopback port');
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** Starts something on a free port; up to two more attempts if another process takes the port in between. */
export async function onFreePort<Started>(start: (port: number) => Promise<Started>): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      const isTaken = error instanceof Error && /address already in use/i.test(error.message);
      if (!isTaken || attempt === 3) throw error;
    }
  }
}

/** Program and arguments that make it die with its parent, however the parent ends; unchanged without setpriv. */
export function withParent(program: string, args: readonly string[]): readonly [string, ...string[]] {
  return existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--', program, ...args] : [program, ...args];
}

function spawnWithParent(options: ChildProgramOptions): ChildProcess {
  const [program, ...args] = withParent(options.program, options.args);
  return spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.user,
  });
}

/** An array that always holds the last lines of both outputs. */
function lastLinesOf(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) continue;
    createInterface({ input }).on('line', (line) => {
      lines.push(line.slice(0, KEPT_LINE_LENGTH));
      if (lines.length > KEPT_LINES) lines.shift();
    });
  }
  return lines;
}

/** null when ready, else why not. Gives up without a message once the child is gone, which is reported elsewhere. */
async function whenReady(options: ChildProgramOptions, child: ChildProcess): Promise<string | null> {
  const timeoutMs = options.readyTimeoutMs ?? 30_000;
  const deadlineMs = systemClock.elapsed() + timeoutMs;
  while (systemClock.elapsed() < deadlineMs && isRunning(child)) {
    if (await isReady(options)) return null;
    await systemClock.sleep(POLL_MS);
  }
  return `did not answer at ${options.readyUrl} within ${timeoutMs / 1000} s`;
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function isReady(options: ChildProgramOptions): Promise<boolean> {
  return options.isReady === undefined ? answers2xx(options.readyUrl) : options.isReady();
}

function answers2xx(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }, (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      resolve(status >= 200 && status < 300);
    });
    request.on('error', () => {
      resolve(false);
    });
  });
}

async function stopChild(child: ChildProcess, exited: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  if (isRunning(child)) {
    child.kill(signal);
    // A suspended process does not receive the signal until it continues.
    child.kill('SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await exited;
    clearTimeout(timer);
  }
  await exited;
}
