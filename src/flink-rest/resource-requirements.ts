// PURE: a job's resource requirements as Flink's REST API has them, and the change of one vertex among them.
import { isObject, parseObject } from '../outbound/json-object.js';

/** By vertex id; what else Flink says of a vertex is kept as it came. */
export type ResourceRequirements = Readonly<Record<string, VertexRequirements>>;

interface VertexRequirements {
  readonly parallelism: { readonly lowerBound: number; readonly upperBound: number };
}

/** null: it is not what Flink answers. */
export function parseResourceRequirements(text: string): ResourceRequirements | null {
  const parsed = parseObject(text);
  return parsed !== null && Object.values(parsed).every(isVertex) ? (parsed as ResourceRequirements) : null;
}

/**
 * All vertices, as Flink wants them back, one of them bounded anew: (1, 2) asked for 4 ⇒ (1, 4); (3, 3) asked for 2 ⇒ (2, 2).
 * The lower bound is not raised: a job with fewer slots than that would not run at all. null: there is no such vertex.
 */
export function withUpperBound(
  requirements: ResourceRequirements,
  vertex: string,
  upperBound: number,
): ResourceRequirements | null {
  const before = Object.hasOwn(requirements, vertex) ? requirements[vertex] : undefined;
  if (before === undefined) return null;
  const lowerBound = Math.min(before.parallelism.lowerBound, upperBound);
  return { ...requirements, [vertex]: { ...before, parallelism: { ...before.parallelism, lowerBound, upperBound } } };
}

/** The slots the job wants at least: vertices share them, those of different slot sharing groups do not. */
export function slotsWanted(requirements: ResourceRequirements): number {
  return Math.max(0, ...Object.values(requirements).map(({ parallelism }) => parallelism.upperBound));
}

function isVertex(value: unknown): boolean {
  const parallelism = isObject(value) ? value['parallelism'] : null;
  return isObject(parallelism) && ['lowerBound', 'upperBound'].every((bound) => Number.isInteger(parallelism[bound]));
}
