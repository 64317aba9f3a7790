// Files that are read again when they change. Reads are synchronous: a new connection cannot wait, and checking a few small files
// for changes takes microseconds.
import { statSync } from 'node:fs';
import { DhalionError, describeError } from '../errors.js';
import { readRegularFileSync } from '../regular-file.js';

export interface TrackedFiles {
  /** The file's content; throws `DhalionError('secret_unreadable')`. The file counts as read even then. */
  read(path: string, maxBytes: number): Buffer;
  /** True if a file that was read has changed, gone, or appeared. */
  haveChanged(): boolean;
}

export function createTrackedFiles(): TrackedFiles {
  const versions = new Map<string, string>();
  return {
    read: (path, maxBytes) => {
      // Before the content: a change in between is noticed the next time.
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

/** `ENOENT`: Node's own message contains the path, which the caller reports in its own form. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
