// PURE: the desired parallelism of each vertex of a Flink job, from an action. The labels come from the body in the action log.
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

/** @returns or why there is none, a permanent failure */
export function flinkOrderOf(action: Action): FlinkOrder | { readonly failure: string } {
  const vertices: FlinkVertexOrder[] = [];
  const jobIds = new Set<string>();
  for (const [operator, labels] of labelsInAction(action)) {
    const asked = operatorIn(action, operator);
    const { job_id: jobId, task_id: vertexId } = labels;
    if (asked === undefined) continue;
    if (typeof jobId !== 'string' || typeof vertexId !== 'string') {
      const missing = typeof jobId === 'string' ? 'task_id' : 'job_id';
      return { failure: `the series of ${operator} have no label ${missing}, or different values of it` };
    }
    jobIds.add(jobId);
    vertices.push({ operator, vertexId, from: asked.currentParallelism, to: asked.desiredParallelism });
  }
  const [jobId, ...others] = jobIds;
  if (jobId === undefined) return { failure: 'the body in the action log has none of the operators' };
  if (others.length > 0) {
    const jobs = [jobId, ...others].join(', ');
    return { failure: `the operators are vertices of different jobs (label job_id): ${jobs}` };
  }
  return { jobId, vertices };
}
