// What Prometheus and Alertmanager have in common as programs: a configuration file, a folder, a port on loopback.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onFreePort, startChildProgram, type ChildProgram } from './child-program.js';

export interface LocalServerStart {
  /** Path of the program. */
  readonly program: string;
  /** Created if missing. Holds the config, the extra files and, under data/, what the server keeps. */
  readonly dataDir: string;
  /** The text of its configuration. */
  readonly config: string;
  /** Default: a free port. */
  readonly port?: number;
  /** More files beside the configuration, by name: its relative paths start there. */
  readonly extraFiles?: Readonly<Record<string, string>>;
  /** More flags, such as `--query.lookback-delta=30s`. */
  readonly extraArgs?: readonly string[];
}

export interface ServerProgram {
  readonly name: string;
  /** Name of the configuration file. */
  readonly configFile: string;
  /** Flags besides those of the configuration file and the address, given the folder of what it keeps. */
  readonly args: (data: string) => readonly string[];
}

/** A running server; `url` is without a trailing slash. */
export interface RunningServer extends ChildProgram {
  readonly url: string;
}

/** Resolves when it is ready. Rejects with `part_failed`; the message contains the log's tail. */
export async function startLocalServer(
  { name, configFile, args }: ServerProgram,
  { program, dataDir, config, port, extraFiles = {}, extraArgs = [] }: LocalServerStart,
): Promise<RunningServer> {
  await writeFiles(dataDir, { ...extraFiles, [configFile]: config });
  const start = async (on: number): Promise<RunningServer> => {
    const url = `http://127.0.0.1:${on}`;
    const child = await startChildProgram({
      name,
      program,
      args: [
        `--config.file=${join(dataDir, configFile)}`,
        `--web.listen-address=127.0.0.1:${on}`,
        '--log.level=warn',
        ...args(join(dataDir, 'data')),
        ...extraArgs,
      ],
      cwd: dataDir,
      readyUrl: `${url}/-/ready`,
    });
    return { ...child, url };
  };
  return port === undefined ? onFreePort(start) : start(port);
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}
