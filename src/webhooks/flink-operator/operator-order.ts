// PURE: what an action wants of a job that the Flink Kubernetes Operator manages: which vertices, and how much of each. It comes out of
// the body that was written with the claim, where the labels are.
import { operatorIn, type Action } from '../../model/action.js';
import { quoteLabel } from '../dns-label.js';
import { labelIn, labelsInAction } from '../labels-in-action.js';

export interface VertexOrder {
  readonly operator: string;
  readonly vertexId: string;
  readonly from: number;
  readonly to: number;
}

export interface OperatorOrder {
  /** The job whose series asked for it; null: they do not say. */
  readonly jobId: string | null;
  readonly vertices: readonly [VertexOrder, ...VertexOrder[]];
  /** The job has run with this before. */
  readonly isRestored: boolean;
}

/** As Flink writes an id: it becomes the end of a configuration key. */
const VERTEX_ID = /^[0-9a-f]{32}$/;

/** Or why there is none, which is so for good. */
export function operatorOrderOf(action: Action): OperatorOrder | { readonly failure: string } {
  const vertices: VertexOrder[] = [];
  const jobIds = new Set<string>();
  for (const [operator, labels] of labelsInAction(action)) {
    const asked = operatorIn(action, operator);
    if (asked === undefined) continue;
    const [vertexId, jobId] = [labelIn(labels, 'task_id'), labelIn(labels, 'job_id')];
    if (vertexId === null) {
      return { failure: `the series of ${operator} have no label task_id, or not the same on all of them` };
    }
    if (!VERTEX_ID.test(vertexId)) {
      return {
        failure: `label task_id of ${operator} is no id of a vertex (32 hexadecimal digits): ${quoteLabel(vertexId)}`,
      };
    }
    if (jobId !== null) jobIds.add(jobId);
    vertices.push({ operator, vertexId, from: asked.currentParallelism, to: asked.desiredParallelism });
  }
  const [first, ...others] = vertices;
  if (first === undefined) return { failure: 'the body written with the action names none of its operators' };
  if (jobIds.size > 1) {
    return { failure: `its operators are vertices of different jobs (label job_id): ${[...jobIds].join(', ')}` };
  }
  return { jobId: [...jobIds][0] ?? null, vertices: [first, ...others], isRestored: action.reverts !== null };
}
