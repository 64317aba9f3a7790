// PURE: why an accepted change is not visible yet, from the resource.
import { excerptOf } from '../../outbound/answer-excerpt.js';
import type { FlinkResource } from './flink-resource.js';
import type { FlinkOperatorOrder, VertexOrder } from './flink-operator-order.js';
import { hasOverride, overrideKey } from './parallelism-overrides.js';
import { describePlace, type ResourcePlace } from './resource-place.js';

/** The operator has finished; Flink may still work on the change. */
const AT_REST = new Set(['DEPLOYED', 'STABLE']);

/** null: the resource shows no cause. */
export function describeHoldUp(place: ResourcePlace, found: FlinkResource, order: FlinkOperatorOrder): string | null {
  const reasons = reasonsOf(found, order);
  return reasons.length === 0 ? null : `${describePlace(place)} ${reasons.join('; ')}`;
}

function reasonsOf(found: FlinkResource, order: FlinkOperatorOrder): readonly string[] {
  const { isBeingDeleted, job, status } = found;
  if (isBeingDeleted) return ['is being deleted'];
  const lost = order.vertices.filter((vertex) => isLost(found, vertex)).map(({ operator }) => operator);
  const { lifecycleState, jobState, error, isObserved } = status;
  const isRunning = jobState === null || jobState === 'RUNNING';
  return [
    ...(lost.length === 0 ? [] : [`no longer has the override for ${lost.join(', ')}: it was changed after the call`]),
    ...(job?.state === 'suspended' ? ['is suspended (spec.job.state)'] : []),
    ...(lifecycleState === null || AT_REST.has(lifecycleState) ? [] : [`is ${excerptOf(lifecycleState)}`]),
    ...(isObserved === false ? ['has a change that the operator has not observed yet'] : []),
    ...(isRunning ? [] : [`has a job in state ${excerptOf(jobState)}`]),
    ...(error === null ? [] : [`reports: ${excerptOf(error)}`]),
  ];
}

/** A session job without the key may inherit it from its cluster: then it was kept there, and never written. */
function isLost({ config, sessionCluster }: FlinkResource, vertex: VertexOrder): boolean {
  if (sessionCluster !== null && !config.has(overrideKey(vertex.vertexId))) return false;
  return !hasOverride(config, vertex);
}
