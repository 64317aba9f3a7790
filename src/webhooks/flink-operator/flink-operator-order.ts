// PURE: the desired parallelism of each vertex of a job that the Flink Kubernetes Operator manages, from an action. The labels come from
// the body in the action log.
import { operatorIn, type Action } from '../../model/action.js';
import { quoteLabel } from '../dns-label.js';
import { labelIn, labelsInAction } from '../labels-in-action.js';

export interface VertexOrder {
  readonly operator: string;
  readonly vertexId: string;
  readonly from: number;
  readonly to: number;
}

export interface FlinkOperatorOrder {
  /** The job of the series behind the decision; null: the series have no such label. */
  readonly jobId: string | null;
  readonly vertices: readonly [VertexOrder, ...VertexOrder[]];
  /** Whether the job has run with this parallelism before. */
  readonly isRestored: boolean;
}

/** The form of a Flink id, which becomes the end of a configuration key. */
const VERTEX_ID = /^[0-9a-f]{32}$/;

/** @returns or why there is none, a permanent failure */
export function flinkOperatorOrderOf(action: Action): FlinkOperatorOrder | { readonly failure: string } {
  const vertices: VertexOrder[] = [];
  const jobIds = new Set<string>();
  for (const [operator, labels] of labelsInAction(action)) {
    const asked = operatorIn(action, operator);
    if (asked === undefined) continue;
    const [vertexId, jobId] = [labelIn(labels, 'task_id'), labelIn(labels, 'job_id')];
    if (vertexId === null) {
      return { failure: `the series of ${operator} have no label task_id, or different values of it` };
    }
    if (!VERTEX_ID.test(vertexId)) {
      return {
        failure: `label task_id of ${operator} is not a vertex id (32 hexadecimal digits): ${quoteLabel(vertexId)}`,
      };
    }
    if (jobId !== null) jobIds.add(jobId);
    vertices.push({ operator, vertexId, from: asked.currentParallelism, to: asked.desiredParallelism });
  }
  const [first, ...others] = vertices;
  if (first === undefined) return { failure: 'the body in the action log has none of the operators' };
  if (jobIds.size > 1) {
    return { failure: `the operators are vertices of different jobs (label job_id): ${[...jobIds].join(', ')}` };
  }
  return { jobId: [...jobIds][0] ?? null, vertices: [first, ...others], isRestored: action.reverts !== null };
}
