// Makes a folder with those above it, open to its owner only.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** One after the other: Node's recursive mkdir never ends where the system says of a folder in one that exists ENOENT, as in /proc. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}
