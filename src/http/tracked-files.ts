// Files that are read again when they change. It reads synchronously: a connection that has just been accepted cannot wait, and
// looking whether a handful of small files changed takes microseconds.
import { statSync } from 'node:fs';
import { DhalionError, describeError } from '../errors.js';
import { readRegularFileSync } from '../regular-file.js';

export interface TrackedFiles {
  /** The file's content; throws `DhalionError('secret_unreadable')`. The file counts as read even then. */
  read(path: string, maxBytes: number): Buffer;
  /** Whether a file that was read is another now, has gone, or has appeared. */
  haveChanged(): boolean;
}

export function createTrackedFiles(): TrackedFiles {
  const versions = new Map<string, string>();
  return {
    read: (path, maxBytes) => {
      // Before the content: if it changes in between, that is noticed the next time.
      versions.set(path, versionOf(path));
      try {
        return readRegularFileSync(path, maxBytes);
      } catch (error) {
        throw new DhalionError('secret_unreadable', describeError(error));
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
