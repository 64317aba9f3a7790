// Runs one of test/support's scripts as a separate process.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { PLAIN_NODE } from './plain-node.js';
import { scriptArguments } from './run-typescript.js';

export function spawnScript(name: string, ...args: string[]): ChildProcessByStdio<null, Readable, null> {
  const [node, ...before] = PLAIN_NODE;
  const script = scriptArguments(new URL(name, import.meta.url));
  return spawn(node, [...before, ...script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills the process once it has printed `enough` lines; resolves with all its lines, when it is gone. */
export async function killAfterLines(child: ChildProcessByStdio<null, Readable, null>, enough: number) {
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    if (said.split('\n').length > enough) child.kill('SIGKILL');
  });
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  // Text after the last line feed is an incomplete line.
  return { signal, lines: said.split('\n').slice(0, -1) };
}
