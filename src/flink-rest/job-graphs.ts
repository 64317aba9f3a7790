// The graphs of the jobs that JobManagers run, for topologies whose operators were listed without `inputs`, or not at all. A
// job's graph is read once; a JobManager that does not answer leaves what is known, and is warned of once.
import { bulkhead } from 'cockatiel';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { HttpClient } from '../outbound/http-client.js';
import { labelOf, parseJobGraph, parseRunningJobs, type JobGraph, type ListedJob } from './job-graph.js';
import { refusalOf } from './refusal.js';

export interface JobManager {
  /** Of its webhook. */
  readonly name: string;
  readonly url: string;
  readonly timeoutMs: number;
  readonly http: Pick<HttpClient, 'call'>;
  /** Topology labels of the jobs whose graph is wanted; null: of all. */
  readonly jobs: readonly string[] | null;
}

export interface JobGraphs {
  /** Asks every JobManager which jobs it runs, and reads the graphs that are not known yet. Never rejects. */
  readonly refresh: (signal: AbortSignal) => Promise<void>;
  /** Of the job of that name which was started last; null: not known. */
  readonly find: (jobManager: string, topologyLabel: string) => JobGraph | null;
}

/** Of one question. An evaluation waits for all of them, so that a JobManager that hangs must not hold it up for long. */
const MAX_TIMEOUT_MS = 3000;
/** Of a whole refresh; what it could not read by then is read by the next ones. */
const REFRESH_TIMEOUT_MS = 5000;
/** Some kB a vertex. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_PARALLEL_READS = 4;

interface KnownJob extends ListedJob {
  readonly graph: JobGraph | 'ambiguous';
}

/** What was learnt of a JobManager's jobs. */
interface Knowledge {
  readonly jobs: readonly KnownJob[];
  /** Ids of the jobs whose graph could not be read, those tried last at the end. */
  readonly unread: readonly string[];
}

export function createJobGraphs(
  jobManagers: readonly JobManager[],
  logger: Logger,
  refreshTimeoutMs = REFRESH_TIMEOUT_MS,
): JobGraphs {
  const known = new Map<string, Knowledge>();
  const troubled = new Set<string>();

  async function refreshOne(jobManager: JobManager, signal: AbortSignal): Promise<void> {
    const { name } = jobManager;
    const before = known.get(name) ?? { jobs: [], unread: [] };
    const { faults, ...knowledge } = await withinTime(refreshTimeoutMs, signal, (inTime) =>
      readJobs(jobManager, before, logger, inTime),
    );
    if (signal.aborted) return;
    known.set(name, knowledge);
    if (faults.length > 0 === troubled.has(name)) return;
    if (troubled.delete(name)) logger.info({ webhook: name }, 'the JobManager tells the graphs of its jobs again');
    else {
      troubled.add(name);
      const consequence = 'those that are not known already are taken as unknown';
      logger.warn(
        { webhook: name, error: describeError(faults[0]) },
        `a JobManager does not tell the graphs of its jobs: ${consequence}`,
      );
    }
  }

  return {
    async refresh(signal) {
      await Promise.all(jobManagers.map((jobManager) => refreshOne(jobManager, signal)));
    },
    find(jobManager, topologyLabel) {
      const label = labelOf(topologyLabel);
      const jobs = (known.get(jobManager)?.jobs ?? []).filter(({ name }) => labelOf(name) === label);
      const newest = jobs.reduce<KnownJob | null>(
        (last, job) => (last === null || job.startedAtMs > last.startedAtMs ? job : last),
        null,
      );
      return newest === null || newest.graph === 'ambiguous' ? null : newest.graph;
    },
  };
}

/** By a timer of its own: of `AbortSignal.any`, Node 20 collects an `AbortSignal.timeout` that nobody else holds, which then never fires. */
async function withinTime<Result>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (inTime: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timeUp = new AbortController();
  const timer = setTimeout(() => {
    timeUp.abort(new DhalionError('call_timeout', `not all was read within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    return await work(AbortSignal.any([signal, timeUp.signal]));
  } finally {
    clearTimeout(timer);
  }
}

interface Reading extends Knowledge {
  /** What kept the reading from being complete. */
  readonly faults: readonly unknown[];
}

/** Those that run now; what is known of them already is not asked again. If that cannot be learnt, those known before. */
async function readJobs(
  jobManager: JobManager,
  before: Knowledge,
  logger: Logger,
  signal: AbortSignal,
): Promise<Reading> {
  const lanes = bulkhead(MAX_PARALLEL_READS, Infinity);
  const tried: string[] = [];
  const readJob = (job: ListedJob): Promise<KnownJob | null> =>
    lanes.execute(() => {
      signal.throwIfAborted();
      tried.push(job.id);
      return readGraph(jobManager, job, logger, signal);
    });
  try {
    const running = parseRunningJobs(await read(jobManager, '/jobs/overview', signal));
    if (running === null) throw notFlink(jobManager);
    const isWanted = ({ name }: ListedJob): boolean =>
      jobManager.jobs?.some((job) => labelOf(job) === labelOf(name)) ?? true;
    const wanted = running.filter(isWanted);
    const kept = wanted.flatMap((job) => before.jobs.find((known) => isSameRun(known, job)) ?? []);
    // Of many that hang, not the same ones first each time.
    const toRead = wanted
      .filter(({ id }) => !kept.some((known) => known.id === id))
      .sort((one, other) => before.unread.indexOf(one.id) - before.unread.indexOf(other.id));
    const settled = await Promise.allSettled(toRead.map(readJob));
    const answered = settled.flatMap((result) => (result.status === 'fulfilled' ? (result.value ?? []) : []));
    return {
      jobs: [...kept, ...answered],
      unread: [...toRead.map(({ id }) => id).filter((id) => !tried.includes(id)), ...tried].filter(
        (id) => !answered.some((job) => job.id === id),
      ),
      faults: settled.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : [])),
    };
  } catch (error) {
    return { ...before, faults: [error] };
  }
}

/** A job may run again under the same id (application mode with high availability), with another graph. */
function isSameRun(one: ListedJob, other: ListedJob): boolean {
  return one.id === other.id && one.startedAtMs === other.startedAtMs;
}

/** null: it has none yet. */
async function readGraph(
  jobManager: JobManager,
  job: ListedJob,
  logger: Logger,
  signal: AbortSignal,
): Promise<KnownJob | null> {
  const graph = parseJobGraph(await read(jobManager, `/jobs/${encodeURIComponent(job.id)}`, signal));
  if (graph === null) throw notFlink(jobManager);
  if (graph === 'not yet') return null;
  if (graph === 'ambiguous') {
    const facts = { webhook: jobManager.name, topology: labelOf(job.name), job_id: job.id };
    logger.warn(facts, 'several vertices of the job have the same name: its graph is not used');
  }
  return { ...job, graph };
}

async function read({ url, timeoutMs, http }: JobManager, path: string, signal: AbortSignal): Promise<string> {
  const { status, body } = await http.call({
    url: `${url}${path}`,
    method: 'GET',
    headers: { accept: 'application/json' },
    body: null,
    timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS),
    maxResponseBytes: MAX_ANSWER_BYTES,
    signal,
  });
  if (status !== 200) throw new DhalionError('flink_rejected', `GET ${path}: ${refusalOf({ status, body }).failure}`);
  return body;
}

function notFlink({ url }: JobManager): DhalionError {
  return new DhalionError('flink_malformed', `what answers at ${url} is not the REST API of a Flink JobManager`);
}
