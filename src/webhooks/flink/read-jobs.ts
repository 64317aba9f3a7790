// EDGE: one reading of a JobManager's jobs. One request lists them with their last changes; only jobs that have changed since the last
// reading are then requested.
import { bulkhead } from 'cockatiel';
import { DhalionError } from '../../errors.js';
import type { HttpAnswer } from '../../outbound/http-client.js';
import type { RequestLimits } from '../attempt-requests.js';
import { createFlinkClient, jobPath, JOBS_PATH, type FlinkServer } from './flink-client.js';
import {
  labelOf,
  parseJobGraph,
  parseRunningJobs,
  withoutProgress,
  type JobGraph,
  type ListedJob,
} from './job-graph.js';
import { refusalOf } from './refusal.js';

export interface JobManager extends FlinkServer {
  /** For a webhook with several JobManagers; default: its name. */
  readonly id?: string;
  /** The name of its webhook. */
  readonly name: string;
  readonly timeoutMs: number;
  /** Topology labels of the jobs to read; null: all. */
  readonly jobs: readonly string[] | null;
}

export interface KnownJob extends ListedJob {
  readonly graph: JobGraph | 'ambiguous';
  /** Whether it was read so long after its last change that the answer cannot be older than the change. */
  readonly isSettled: boolean;
}

/** What is known of a JobManager's jobs. */
export interface Knowledge {
  readonly jobs: readonly KnownJob[];
  /** Ids of jobs in the order of their last requests. */
  readonly asked: readonly string[];
}

export interface Reading extends Knowledge {
  /** Why the reading is incomplete. */
  readonly faults: readonly unknown[];
}

/** For one request. An evaluation waits for all requests, and a hanging JobManager must not delay it for long. */
const MAX_TIMEOUT_MS = 3000;
const MAX_PARALLEL_READS = 4;
/** A JobManager's answer about a job may be as old as its `web.refresh-interval` (3 s by default). */
const SETTLES_WITHIN_MS = 30_000;

/**
 * The running jobs. A job that could not be read keeps its known edges, but not its state. If the list cannot be read, the result has
 * the jobs known before.
 */
export async function readJobs(jobManager: JobManager, before: Knowledge, signal: AbortSignal): Promise<Reading> {
  const lanes = bulkhead(MAX_PARALLEL_READS, Infinity);
  const asked: string[] = [];
  const readJob = (job: ListedJob): Promise<KnownJob | null> =>
    lanes.execute(() => {
      signal.throwIfAborted();
      asked.push(job.id);
      return readGraph(jobManager, job, signal);
    });
  let running: readonly ListedJob[] | null;
  try {
    running = parseRunningJobs(
      bodyOf(await createFlinkClient(jobManager).jobs(limitsOf(jobManager, signal)), JOBS_PATH),
    );
    if (running === null) throw notFlink(jobManager);
  } catch (error) {
    return { ...before, jobs: before.jobs.map(unsettled), faults: [error] };
  }
  const isWanted = ({ name }: ListedJob): boolean =>
    jobManager.jobs?.some((job) => labelOf(job) === labelOf(name)) ?? true;
  const wanted = running.filter(isWanted);
  const known = new Map(before.jobs.map((job) => [runOf(job), job]));
  // If many jobs change or hang, each has its turn.
  const turns = new Map(before.asked.map((id, turn) => [id, turn]));
  const toRead = wanted
    .filter((job) => !isUnchanged(known.get(runOf(job)), job))
    .sort((one, other) => (turns.get(one.id) ?? -1) - (turns.get(other.id) ?? -1));
  const settled = await Promise.allSettled(toRead.map(readJob));
  const answered = settled.flatMap((result) => (result.status === 'fulfilled' ? (result.value ?? []) : []));
  const answers = new Map(answered.map((job) => [runOf(job), job]));
  const jobs = wanted.flatMap((job): KnownJob[] => {
    const last = known.get(runOf(job));
    const now = answers.get(runOf(job));
    if (now !== undefined) return [now];
    if (last === undefined) return [];
    return [isUnchanged(last, job) ? last : unsettled(last)];
  });
  const others = new Set(wanted.map(({ id }) => id));
  for (const id of asked) others.delete(id);
  return {
    jobs,
    asked: [...before.asked.filter((id) => others.has(id)), ...asked],
    faults: settled.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : [])),
  };
}

/** A job may run again under the same id (application mode with high availability), with another graph. */
function runOf({ id, startedAtMs }: ListedJob): string {
  return `${id} ${startedAtMs}`;
}

function isUnchanged(known: KnownJob | undefined, { state, changedAtMs }: ListedJob): boolean {
  return known?.isSettled === true && known.state === state && known.changedAtMs === changedAtMs;
}

function unsettled(job: KnownJob): KnownJob {
  return { ...job, isSettled: false, graph: job.graph === 'ambiguous' ? job.graph : withoutProgress(job.graph) };
}

/** null: the job has no graph yet. */
async function readGraph(jobManager: JobManager, job: ListedJob, signal: AbortSignal): Promise<KnownJob | null> {
  const told = parseJobGraph(
    bodyOf(await createFlinkClient(jobManager).job(job.id, limitsOf(jobManager, signal)), jobPath(job.id)),
  );
  if (told === null) throw notFlink(jobManager);
  const { graph, toldAtMs } = told;
  if (graph === 'not yet') return null;
  const isSettled = job.changedAtMs !== null && toldAtMs !== null && toldAtMs - job.changedAtMs > SETTLES_WITHIN_MS;
  return { ...job, graph, isSettled };
}

function limitsOf({ timeoutMs }: JobManager, signal: AbortSignal): RequestLimits {
  return { timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS), signal };
}

/** @param path of the request, for messages */
function bodyOf({ status, body }: HttpAnswer, path: string): string {
  if (status !== 200) throw new DhalionError('flink_rejected', `GET ${path}: ${refusalOf({ status, body }).failure}`);
  return body;
}

function notFlink({ url }: JobManager): DhalionError {
  return new DhalionError('flink_malformed', `${url} is not the REST API of a Flink JobManager`);
}
