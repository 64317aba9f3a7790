// A folder next to the output file: its content replaces the file only when it is complete.
import { lstat, mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DhalionError } from '../errors.js';

export interface ReportFolder {
  /** A file in the folder. */
  path(name: string): string;
  /** Moves that file to the requested place, and replaces a previous one. */
  publish(name: string): Promise<void>;
  /** Removes the folder with its content. */
  remove(): Promise<void>;
}

/** Rejects with `DhalionError` output_failed if nothing can be written. */
export async function createReportFolder(file: string): Promise<ReportFolder> {
  const { target, folder } = await orOutputFailed(file, async () => {
    const target = await replaceableFile(file);
    return { target, folder: await mkdtemp(join(dirname(target), `.${basename(target)}-`)) };
  });
  return {
    path: (name) => join(folder, name),
    publish: (name) => orOutputFailed(file, () => rename(join(folder, name), target)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The path that may be replaced: a regular file, with links resolved, or no file yet. Links and devices are kept. */
async function replaceableFile(file: string): Promise<string> {
  if ((await lstat(file).catch(nullIfAbsent)) === null) return file;
  const existing = await stat(file).catch(nullIfAbsent);
  if (existing === null) throw new Error('it is a broken link');
  if (existing.isDirectory()) throw new Error('it is a folder');
  if (!existing.isFile()) throw new Error('it is not a regular file');
  return realpath(file);
}

function nullIfAbsent(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}

/** Reports a fault, such as a full disk, with the name of the user's file. */
export async function orOutputFailed<Result>(file: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    throw new DhalionError('output_failed', `cannot write ${file}`, { cause: error });
  }
}
