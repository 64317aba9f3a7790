// PURE: a job's graph out of Flink's answer, by the names that its series carry.
import { isObject, parseObject } from '../outbound/json-object.js';

/** Inputs by operator, both as the series' labels have them once their special characters are replaced. */
export type JobGraph = ReadonlyMap<string, readonly string[]>;

/** A job as `GET /jobs/overview` lists it. */
export interface ListedJob {
  readonly id: string;
  readonly name: string;
  readonly startedAtMs: number;
}

/** Ended, or not begun: the graph of a job that is being initialized is still empty. */
const NOT_RUNNING = new Set(['INITIALIZING', 'FINISHED', 'CANCELED', 'FAILED', 'SUSPENDED']);

/** Flink's PrometheusReporter writes label values so, unless it is told not to; this makes both ways the same. */
export function labelOf(name: string): string {
  return name.replace(/[^a-zA-Z0-9:_]/gu, '_');
}

/** Jobs that have begun and not ended; null: it is not what Flink answers. */
export function parseRunningJobs(text: string): readonly ListedJob[] | null {
  const jobs = parseObject(text)?.['jobs'];
  if (!Array.isArray(jobs)) return null;
  return jobs.filter(isObject).flatMap((job) => {
    const { jid: id, name, state, 'start-time': startedAtMs } = job;
    if (typeof id !== 'string' || typeof name !== 'string' || typeof startedAtMs !== 'number') return [];
    return NOT_RUNNING.has(String(state)) ? [] : [{ id, name, startedAtMs }];
  });
}

/**
 * Of `GET /jobs/<id>`: names by vertex, edges by the plan's nodes. null: it is not what Flink answers; `not yet`: it has no
 * plan while it waits for slots (adaptive scheduler); `ambiguous`: two vertices have the same name, so that their series
 * cannot be told apart.
 */
export function parseJobGraph(text: string): JobGraph | 'ambiguous' | 'not yet' | null {
  const job = parseObject(text);
  const [vertices, plan] = [job?.['vertices'], job?.['plan']];
  if (!Array.isArray(vertices) || !isObject(plan)) return null;
  const { nodes = [] } = plan;
  if (!Array.isArray(nodes)) return null;
  if (nodes.length === 0) return 'not yet';
  const names = new Map(
    vertices.filter(isObject).map(({ id, name }) => [id, typeof name === 'string' ? labelOf(name) : null]),
  );
  if (new Set(names.values()).size < names.size) return 'ambiguous';
  const graph = new Map<string, readonly string[]>();
  for (const { id, inputs = [] } of nodes.filter(isObject)) {
    const name = names.get(id);
    if (typeof name !== 'string' || !Array.isArray(inputs)) return null;
    const feeding = inputs.filter(isObject).map((input) => names.get(input['id']));
    if (!feeding.every((input) => typeof input === 'string')) return null;
    graph.set(name, [...new Set(feeding)]);
  }
  return graph.size === names.size ? graph : null;
}
