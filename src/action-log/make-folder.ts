// Creates a folder and its parents, accessible to the owner only.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** One by one: Node's recursive mkdir never ends if the system reports ENOENT for a folder whose parent exists, as in /proc. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}
