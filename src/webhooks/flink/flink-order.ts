// PURE: what an action wants of a job of Flink: which vertices, and how much of each. It comes out of the body that was written
// with the claim, where the labels are.
import { operatorIn, type Action } from '../../model/action.js';
import { labelsInAction } from '../labels-in-action.js';

export interface FlinkVertexOrder {
  readonly operator: string;
  readonly vertexId: string;
  readonly from: number;
  readonly to: number;
}

export interface FlinkOrder {
  readonly jobId: string;
  readonly vertices: readonly FlinkVertexOrder[];
}

/** Or why there is none, which is so for good. */
export function flinkOrderOf(action: Action): FlinkOrder | { readonly failure: string } {
  const vertices: FlinkVertexOrder[] = [];
  const jobIds = new Set<string>();
  for (const [operator, labels] of labelsInAction(action)) {
    const asked = operatorIn(action, operator);
    const { job_id: jobId, task_id: vertexId } = labels;
    if (asked === undefined) continue;
    if (typeof jobId !== 'string' || typeof vertexId !== 'string') {
      const missing = typeof jobId === 'string' ? 'task_id' : 'job_id';
      return { failure: `the series of ${operator} have no label ${missing}, or not the same on all of them` };
    }
    jobIds.add(jobId);
    vertices.push({ operator, vertexId, from: asked.currentParallelism, to: asked.desiredParallelism });
  }
  const [jobId, ...others] = jobIds;
  if (jobId === undefined) return { failure: 'the body written with the action names none of its operators' };
  if (others.length > 0) {
    const jobs = [jobId, ...others].join(', ');
    return { failure: `its operators are vertices of different jobs (label job_id): ${jobs}` };
  }
  return { jobId, vertices };
}
