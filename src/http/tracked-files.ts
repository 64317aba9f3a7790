// Files that are read again when they change. It reads synchronously: a connection that has just been accepted cannot wait, and
// looking whether a handful of small files changed takes microseconds.
import { readFileSync, statSync } from 'node:fs';
import { DhalionError } from '../errors.js';

export interface TrackedFiles {
  /** The file's content; throws `DhalionError('secret_unreadable')`. The file counts as read even then. */
  read(path: string): Buffer;
  /** Whether a file that was read is another now, has gone, or has appeared. */
  haveChanged(): boolean;
}

export function createTrackedFiles(): TrackedFiles {
  const versions = new Map<string, string>();
  return {
    read: (path) => {
      // Before the content: if it changes in between, that is noticed the next time.
      versions.set(path, versionOf(path));
      try {
        // Reading a pipe could wait for ever.
        if (!statSync(path).isFile()) throw new DhalionError('secret_unreadable', 'is no regular file');
        return readFileSync(path);
      } catch (error) {
        if (error instanceof DhalionError) throw error;
        throw new DhalionError('secret_unreadable', `cannot be read (${reasonOf(error)})`);
      }
    },
    haveChanged: () => [...versions].some(([path, version]) => versionOf(path) !== version),
  };
}

/** Changes whenever a file is written or replaced, also behind a symbolic link. */
function versionOf(path: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino, dev } = statSync(path, { bigint: true });
    return [mtimeNs, ctimeNs, size, ino, dev].join('/');
  } catch (error) {
    return reasonOf(error);
  }
}

/** `ENOENT`: Node's own message quotes the path, which the caller names in its own way. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
