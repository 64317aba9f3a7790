// A Node script as a process of its own that may have so many files open and no more.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import type { RunResult } from './command-line.js';

/** Runs the script with its arguments until it ends, or the test does. */
export async function spawnLimited(t: Test, maxOpenFiles: number, args: readonly string[]): Promise<RunResult> {
  const shell = [
    '-c',
    'unset NODE_OPTIONS && ulimit -n "$0" && exec "$@"',
    String(maxOpenFiles),
    process.execPath,
    ...args,
  ];
  const child = spawn('sh', shell, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not the test's own environment, which has tap's loaders in it: tap puts them in again, which the shell undoes.
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
