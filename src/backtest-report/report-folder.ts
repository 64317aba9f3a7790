// A folder beside the file that is to be written: what is in it becomes the file only when all of it is there.
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
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
  const folder = await orOutputFailed(file, async () => {
    const existing = await stat(file).catch(() => null);
    if (existing?.isDirectory() === true) throw new Error('it is a folder');
    return mkdtemp(join(dirname(file), `.${basename(file)}-`));
  });
  return {
    path: (name) => join(folder, name),
    publish: (name) => orOutputFailed(file, () => rename(join(folder, name), file)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A full disk and the like, told by the name of the file that the user gave. */
export async function orOutputFailed<Result>(file: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    throw new DhalionError('output_failed', `cannot write ${file}`, { cause: error });
  }
}
