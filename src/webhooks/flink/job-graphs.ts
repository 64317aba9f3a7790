// The graphs of the jobs on JobManagers, and the state of their vertices. A refresh costs one request a JobManager, and one more for each
// job that has changed since. If a JobManager does not answer, known edges are kept, and one warning is logged.
import { bulkhead } from 'cockatiel';
import type { Clock } from '../../clock.js';
import { describeError, DhalionError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { labelOf, withoutProgress, type JobGraph } from './job-graph.js';
import { readJobs, type JobManager, type KnownJob, type Reading } from './read-jobs.js';

export interface JobGraphs {
  /**
   * Asks JobManagers for their jobs, and reads the changed ones. Never rejects.
   * @param only by name; those asked a moment ago are not asked again. Default: all JobManagers
   */
  readonly refresh: (signal: AbortSignal, only?: ReadonlySet<string>) => Promise<void>;
  /**
   * @param jobManager its id, or the name of its webhook
   * @returns the graph of the newest job of that name; null: not known. Without the state of its vertices if another job of that name
   * runs, because their series cannot be distinguished.
   */
  readonly find: (jobManager: string, topologyLabel: string) => JobGraph | null;
}

/** For a whole refresh; later refreshes read the rest. */
const REFRESH_TIMEOUT_MS = 5000;
const MAX_PARALLEL_JOB_MANAGERS = 32;
/** The possible age of a JobManager's own answers. */
export const FRESH_MS = 3000;

interface Known extends Omit<Reading, 'faults'> {
  readonly beganMs: number;
  /** If readings overlap, the one that began last counts. */
  readonly turn: number;
}

export interface JobGraphsParts {
  /** The present JobManagers. */
  readonly jobManagers: () => readonly JobManager[];
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly logger: Logger;
  readonly refreshTimeoutMs?: number;
}

export function createJobGraphs({ jobManagers, clock, logger, refreshTimeoutMs }: JobGraphsParts): JobGraphs {
  const known = new Map<string, Known>();
  const troubled = new Set<string>();
  /** Ids of jobs with a logged warning. */
  const ambiguous = new Set<string>();
  let turns = 0;

  /** A JobManager without time left is asked first by the next refresh. */
  async function refreshOne(jobManager: JobManager, untilMs: number, signal: AbortSignal): Promise<void> {
    const id = idOf(jobManager);
    const before = known.get(id) ?? { jobs: [], asked: [] };
    const beganMs = clock.elapsed();
    if (beganMs >= untilMs) return;
    turns += 1;
    const turn = turns;
    const { faults, ...knowledge } = await withinTime(untilMs - beganMs, signal, (inTime) =>
      readJobs(jobManager, before, inTime),
    );
    if (signal.aborted || (known.get(id)?.turn ?? 0) > turn) return;
    known.set(id, { ...knowledge, beganMs, turn });
    warnOfAmbiguous(jobManager.name, knowledge.jobs);
    reportTrouble(jobManager, faults);
  }

  function reportTrouble(jobManager: JobManager, faults: readonly unknown[]): void {
    const id = idOf(jobManager);
    const { name, url } = jobManager;
    const facts = { webhook: name, ...(id === name ? {} : { job_manager: url }) };
    if (faults.length > 0 === troubled.has(id)) return;
    if (troubled.delete(id)) logger.info(facts, 'job graphs can be read from the JobManager again');
    else {
      troubled.add(id);
      const consequence = 'known graphs are kept, others are unknown';
      logger.warn(
        { ...facts, error: describeError(faults[0]) },
        `cannot read job graphs from a JobManager: ${consequence}`,
      );
    }
  }

  function warnOfAmbiguous(webhook: string, jobs: readonly KnownJob[]): void {
    for (const { id, name, graph } of jobs) {
      if (graph !== 'ambiguous') ambiguous.delete(id);
      else if (!ambiguous.has(id)) {
        ambiguous.add(id);
        const facts = { webhook, topology: labelOf(name), job_id: id };
        logger.warn(facts, 'several vertices of the job have the same name: its graph is not used');
      }
    }
  }

  function beganMsOf(jobManager: JobManager): number {
    return known.get(idOf(jobManager))?.beganMs ?? Number.MIN_SAFE_INTEGER;
  }

  function isDue(jobManager: JobManager, only: ReadonlySet<string> | undefined): boolean {
    if (only === undefined) return true;
    return only.has(jobManager.name) && clock.elapsed() - beganMsOf(jobManager) >= FRESH_MS;
  }

  return {
    async refresh(signal, only) {
      const all = jobManagers();
      const ids = new Set(all.map(idOf));
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
      for (const id of troubled) if (!ids.has(id)) troubled.delete(id);
      const due = all
        .filter((jobManager) => isDue(jobManager, only))
        .sort((one, other) => beganMsOf(one) - beganMsOf(other));
      const lanes = bulkhead(MAX_PARALLEL_JOB_MANAGERS, Infinity);
      const untilMs = clock.elapsed() + (refreshTimeoutMs ?? REFRESH_TIMEOUT_MS);
      await Promise.all(due.map((jobManager) => lanes.execute(() => refreshOne(jobManager, untilMs, signal))));
    },
    find(jobManager, topologyLabel) {
      const label = labelOf(topologyLabel);
      const jobs = (known.get(jobManager)?.jobs ?? []).filter(({ name }) => labelOf(name) === label);
      const newest = jobs.reduce<KnownJob | null>(
        (last, job) => (last === null || job.startedAtMs > last.startedAtMs ? job : last),
        null,
      );
      if (newest === null || newest.graph === 'ambiguous') return null;
      return jobs.length > 1 ? withoutProgress(newest.graph) : newest.graph;
    },
  };
}

function idOf({ id, name }: JobManager): string {
  return id ?? name;
}

/** Uses its own timer: Node 20 collects an `AbortSignal.timeout` that only `AbortSignal.any` references, and it then never fires. */
async function withinTime<Result>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (inTime: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timeUp = new AbortController();
  const timer = setTimeout(() => {
    timeUp.abort(new DhalionError('call_timeout', `incomplete after ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    return await work(AbortSignal.any([signal, timeUp.signal]));
  } finally {
    clearTimeout(timer);
  }
}
