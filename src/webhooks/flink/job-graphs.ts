// The graphs of the jobs that JobManagers run, and how their vertices run. A refresh costs one request a JobManager, and one more a
// job that has changed since it was read. A JobManager that does not answer leaves the edges that are known, and is warned of once.
import { bulkhead } from 'cockatiel';
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
   * @param jobManager its id, or the name of its webhook
   * @returns of the job of that name which was started last; null: not known. How its vertices run is told only where no other job of
   * that name runs: nobody could tell whose series are whose.
   */
  readonly find: (jobManager: string, topologyLabel: string) => JobGraph | null;
}

/** Of a whole refresh; what it could not read by then is read by the next ones. */
const REFRESH_TIMEOUT_MS = 5000;
const MAX_PARALLEL_JOB_MANAGERS = 32;
/** A JobManager's own answers may be as old. */
export const FRESH_MS = 3000;

interface Known extends Omit<Reading, 'faults'> {
  readonly beganMs: number;
  /** Of readings that overlap, the one that began last counts. */
  readonly turn: number;
}

export interface JobGraphsParts {
  /** Those that there are now. */
  readonly jobManagers: () => readonly JobManager[];
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

  /** What has no time left has its turn before the others, the next time. */
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
    if (troubled.delete(id)) logger.info(facts, 'the JobManager tells the graphs of its jobs again');
    else {
      troubled.add(id);
      const consequence = 'those that are not known already are taken as unknown';
      logger.warn(
        { ...facts, error: describeError(faults[0]) },
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
