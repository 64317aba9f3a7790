// Job graphs from one JobManager named `flink`, and a manual clock.
import type { Test } from 'tap';
import type { JobGraph } from '../../src/webhooks/flink/job-graph.js';
import { createJobGraphs } from '../../src/webhooks/flink/job-graphs.js';
import type { JobManager } from '../../src/webhooks/flink/read-jobs.js';
import { createLogger } from '../../src/logger.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { recorded } from './flink-rest-server.js';

/** The recorded job, as listed. */
export const [RUNNING] = (recorded('jobs-overview').body as { jobs: readonly object[] }).jobs;
export const LATER = { 'start-time': 2_000_000_000_000 };

export function setUpJobGraphs(t: Test, url: string, more: Partial<JobManager> = {}, refreshTimeoutMs?: number) {
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    http.close();
  });
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(
    { level: 'debug', format: 'json' },
    { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  let nowMs = 0;
  const graphs = createJobGraphs({
    jobManagers: () => [{ name: 'flink', url, timeoutMs: 1000, http, jobs: null, ...more }],
    clock: { elapsed: () => nowMs },
    logger,
    ...(refreshTimeoutMs === undefined ? {} : { refreshTimeoutMs }),
  });
  const passMs = (ms: number): void => {
    nowMs += ms;
  };
  return { ...graphs, lines, passMs };
}

/** The status of the vertex `count`, its parallelism, and its largest parallelism. */
export function progressOf(graph: JobGraph | null): unknown {
  const { status, parallelism, maxParallelism } = graph?.get('count') ?? {};
  return [status, parallelism, maxParallelism];
}
