// Reads the files that a user names: regular files and links to them, since a pipe, a device or a socket may block its reader
// for ever; with a limit on size and on time. The caller knows a file's purpose and its name in messages.
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { systemClock, type Clock } from './clock.js';
import { DhalionError } from './errors.js';

/** For a secret, a token or a certificate chain. */
export const MAX_SECRET_BYTES = 1024 * 1024;
/** For a configuration. */
export const MAX_CONFIGURATION_BYTES = 16 * 1024 * 1024;

const READ_TIMEOUT_MS = 10_000;
const CHUNK_BYTES = 64 * 1024;
/** A file that became a pipe since it was checked is opened without waiting for a writer. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** Rejects with `DhalionError('file_unreadable')`, whose message continues the file's name. */
export type ReadFile = (path: string, maxBytes: number) => Promise<Buffer>;

export interface FileReaderParts {
  readonly clock: Clock;
  /** May take as long as the file system does; default: `readWhole`. */
  readonly read?: ReadFile;
}

/**
 * A file system that does not answer blocks a thread of the pool until it does. The reader gives up after 10 s, and does not
 * try again to read a file while an attempt is still blocked, so each file blocks at most one thread.
 */
export function createFileReader({ clock, read = readWhole }: FileReaderParts): ReadFile {
  const overdue = new Set<string>();
  return async (path, maxBytes) => {
    if (overdue.has(path)) throw unreadable('cannot be read: its file system has not answered an earlier attempt');
    const answered = new AbortController();
    const reading = read(path, maxBytes).finally(() => {
      overdue.delete(path);
      answered.abort();
    });
    const giveUp = clock.sleep(READ_TIMEOUT_MS, answered.signal).then(() => {
      if (answered.signal.aborted) return reading;
      overdue.add(path);
      throw unreadable(`cannot be read: its file system does not answer within ${READ_TIMEOUT_MS / 1000} s`);
    });
    return await Promise.race([reading, giveUp]);
  };
}

export const readRegularFile = createFileReader({ clock: systemClock });

/** As `readRegularFile`, for callers that cannot wait, and without the time limit. */
export function readRegularFileSync(path: string, maxBytes: number): Buffer {
  let descriptor: number | null = null;
  try {
    refuseOthers(statSync(path), maxBytes);
    descriptor = openSync(path, OPEN_FLAGS);
    refuseOthers(fstatSync(descriptor), maxBytes);
    const chunks = new BoundedChunks(maxBytes);
    while (chunks.add(readSync(descriptor, chunks.next)));
    return chunks.whole();
  } catch (error) {
    throw faultOf(error);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** Why `readRegularFile` would refuse the file, as far as that is known without opening it; null: it would not. */
export function problemOfFile(path: string, maxBytes: number): string | null {
  try {
    refuseOthers(statSync(path), maxBytes);
    return null;
  } catch (error) {
    return faultOf(error).message;
  }
}

async function readWhole(path: string, maxBytes: number): Promise<Buffer> {
  let file: FileHandle | null = null;
  try {
    refuseOthers(await stat(path), maxBytes);
    file = await open(path, OPEN_FLAGS);
    refuseOthers(await file.stat(), maxBytes);
    const chunks = new BoundedChunks(maxBytes);
    while (chunks.add((await file.read(chunks.next)).bytesRead));
    return chunks.whole();
  } catch (error) {
    throw faultOf(error);
  } finally {
    await file?.close();
  }
}

/** Some files report no size, or grow: the bytes read count. */
class BoundedChunks {
  readonly next = Buffer.alloc(CHUNK_BYTES);
  readonly #chunks: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the first `bytes` of `next`; false: none, the file has ended. */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) throw tooLarge(this.#maxBytes);
    this.#chunks.push(Buffer.from(this.next.subarray(0, bytes)));
    return bytes > 0;
  }

  whole(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function refuseOthers(stats: Stats, maxBytes: number): void {
  if (!stats.isFile()) throw unreadable(`is ${kindOf(stats)}, not a regular file`);
  if (stats.size > maxBytes) throw tooLarge(maxBytes);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function tooLarge(maxBytes: number): DhalionError {
  return unreadable(`is larger than ${maxBytes / 1024 / 1024} MiB`);
}

/** Node's message repeats the path after the reason; the caller names the file as the user did. */
function faultOf(error: unknown): DhalionError {
  if (error instanceof DhalionError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return unreadable(`cannot be read (${message.replace(/, \w+(?: '.*')?$/s, '')})`);
}

function unreadable(message: string): DhalionError {
  return new DhalionError('file_unreadable', message);
}
