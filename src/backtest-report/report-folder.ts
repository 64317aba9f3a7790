// A folder beside the file that is to be written: what is in it becomes the file only when all of it is there.
import { lstat, mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DhalionError } from '../errors.js';

export interface ReportFolder {
  /** A file in the folder. */
  path(name: string): string;
  /** Makes that file the one that was asked for, in the place of any that was there before. */
  publish(name: string): Promise<void>;
  /** Takes the folder away, with whatever is in it. */
  remove(): Promise<void>;
}

/** Rejects with `DhalionError` output_failed where nothing can be written. */
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

/** What may be replaced: a regular file, where it really is, or nothing yet. A link stays, and so does a device. */
async function replaceableFile(file: string): Promise<string> {
  if ((await lstat(file).catch(nullIfAbsent)) === null) return file;
  const existing = await stat(file).catch(nullIfAbsent);
  if (existing === null) throw new Error('it is a link to nothing');
  if (existing.isDirectory()) throw new Error('it is a folder');
  if (!existing.isFile()) throw new Error('it is not a regular file');
  return realpath(file);
}

function nullIfAbsent(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}

/** A full disk and the like, told by the name of the file that the user gave. */
export async function orOutputFailed<Result>(file: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    throw new DhalionError('output_failed', `cannot write ${file}`, { cause: error });
  }
}
