// The real service as a process of its own, `node dist/cli.js serve`, to be killed at any moment and started again where it
// was. What it says of itself is dhalion-client.ts'.
import { fileURLToPath } from 'node:url';
import { startChildProgram, type ChildProgram } from '../../src/real-parts/child-program.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const POLL_MS = 20;
const READY_TIMEOUT_MS = 60_000;

export interface DhalionStart {
  readonly configFile: string;
  readonly port: number;
  /** Before the script, such as `--max-old-space-size=512`. */
  readonly nodeArgs?: readonly string[];
  readonly logLevel?: string;
}

export interface DhalionProcess extends Omit<ChildProgram, 'kill'> {
  /** Without a trailing slash. */
  readonly url: string;
  /** False if it ended before it was ready. Rejects if it is neither within a minute. */
  ready(): Promise<boolean>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Resolves as soon as the process exists, long before it is ready. */
export async function spawnDhalion(start: DhalionStart): Promise<DhalionProcess> {
  const url = `http://127.0.0.1:${start.port}`;
  let isSpawned = false;
  const child = await startChildProgram({
    name: 'Dhalion',
    program: process.execPath,
    args: [
      ...(start.nodeArgs ?? []),
      CLI,
      'serve',
      `--config.file=${start.configFile}`,
      `--web.listen-address=127.0.0.1:${start.port}`,
      `--log.level=${start.logLevel ?? 'info'}`,
      '--log.format=json',
    ],
    readyUrl: `${url}/-/ready`,
    // Asked once before there is a process, and then at once: who starts it here wants to kill it before it is ready, too.
    isReady: () => {
      const wasSpawned = isSpawned;
      isSpawned = true;
      return Promise.resolve(wasSpawned);
    },
  });
  let isGone = false;
  void child.exited.then(() => {
    isGone = true;
  });
  return {
    ...child,
    url,
    ready: async () => {
      const deadlineMs = Date.now() + READY_TIMEOUT_MS;
      while (!isGone) {
        if (await isReady(url)) return true;
        if (Date.now() > deadlineMs)
          throw new Error(['Dhalion does not become ready', ...child.lastLines()].join('\n  '));
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      return false;
    },
    kill: async () => {
      child.kill();
      await child.exited;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const headers = { connection: 'close' };
    const response = await fetch(`${url}/-/ready`, { headers, signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
