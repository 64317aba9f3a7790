// Runs a real Prometheus on loopback, its files under one folder.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onFreePort, startChildProgram, type ChildProgram } from './child-program.js';

export interface PrometheusStart {
  /** Path of the program. */
  readonly program: string;
  /** Created if missing. Holds the config, the extra files and, under data/, the series; blocks that exist there are served. */
  readonly dataDir: string;
  /** prometheus.yml. */
  readonly config: string;
  /** Default: a free port. */
  readonly port?: number;
  /** More files next to prometheus.yml, by name (rule files: its relative paths start there). */
  readonly extraFiles?: Readonly<Record<string, string>>;
  /** How long series are kept, as Prometheus writes durations; default 15d. */
  readonly retention?: string;
  /** More flags, such as `--query.lookback-delta=30s`. */
  readonly extraArgs?: readonly string[];
}

/** A running server; `url` is without a trailing slash. */
export interface RunningServer extends ChildProgram {
  readonly url: string;
}

/** Resolves when it is ready to serve queries. Rejects with `part_failed`; the message contains the log's tail. */
export async function startPrometheus(options: PrometheusStart): Promise<RunningServer> {
  await writeFiles(options.dataDir, { ...options.extraFiles, 'prometheus.yml': options.config });
  const start = async (port: number): Promise<RunningServer> => {
    const url = `http://127.0.0.1:${port}`;
    const child = await startChildProgram({
      name: 'Prometheus',
      program: options.program,
      args: [
        `--config.file=${join(options.dataDir, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(options.dataDir, 'data')}`,
        `--storage.tsdb.retention.time=${options.retention ?? '15d'}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-lifecycle',
        '--log.level=warn',
        ...(options.extraArgs ?? []),
      ],
      cwd: options.dataDir,
      readyUrl: `${url}/-/ready`,
    });
    return { ...child, url };
  };
  return options.port === undefined ? onFreePort(start) : start(options.port);
}

/** Writes files by name into a folder, which is created if missing. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}
