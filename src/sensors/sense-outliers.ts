// EDGE: the second look, at single operator instances: only of operators whose pending packets are skewed, so that an
// evaluation of a healthy fleet asks nothing of the kind. Three queries at most, however many operators there are.
import type { SensedTopology } from './assemble-measurements.js';
import { renderInstancesQuery, renderTopPendingQuery } from './outlier-queries.js';
import {
  addOutliers,
  findSkewedOperators,
  instanceValuesOf,
  scopeOfOutliers,
  selectOutliers,
  type InstanceValues,
} from './outlier-selection.js';
import type { Ask, SensingRequest } from './sense.js';

/** The topologies with the outlying instances of their skewed operators added. */
export async function withOutliers(
  request: SensingRequest,
  topologies: readonly SensedTopology[],
  ask: Ask,
): Promise<readonly SensedTopology[]> {
  const skewed = topologies.flatMap(findSkewedOperators);
  if (skewed.length === 0) return topologies;
  const scope = scopeOfOutliers(request.engine, request.windowMs, skewed);
  const pending = await askInstances(request, ask, renderTopPendingQuery(scope, skewed));
  const outliers = selectOutliers(topologies, pending);
  const keys = outliers.map(({ key }) => key);
  const [processingRate, busy] = await Promise.all([
    askInstances(request, ask, renderInstancesQuery(scope, 'processing_rate', keys)),
    askInstances(request, ask, renderInstancesQuery(scope, 'busy', keys)),
  ]);
  return addOutliers(topologies, outliers, { processingRate, busy });
}

/** Empty where there is nothing to ask or no answer. */
async function askInstances({ engine }: SensingRequest, ask: Ask, promql: string | null): Promise<InstanceValues> {
  if (promql === null) return new Map();
  const answer = await ask('outliers', promql);
  return answer.kind === 'failed' ? new Map() : instanceValuesOf(engine, answer.content);
}
