// PURE: a job's graph from Flink's answer, by the names in its series, and the state of each vertex.
import { isObject, parseObject } from '../../outbound/json-object.js';

/** Vertices by name; names as in the series' labels, with special characters replaced. */
export type JobGraph = ReadonlyMap<string, JobVertex>;

export interface JobVertex {
  /** Names of the vertices that feed it directly. */
  readonly inputs: readonly string[];
  /** Flink's aggregate state of its subtasks: RUNNING, FINISHED, …; null: not known, or the job is not running. */
  readonly status: string | null;
  /** The present parallelism; null: not known, or the job is not running. */
  readonly parallelism: number | null;
  /** Its maximum parallelism in Flink; null: not known. */
  readonly maxParallelism: number | null;
  /** The number of key groups of its keyed input (its maximum parallelism in Flink); null: not keyed, or not known. */
  readonly keyGroups: number | null;
}

/** A job's graph, and the JobManager's time of the answer; null: not in the answer. */
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
  /** Last change of a subtask's state, by the JobManager's clock; null: not in the answer. */
  readonly changedAtMs: number | null;
}

/** Ended or not begun: the graph of an initializing job is still empty. */
const NOT_RUNNING = new Set(['INITIALIZING', 'FINISHED', 'CANCELED', 'FAILED', 'SUSPENDED']);

/** The ship strategy of an edge after `keyBy` in Flink's plan (KeyGroupStreamPartitioner). */
const KEYED = 'HASH';

/** Replaces special characters as Flink's PrometheusReporter does by default: both settings of it give the same names. */
export function labelOf(name: string): string {
  return name.replace(/[^a-zA-Z0-9:_]/gu, '_');
}

/** Jobs that have begun and not ended; null: not an answer of Flink. */
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
 * Parses `GET /jobs/<id>`: names and states from the vertices, edges from the plan's nodes. null: not an answer of Flink;
 * `not yet`: the job has no plan while it waits for slots (adaptive scheduler); `ambiguous`: two vertices have the same name, and
 * their series cannot be distinguished.
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

/** For a job that fails, restarts or waits, Flink reports the states and parallelisms of its previous run. */
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

/** The graph without its state, which is no longer known: edges, and limits that do not change while the job runs. */
export function withoutProgress(graph: JobGraph): JobGraph {
  return new Map([...graph].map(([name, vertex]) => [name, { ...vertex, status: null, parallelism: null }]));
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Flink writes -1 for an unset value. */
function countOf(value: unknown): number | null {
  return Number.isInteger(value) && (value as number) > 0 ? (value as number) : null;
}
