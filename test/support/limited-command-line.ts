// A Node script as a separate process with a limit on open files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import type { RunResult } from './command-line.js';
import { PLAIN_NODE } from './plain-node.js';

/** Runs the script with its arguments until it ends, or the test does. */
export async function spawnLimited(t: Test, maxOpenFiles: number, args: readonly string[]): Promise<RunResult> {
  const shell = ['-c', 'ulimit -n "$0" && exec "$@"', String(maxOpenFiles), ...PLAIN_NODE, ...args];
  const child = spawn('sh', shell, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
