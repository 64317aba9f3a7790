// PURE: which operators need a second look, which of their instances stand out, and how that is added to their measurements.
import type { Engine } from '../config/configuration.js';
import { detectPendingPacketsSkew } from '../detectors/pending-packets-skew-detector.js';
import type { OutlierInstance } from '../model/measurement.js';
import type { SensedTopology } from './assemble-measurements.js';
import { renderMatchers, type QueryScope } from './instance-vectors.js';
import type { InstanceKey, OperatorKey } from './outlier-queries.js';
import type { VectorSample } from './prometheus-client.js';

/** Of the instances with the most pending packets, those with at least this share of the operator's maximum stand out. */
const MIN_SHARE_OF_MAX = 0.5;

export interface InstanceValue {
  readonly key: InstanceKey;
  readonly value: number;
}

/** By a text that stands for the instance. */
export type InstanceValues = ReadonlyMap<string, InstanceValue>;

/** What else is known of the outliers. */
export interface OutlierDetails {
  readonly processingRate: InstanceValues;
  readonly busy: InstanceValues;
}

/** The operators of a topology whose pending packets are skewed. */
export function findSkewedOperators(topology: SensedTopology): OperatorKey[] {
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

/** @param operators at least one */
export function scopeOfOutliers(engine: Engine, windowMs: number, operators: readonly OperatorKey[]): QueryScope {
  const labelValues = [...new Set(operators.map(({ topology }) => topology))];
  return { engine, windowMs, matchers: renderMatchers(engine, { labelValues, patterns: [] }) };
}

export function instanceValuesOf({ labels }: Engine, samples: readonly VectorSample[]): InstanceValues {
  return new Map(
    samples.map((sample) => {
      const key = {
        topology: sample.labels[labels.topology] ?? '',
        operator: sample.labels[labels.operator] ?? '',
        operatorInstance: sample.labels[labels.operatorInstance] ?? '',
      };
      return [instanceText(key), { key, value: sample.value }];
    }),
  );
}

/** Of the skewed operators' instances with the most pending packets, those that stand out; the largest first. */
export function selectOutliers(topologies: readonly SensedTopology[], pending: InstanceValues): InstanceValue[] {
  const skewed = new Set(topologies.flatMap(findSkewedOperators).map(operatorText));
  const byLabel = new Map(topologies.map((topology) => [topology.labelValue, topology]));
  return [...pending.values()]
    .filter(({ key, value }) => skewed.has(operatorText(key)) && isOutlier(byLabel.get(key.topology), key, value))
    .sort((a, b) => b.value - a.value || (a.key.operatorInstance < b.key.operatorInstance ? -1 : 1));
}

/** The topologies with the outlying instances of their operators. */
export function addOutliers(
  topologies: readonly SensedTopology[],
  outliers: readonly InstanceValue[],
  details: OutlierDetails,
): SensedTopology[] {
  const byOperator = groupByOperator(outliers);
  return topologies.map((topology) => {
    const operators = topology.measurement.operators.map((operator) => {
      const label = topology.operatorLabelValues.get(operator.spec.name);
      if (label === undefined) return operator;
      const own = byOperator.get(operatorText({ topology: topology.labelValue, operator: label })) ?? [];
      return own.length === 0 ? operator : { ...operator, outliers: own.map((outlier) => describe(outlier, details)) };
    });
    return { ...topology, measurement: { ...topology.measurement, operators } };
  });
}

export function operatorText({ topology, operator }: OperatorKey): string {
  return JSON.stringify([topology, operator]);
}

export function instanceText({ topology, operator, operatorInstance }: InstanceKey): string {
  return JSON.stringify([topology, operator, operatorInstance]);
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

function describe({ key, value }: InstanceValue, { processingRate, busy }: OutlierDetails): OutlierInstance {
  return {
    operatorInstance: key.operatorInstance,
    pendingPackets: value,
    processingRate: finite(processingRate.get(instanceText(key))?.value),
    busy: finite(busy.get(instanceText(key))?.value),
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
