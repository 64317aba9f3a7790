// The graphs of the jobs that JobManagers run, and how their vertices run. A refresh costs one request a JobManager, and one more a
// job that has changed since it was read. A JobManager that does not answer leaves the edges that are known, and is warned of once.
import type { Clock } from '../../clock.js';
import { describeError, DhalionError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { labelOf, withoutProgress, type JobGraph } from './job-graph.js';
import { readJobs, type JobManager, type KnownJob, type Reading } from './read-jobs.js';

export interface JobGraphs {
  /**
   * Asks JobManagers which jobs they run, and reads what has changed since. Never rejects.
   * @param only by name; of these, one that was asked a moment ago is not asked again. Default: all of them
   */
  readonly refresh: (signal: AbortSignal, only?: ReadonlySet<string>) => Promise<void>;
  /**
   * Of the job of that name which was started last; null: not known. How its vertices run is told only where no other job of
   * that name runs: nobody could tell whose series are whose.
   */
  readonly find: (jobManager: string, topologyLabel: string) => JobGraph | null;
}

/** Of a whole refresh; what it could not read by then is read by the next ones. */
const REFRESH_TIMEOUT_MS = 5000;
/** A JobManager's own answers may be as old. */
const FRESH_MS = 3000;

interface Known extends Omit<Reading, 'faults'> {
  readonly beganMs: number;
  /** Of readings that overlap, the one that began last counts. */
  readonly turn: number;
}

export interface JobGraphsParts {
  readonly jobManagers: readonly JobManager[];
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly logger: Logger;
  readonly refreshTimeoutMs?: number;
}

export function createJobGraphs({ jobManagers, clock, logger, refreshTimeoutMs }: JobGraphsParts): JobGraphs {
  const known = new Map<string, Known>();
  const troubled = new Set<string>();
  /** Ids of jobs that were warned of. */
  const ambiguous = new Set<string>();
  let turns = 0;

  async function refreshOne(jobManager: JobManager, signal: AbortSignal): Promise<void> {
    const { name } = jobManager;
    const before = known.get(name) ?? { jobs: [], asked: [] };
    const beganMs = clock.elapsed();
    turns += 1;
    const turn = turns;
    const { faults, ...knowledge } = await withinTime(refreshTimeoutMs ?? REFRESH_TIMEOUT_MS, signal, (inTime) =>
      readJobs(jobManager, before, inTime),
    );
    if (signal.aborted || (known.get(name)?.turn ?? 0) > turn) return;
    known.set(name, { ...knowledge, beganMs, turn });
    warnOfAmbiguous(name, knowledge.jobs);
    reportTrouble(name, faults);
  }

  function reportTrouble(name: string, faults: readonly unknown[]): void {
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

  function isDue(name: string, only: ReadonlySet<string> | undefined): boolean {
    if (only === undefined) return true;
    return only.has(name) && clock.elapsed() - (known.get(name)?.beganMs ?? -Infinity) >= FRESH_MS;
  }

  return {
    async refresh(signal, only) {
      const due = jobManagers.filter(({ name }) => isDue(name, only));
      await Promise.all(due.map((jobManager) => refreshOne(jobManager, signal)));
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
