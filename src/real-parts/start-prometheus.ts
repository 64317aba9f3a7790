// Runs a real Prometheus on loopback, its files under one folder.
import { startLocalServer, type LocalServerStart, type RunningServer } from './local-server.js';

export interface PrometheusStart extends LocalServerStart {
  /** How long series are kept, as Prometheus writes durations; default 15d. */
  readonly retention?: string;
}

/**
 * Resolves when it is ready to serve queries. Rejects with `part_failed`; the message contains the log's tail. Below data/ it
 * keeps the series; blocks that exist there are served.
 */
export function startPrometheus({ retention = '15d', ...options }: PrometheusStart): Promise<RunningServer> {
  const prometheus = {
    name: 'Prometheus',
    configFile: 'prometheus.yml',
    args: (data: string) => [
      `--storage.tsdb.path=${data}`,
      `--storage.tsdb.retention.time=${retention}`,
      '--web.enable-lifecycle',
    ],
  };
  return startLocalServer(prometheus, options);
}
