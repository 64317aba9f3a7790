// EDGE: the requests to one JobManager's REST API, and the size limits of answers. The caller interprets answers: a refused change and
// an unreadable graph are different faults.
import type { HttpAnswer, HttpClient } from '../../outbound/http-client.js';
import type { RequestLimits } from '../attempt-requests.js';

export interface FlinkServer {
  /** With its path prefix, without a trailing slash. */
  readonly url: string;
  readonly http: Pick<HttpClient, 'call'>;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Each rejects with the faults of `HttpClient.call`, and resolves with an answer of any status. */
export interface FlinkClient {
  /** Flink's version, and its slots. */
  overview(limits: RequestLimits): Promise<HttpAnswer>;
  jobs(limits: RequestLimits): Promise<HttpAnswer>;
  job(jobId: string, limits: RequestLimits): Promise<HttpAnswer>;
  requirements(jobId: string, limits: RequestLimits): Promise<HttpAnswer>;
  setRequirements(jobId: string, requirements: object, limits: RequestLimits): Promise<HttpAnswer>;
  /** Flink 2.3 or newer, for a job with the adaptive scheduler; else 404. */
  rescaleConfig(jobId: string, limits: RequestLimits): Promise<HttpAnswer>;
  /** Flink 2.3 or newer, if `web.adaptive-scheduler.rescale-history.size` is more than its default 0; else 404. */
  rescaleHistory(jobId: string, limits: RequestLimits): Promise<HttpAnswer>;
  /** One rescale with its vertices, which the history leaves out. */
  rescaleDetails(jobId: string, rescaleId: string, limits: RequestLimits): Promise<HttpAnswer>;
  checkpointConfig(jobId: string, limits: RequestLimits): Promise<HttpAnswer>;
  /** The JobManager's configuration without defaults; Flink masks secrets. */
  configuration(limits: RequestLimits): Promise<HttpAnswer>;
}

export const JSON_TYPE = 'application/json';

/** Longer answers are cut: only the status of a call matters. About 80 bytes a vertex. */
const CUT = { maxResponseBytes: 1024 * 1024, ifTooLong: 'cut' } as const;
/** Longer answers are a fault: half a graph has no use. A few kB a vertex. */
const WHOLE = { maxResponseBytes: 8 * 1024 * 1024 } as const;

export const JOBS_PATH = '/jobs/overview';

export function jobPath(jobId: string): string {
  return `/jobs/${encodeURIComponent(jobId)}`;
}

export function createFlinkClient({ url, http, headers = {} }: FlinkServer): FlinkClient {
  const get = (path: string, size: typeof CUT | typeof WHOLE, limits: RequestLimits): Promise<HttpAnswer> =>
    http.call({
      url: `${url}${path}`,
      method: 'GET',
      headers: { ...headers, accept: JSON_TYPE },
      body: null,
      ...size,
      ...limits,
    });
  return {
    overview: (limits) => get('/overview', CUT, limits),
    jobs: (limits) => get(JOBS_PATH, WHOLE, limits),
    job: (jobId, limits) => get(jobPath(jobId), WHOLE, limits),
    requirements: (jobId, limits) => get(requirementsPath(jobId), CUT, limits),
    rescaleConfig: (jobId, limits) => get(`${jobPath(jobId)}/rescales/config`, CUT, limits),
    rescaleHistory: (jobId, limits) => get(`${jobPath(jobId)}/rescales/history`, WHOLE, limits),
    rescaleDetails: (jobId, rescaleId, limits) =>
      get(`${jobPath(jobId)}/rescales/details/${encodeURIComponent(rescaleId)}`, WHOLE, limits),
    checkpointConfig: (jobId, limits) => get(`${jobPath(jobId)}/checkpoints/config`, CUT, limits),
    configuration: (limits) => get('/jobmanager/config', CUT, limits),
    setRequirements: (jobId, requirements, limits) =>
      http.call({
        url: `${url}${requirementsPath(jobId)}`,
        method: 'PUT',
        headers: { ...headers, accept: JSON_TYPE, 'content-type': JSON_TYPE },
        body: JSON.stringify(requirements),
        ...CUT,
        ...limits,
      }),
  };
}

function requirementsPath(jobId: string): string {
  return `${jobPath(jobId)}/resource-requirements`;
}
