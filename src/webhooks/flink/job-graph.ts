// PURE: a job's graph out of Flink's answer, by the names that its series carry, and how each of its vertices runs.
import { isObject, parseObject } from '../../outbound/json-object.js';

/** Vertices by name; names as the series' labels have them once their special characters are replaced. */
export type JobGraph = ReadonlyMap<string, JobVertex>;

export interface JobVertex {
  /** Names of the vertices that feed it directly. */
  readonly inputs: readonly string[];
  /** As Flink says it, of all its subtasks together: RUNNING, FINISHED, …; null: not known, or the job does not run just now. */
  readonly status: string | null;
  /** That it runs with now; null: not known, or the job does not run just now. */
  readonly parallelism: number | null;
  /** Flink lets it run with no more than this; null: not known. */
  readonly maxParallelism: number | null;
  /** Its keyed input comes in so many groups (Flink: its maximum parallelism); null: not keyed, or not known. */
  readonly keyGroups: number | null;
}

/** A job's graph, and the JobManager's time when it told it; null: it did not say. */
export interface ToldGraph {
  readonly graph: JobGraph | 'ambiguous' | 'not yet';
  readonly toldAtMs: number | null;
}

/** A job as `GET /jobs/overview` lists it. */
export interface ListedJob {
  readonly id: string;
  readonly name: string;
  readonly startedAtMs: number;
  readonly state: string;
  /** When a subtask last changed its state, by the JobManager's clock; null: it does not say. */
  readonly changedAtMs: number | null;
}

/** Ended, or not begun: the graph of a job that is being initialized is still empty. */
const NOT_RUNNING = new Set(['INITIALIZING', 'FINISHED', 'CANCELED', 'FAILED', 'SUSPENDED']);

/** How Flink's plan calls what `keyBy` makes of an edge (KeyGroupStreamPartitioner). */
const KEYED = 'HASH';

/** Flink's PrometheusReporter writes label values so, unless it is told not to; this makes both ways the same. */
export function labelOf(name: string): string {
  return name.replace(/[^a-zA-Z0-9:_]/gu, '_');
}

/** Jobs that have begun and not ended; null: it is not what Flink answers. */
export function parseRunningJobs(text: string): readonly ListedJob[] | null {
  const jobs = parseObject(text)?.['jobs'];
  if (!Array.isArray(jobs)) return null;
  return jobs.filter(isObject).flatMap((job) => {
    const { jid: id, name, state, 'start-time': startedAtMs, 'last-modification': changedAtMs } = job;
    if (typeof id !== 'string' || typeof name !== 'string' || typeof startedAtMs !== 'number') return [];
    if (NOT_RUNNING.has(String(state))) return [];
    return [{ id, name, startedAtMs, state: String(state), changedAtMs: numberOf(changedAtMs) }];
  });
}

/**
 * Of `GET /jobs/<id>`: names and what they run with by vertex, edges by the plan's nodes. null: it is not what Flink answers;
 * `not yet`: it has no plan while it waits for slots (adaptive scheduler); `ambiguous`: two vertices have the same name, so that
 * their series cannot be told apart.
 */
export function parseJobGraph(text: string): ToldGraph | null {
  const job = parseObject(text);
  const [vertices, plan] = [job?.['vertices'], job?.['plan']];
  if (job === null || !Array.isArray(vertices) || !isObject(plan)) return null;
  const { nodes = [] } = plan;
  if (!Array.isArray(nodes)) return null;
  const graph =
    nodes.length === 0 ? 'not yet' : graphOf(vertices.filter(isObject), nodes.filter(isObject), job['state']);
  return graph && { graph, toldAtMs: numberOf(job['now']) };
}

type Json = Readonly<Record<string, unknown>>;

function graphOf(vertices: readonly Json[], nodes: readonly Json[], state: unknown): JobGraph | 'ambiguous' | null {
  const names = new Map(vertices.map(({ id, name }) => [id, typeof name === 'string' ? labelOf(name) : null]));
  const facts = new Map(vertices.map((vertex) => [vertex['id'], factsOf(vertex, state === 'RUNNING')]));
  if (new Set(names.values()).size < names.size) return 'ambiguous';
  const graph = new Map<string, JobVertex>();
  for (const { id, inputs = [] } of nodes) {
    const [name, fact] = [names.get(id), facts.get(id)];
    if (typeof name !== 'string' || fact === undefined || !Array.isArray(inputs)) return null;
    const feeding = inputs.filter(isObject).map((input) => names.get(input['id']));
    if (!feeding.every((input) => typeof input === 'string')) return null;
    const isKeyed = inputs.some((input) => isObject(input) && input['ship_strategy'] === KEYED);
    graph.set(name, { inputs: [...new Set(feeding)], ...fact, keyGroups: isKeyed ? fact.maxParallelism : null });
  }
  return graph.size === names.size ? graph : null;
}

/** Of a job that fails, restarts or waits, Flink tells states and parallelisms of what is over. */
function factsOf(
  { status, parallelism, maxParallelism }: Json,
  isRunning: boolean,
): Pick<JobVertex, 'status' | 'parallelism' | 'maxParallelism'> {
  return {
    status: isRunning && typeof status === 'string' ? status : null,
    parallelism: isRunning ? countOf(parallelism) : null,
    maxParallelism: countOf(maxParallelism),
  };
}

/** What is left of a graph when nobody tells any more how the job runs: its edges, and bounds that do not change while it runs. */
export function withoutProgress(graph: JobGraph): JobGraph {
  return new Map([...graph].map(([name, vertex]) => [name, { ...vertex, status: null, parallelism: null }]));
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Flink writes -1 for what is not set. */
function countOf(value: unknown): number | null {
  return Number.isInteger(value) && (value as number) > 0 ? (value as number) : null;
}
