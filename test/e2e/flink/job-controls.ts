// The word count's controls: the files that it reads while it runs (Controls.java says what is in them).
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Trouble {
  /** The share of all words that are one and the same: its instance of count gets them all. */
  readonly hotShare?: number;
  /** A subtask of split that takes so many times as long. */
  readonly slow?: { readonly subtask: number; readonly factor: number };
  /** With fewer instances than this every one of split takes so many times as long: its state no longer fits its cache. */
  readonly cramped?: { readonly instances: number; readonly factor: number };
}

export interface JobControls {
  readonly folder: string;
  /** Sentences/s from now on. */
  offer(recordsPerSecond: number): Promise<void>;
  /** From now on; none: all is well. */
  trouble(trouble: Trouble | null): Promise<void>;
}

export async function createJobControls(folder: string, now: () => number): Promise<JobControls> {
  await mkdir(folder, { recursive: true });
  const load: string[] = [];
  return {
    folder,
    offer: async (recordsPerSecond) => {
      load.push(`${now()} ${recordsPerSecond}\n`);
      await replace(join(folder, 'load'), load.join(''));
    },
    trouble: async (trouble) => {
      if (trouble === null) await rm(join(folder, 'trouble'), { force: true });
      else await replace(join(folder, 'trouble'), renderTrouble(trouble));
    },
  };
}

export function renderTrouble({ hotShare, slow, cramped }: Trouble): string {
  return [
    ...(hotShare === undefined ? [] : [`hot ${hotShare}\n`]),
    ...(slow === undefined ? [] : [`slow ${slow.subtask} ${slow.factor}\n`]),
    ...(cramped === undefined ? [] : [`cramped ${cramped.instances} ${cramped.factor}\n`]),
  ].join('');
}

/** Whoever reads it meanwhile reads the old one or the new one. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
