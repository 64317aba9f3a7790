// Runs a real Alertmanager on loopback, alone (no gossip), its files under one folder.
import { join } from 'node:path';
import { onFreePort, startChildProgram } from './child-program.js';
import { writeFiles, type RunningServer } from './start-prometheus.js';

export interface AlertmanagerStart {
  /** Path of the program. */
  readonly program: string;
  /** Created if missing. Holds the config, the extra files and, under data/, silences and the notification log. */
  readonly dataDir: string;
  /** alertmanager.yml. */
  readonly config: string;
  /** Default: a free port. */
  readonly port?: number;
  /** More files next to alertmanager.yml, by name. */
  readonly extraFiles?: Readonly<Record<string, string>>;
  readonly extraArgs?: readonly string[];
}

/** Resolves when it is ready to take alerts. Rejects with `part_failed`; the message contains the log's tail. */
export async function startAlertmanager(options: AlertmanagerStart): Promise<RunningServer> {
  await writeFiles(options.dataDir, { ...options.extraFiles, 'alertmanager.yml': options.config });
  const start = async (port: number): Promise<RunningServer> => {
    const url = `http://127.0.0.1:${port}`;
    const child = await startChildProgram({
      name: 'Alertmanager',
      program: options.program,
      args: [
        `--config.file=${join(options.dataDir, 'alertmanager.yml')}`,
        `--storage.path=${join(options.dataDir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
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
