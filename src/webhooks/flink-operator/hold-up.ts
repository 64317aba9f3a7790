// PURE: why a change that the API server has taken is not to be seen yet, as far as the resource tells.
import { excerptOf } from '../../outbound/answer-excerpt.js';
import type { FlinkResource } from './flink-resource.js';
import type { OperatorOrder, VertexOrder } from './operator-order.js';
import { hasOverride, overrideKey } from './parallelism-overrides.js';
import { describePlace, type ResourcePlace } from './resource-place.js';

/** Nothing is awaited from the operator: what is not seen yet, Flink is about. */
const AT_REST = new Set(['DEPLOYED', 'STABLE']);

/** null: the resource tells nothing of the kind. */
export function describeHoldUp(place: ResourcePlace, found: FlinkResource, order: OperatorOrder): string | null {
  const reasons = reasonsOf(found, order);
  return reasons.length === 0 ? null : `${describePlace(place)} ${reasons.join('; ')}`;
}

function reasonsOf(found: FlinkResource, order: OperatorOrder): readonly string[] {
  const { isBeingDeleted, job, status } = found;
  if (isBeingDeleted) return ['is being deleted'];
  const lost = order.vertices.filter((vertex) => isLost(found, vertex)).map(({ operator }) => operator);
  const { lifecycleState, jobState, error, isObserved } = status;
  const isRunning = jobState === null || jobState === 'RUNNING';
  return [
    ...(lost.length === 0
      ? []
      : [`no longer has what was written for ${lost.join(', ')}: somebody else has changed it`]),
    ...(job?.state === 'suspended' ? ['is suspended (spec.job.state)'] : []),
    ...(lifecycleState === null || AT_REST.has(lifecycleState) ? [] : [`is ${excerptOf(lifecycleState)}`]),
    ...(isObserved === false ? ['has a change that the operator has not looked at yet'] : []),
    ...(isRunning ? [] : [`has a job that is ${excerptOf(jobState)}`]),
    ...(error === null ? [] : [`reports: ${excerptOf(error)}`]),
  ];
}

/** What a session job does not have, its cluster may: it was kept there then, and never written. */
function isLost({ config, sessionCluster }: FlinkResource, vertex: VertexOrder): boolean {
  if (sessionCluster !== null && !config.has(overrideKey(vertex.vertexId))) return false;
  return !hasOverride(config, vertex);
}
