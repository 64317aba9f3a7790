// Files that must not be read: pipes without a writer, and a socket without a server.
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';

export function makePipe(folder: string, name = 'pipe'): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

export function makeLink(folder: string, name: string, target: string): string {
  const path = join(folder, name);
  symlinkSync(target, path);
  return path;
}

/** Exists until the test ends. */
export async function makeSocket(t: Test, folder: string): Promise<string> {
  const path = join(folder, 'socket');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.teardown(() => server.close());
  return path;
}
