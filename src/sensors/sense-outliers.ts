// EDGE: the second look, at single operator instances: only of operators whose pending packets are skewed, so that an
// evaluation of a healthy fleet asks nothing of the kind. Three queries at most, however many operators there are.
import { detectPendingPacketsSkew } from '../detectors/pending-packets-skew-detector.js';
import type { OutlierInstance } from '../model/measurement.js';
import type { SensedTopology } from './assemble-measurements.js';
import { renderMatchers, type QueryScope } from './instance-vectors.js';
import { renderInstancesQuery, renderTopPendingQuery, type InstanceKey, type OperatorKey } from './outlier-queries.js';
import type { Ask, SensingRequest } from './sense.js';
import type { VectorSample } from './prometheus-client.js';

/** Of the instances with the most pending packets, those with at least this share of the operator's maximum stand out. */
const MIN_SHARE_OF_MAX = 0.5;

/** The topologies with the outlying instances of their skewed operators added. */
export async function withOutliers(
  request: SensingRequest,
  topologies: readonly SensedTopology[],
  ask: Ask,
): Promise<readonly SensedTopology[]> {
  const skewed = topologies.flatMap(skewedOperators);
  if (skewed.length === 0) return topologies;
  const { engine, windowMs } = request;
  const labelValues = [...new Set(skewed.map(({ topology }) => topology))];
  const scope = { engine, windowMs, matchers: renderMatchers(engine, { labelValues, patterns: [] }) };
  const pending = await askInstances(request, ask, renderTopPendingQuery(scope, skewed));
  const byLabel = new Map(topologies.map((topology) => [topology.labelValue, topology]));
  const outliers = [...pending.values()].filter(({ key, value }) => isOutlier(byLabel.get(key.topology), key, value));
  const details = await askDetails(request, ask, scope, outliers);
  const byOperator = groupByOperator(outliers);
  return topologies.map((topology) => addOutliers(topology, byOperator, details));
}

interface InstanceValue {
  readonly key: InstanceKey;
  readonly value: number;
}

/** By `keyText`. */
type InstanceValues = ReadonlyMap<string, InstanceValue>;

interface Details {
  readonly processingRate: InstanceValues;
  readonly busy: InstanceValues;
}

function skewedOperators(topology: SensedTopology): OperatorKey[] {
  const context = {
    topology: topology.measurement,
    settings: topology.configuredBy.policy,
    attributions: new Map<string, never>(),
  };
  return topology.measurement.operators
    .filter((operator) => detectPendingPacketsSkew(operator, context) === 'yes')
    .flatMap(({ spec }) => {
      const operator = topology.operatorLabelValues.get(spec.name);
      return operator === undefined ? [] : [{ topology: topology.labelValue, operator }];
    });
}

async function askDetails(
  request: SensingRequest,
  ask: Ask,
  scope: QueryScope,
  outliers: readonly InstanceValue[],
): Promise<Details> {
  const keys = outliers.map(({ key }) => key);
  const [processingRate, busy] = await Promise.all([
    askInstances(request, ask, renderInstancesQuery(scope, 'processing_rate', keys)),
    askInstances(request, ask, renderInstancesQuery(scope, 'busy', keys)),
  ]);
  return { processingRate, busy };
}

/** Empty where there is nothing to ask or no answer. */
async function askInstances(request: SensingRequest, ask: Ask, promql: string | null): Promise<InstanceValues> {
  if (promql === null) return new Map();
  const answer = await ask('outliers', promql);
  if (answer.kind === 'failed') return new Map();
  return new Map(
    answer.content.map((sample) => {
      const key = keyOf(request, sample);
      return [keyText(key), { key, value: sample.value }];
    }),
  );
}

function keyOf({ engine: { labels } }: SensingRequest, sample: VectorSample): InstanceKey {
  return {
    topology: sample.labels[labels.topology] ?? '',
    operator: sample.labels[labels.operator] ?? '',
    operatorInstance: sample.labels[labels.operatorInstance] ?? '',
  };
}

function keyText({ topology, operator, operatorInstance }: InstanceKey): string {
  return JSON.stringify([topology, operator, operatorInstance]);
}

function operatorText({ topology, operator }: OperatorKey): string {
  return JSON.stringify([topology, operator]);
}

function groupByOperator(values: readonly InstanceValue[]): ReadonlyMap<string, readonly InstanceValue[]> {
  const groups = new Map<string, InstanceValue[]>();
  for (const value of values) {
    const group = groups.get(operatorText(value.key));
    if (group === undefined) groups.set(operatorText(value.key), [value]);
    else group.push(value);
  }
  return groups;
}

function isOutlier(topology: SensedTopology | undefined, key: InstanceKey, pendingPackets: number): boolean {
  const operator = topology?.measurement.operators.find(
    ({ spec }) => topology.operatorLabelValues.get(spec.name) === key.operator,
  );
  const reading = operator?.pendingPackets;
  return reading?.kind === 'measured' && pendingPackets >= MIN_SHARE_OF_MAX * reading.max;
}

function addOutliers(
  topology: SensedTopology,
  outliers: ReadonlyMap<string, readonly InstanceValue[]>,
  details: Details,
): SensedTopology {
  const operators = topology.measurement.operators.map((operator) => {
    const label = topology.operatorLabelValues.get(operator.spec.name);
    if (label === undefined) return operator;
    const own = outliers.get(operatorText({ topology: topology.labelValue, operator: label })) ?? [];
    return own.length === 0 ? operator : { ...operator, outliers: own.map((outlier) => describe(outlier, details)) };
  });
  return { ...topology, measurement: { ...topology.measurement, operators } };
}

function describe({ key, value }: InstanceValue, { processingRate, busy }: Details): OutlierInstance {
  return {
    operatorInstance: key.operatorInstance,
    pendingPackets: value,
    processingRate: finite(processingRate.get(keyText(key))?.value),
    busy: finite(busy.get(keyText(key))?.value),
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
