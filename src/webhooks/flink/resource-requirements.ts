// PURE: a job's resource requirements in Flink's REST API, and changes of their vertices.
import { isObject, parseObject } from '../../outbound/json-object.js';
import { settingAfter, type ParallelismChange } from '../kept-parallelism.js';

/** By vertex id; other fields of a vertex are kept unchanged. */
export type ResourceRequirements = Readonly<Record<string, VertexRequirements>>;

interface VertexRequirements {
  readonly parallelism: { readonly lowerBound: number; readonly upperBound: number };
}

/** null: not an answer of Flink. */
export function parseResourceRequirements(text: string): ResourceRequirements | null {
  const parsed = parseObject(text);
  return parsed !== null && Object.values(parsed).every(isVertex) ? (parsed as ResourceRequirements) : null;
}

/** All vertices, some with new bounds: see `withUpperBound`. Or the first vertex that does not exist. */
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
 * All vertices, as Flink expects them, one of them with new bounds: (1, 2) from 2 to 4 ⇒ (1, 4); (3, 3) from 3 to 2 ⇒ (2, 2).
 * (1, 4) from 2 to 3 stays (1, 4): see `settingAfter`. The lower bound is never raised: a job with fewer slots would not run at all.
 * null: there is no such vertex.
 */
export function withUpperBound(
  requirements: ResourceRequirements,
  vertex: string,
  change: ParallelismChange,
): ResourceRequirements | null {
  const before = upperBoundOf(requirements, vertex);
  if (before === null) return null;
  const upperBound = settingAfter(before, change);
  const kept = requirements[vertex];
  const lowerBound = Math.min(kept?.parallelism.lowerBound ?? upperBound, upperBound);
  return { ...requirements, [vertex]: { ...kept, parallelism: { ...kept?.parallelism, lowerBound, upperBound } } };
}

/** null: there is no such vertex. */
export function upperBoundOf(requirements: ResourceRequirements, vertex: string): number | null {
  return Object.hasOwn(requirements, vertex) ? (requirements[vertex]?.parallelism.upperBound ?? null) : null;
}

/** The least slots for the job: vertices of one slot sharing group share them; other groups need more. */
export function slotsWanted(requirements: ResourceRequirements): number {
  return Math.max(0, ...Object.values(requirements).map(({ parallelism }) => parallelism.upperBound));
}

function isVertex(value: unknown): boolean {
  const parallelism = isObject(value) ? value['parallelism'] : null;
  return isObject(parallelism) && ['lowerBound', 'upperBound'].every((bound) => Number.isInteger(parallelism[bound]));
}
