// PURE: a job's resource requirements as Flink's REST API has them, and the change of one vertex among them.
import { isObject, parseObject } from '../../outbound/json-object.js';

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

export interface ParallelismChange {
  readonly from: number;
  readonly to: number;
}

/** All vertices, several of them bounded anew: see `withUpperBound`. Or the first that there is not. */
export function withUpperBounds(
  requirements: ResourceRequirements,
  vertices: readonly (ParallelismChange & { readonly vertexId: string })[],
): { readonly requirements: ResourceRequirements } | { readonly missing: string } {
  let changed = requirements;
  for (const { vertexId, from, to } of vertices) {
    const next = withUpperBound(changed, vertexId, { from, to });
    if (next === null) return { missing: vertexId };
    changed = next;
  }
  return { requirements: changed };
}

/**
 * All vertices, as Flink wants them back, one of them bounded anew: (1, 2) from 2 to 4 ⇒ (1, 4); (3, 3) from 3 to 2 ⇒ (2, 2).
 * More is never made less, nor less more: (1, 4) from 2 to 3 stays (1, 4), since what runs with 2 may run with 4. The lower
 * bound is not raised: a job with fewer slots than that would not run at all. null: there is no such vertex.
 */
export function withUpperBound(
  requirements: ResourceRequirements,
  vertex: string,
  { from, to }: ParallelismChange,
): ResourceRequirements | null {
  const before = upperBoundOf(requirements, vertex);
  if (before === null) return null;
  const upperBound = to > from ? Math.max(before, to) : Math.min(before, to);
  const kept = requirements[vertex];
  const lowerBound = Math.min(kept?.parallelism.lowerBound ?? upperBound, upperBound);
  return { ...requirements, [vertex]: { ...kept, parallelism: { ...kept?.parallelism, lowerBound, upperBound } } };
}

/** null: there is no such vertex. */
export function upperBoundOf(requirements: ResourceRequirements, vertex: string): number | null {
  return Object.hasOwn(requirements, vertex) ? (requirements[vertex]?.parallelism.upperBound ?? null) : null;
}

/** The slots the job wants at least: vertices share them, those of different slot sharing groups do not. */
export function slotsWanted(requirements: ResourceRequirements): number {
  return Math.max(0, ...Object.values(requirements).map(({ parallelism }) => parallelism.upperBound));
}

function isVertex(value: unknown): boolean {
  const parallelism = isObject(value) ? value['parallelism'] : null;
  return isObject(parallelism) && ['lowerBound', 'upperBound'].every((bound) => Number.isInteger(parallelism[bound]));
}
