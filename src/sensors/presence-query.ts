// PURE: the one query that finds out which operator instances there are, whatever they report (NaN is presence too), by
// operator: how many, whether their numbers can be 0..p-1, which operators are sources, and which discovery found the topology.
import type { SensorName } from '../model/measurement.js';
import {
  instanceGrouping,
  operatorGrouping,
  renderExpression,
  renderSensor,
  type QueryScope,
} from './instance-vectors.js';
import { renderLabelled, renderSeries, renderString, renderUnion } from './promql-literals.js';
import { STATISTIC_LABEL } from './sensor-queries.js';

/** `instances`: how many are present; `index_sum`: the sum of their numbers; `sources`: above 0 for a source. */
export type PresenceStatisticName = 'instances' | 'index_sum' | 'sources';

/** On `instances`: position of the first discovery whose pattern matches the topology; absent if none does. */
export const DISCOVERY_LABEL = 'dhalion_discovery';

/** Every engine has these of every instance; the others may be absent without anything being wrong. */
export const PRESENCE_SENSORS: readonly SensorName[] = ['backpressure', 'pending_packets', 'processing_rate'];

/** The topology labels given, each with the position of the first pattern that matches it. Null if there is nothing to match. */
export function renderDiscoveryQuery(
  scope: QueryScope,
  labelValues: readonly string[],
  patterns: readonly string[],
): string | null {
  if (labelValues.length === 0 || patterns.length === 0) return null;
  const topologies = labelValues.map((value) => renderSeries({ [scope.engine.labels.topology]: value }));
  return renderDiscovered(scope, `(${renderUnion(topologies)})`, patterns);
}

/** What `index_sum` counts an instance's label as: its last digits, 0 if it is no number. */
export function indexOf(operatorInstance: string): number {
  return /^[0-9]+$/.test(operatorInstance) ? Number(operatorInstance.slice(-INDEX_DIGITS)) : 0;
}

/** Flink allows 32768 instances an operator. */
const INDEX_DIGITS = 5;

/** @param discoveryPatterns RE2; the first that matches a topology's label wins */
export function renderPresenceQuery(scope: QueryScope, discoveryPatterns: readonly string[]): string {
  const { engine, matchers } = scope;
  const by = `by (${operatorGrouping(engine)})`;
  const present = renderPresent(scope);
  const parts = [renderStatistic('instances', renderDiscovered(scope, `count ${by} (${present})`, discoveryPatterns))];
  if (engine.contiguousInstances) {
    parts.push(renderStatistic('index_sum', `sum ${by} (${renderIndices(present, engine.labels.operatorInstance)})`));
  }
  if (engine.sources !== null) {
    parts.push(renderStatistic('sources', `count ${by} ${renderExpression(engine.sources, matchers)}`));
  }
  return renderUnion(parts);
}

function renderStatistic(name: PresenceStatisticName, vector: string): string {
  return renderLabelled(vector, STATISTIC_LABEL, name);
}

/** One series of value 1 an instance. */
function renderPresent(scope: QueryScope): string {
  const groups = PRESENCE_SENSORS.map((sensor) => renderSensor(scope, sensor))
    .filter((expression) => expression !== null)
    .map((expression) => `group by (${instanceGrouping(scope.engine)}) ${expression}`);
  return renderUnion(groups);
}

/** Prometheus itself matches the patterns: its expressions are not JavaScript's. */
function renderDiscovered(scope: QueryScope, vector: string, patterns: readonly string[]): string {
  // A later replacement overwrites an earlier one, so that the first pattern has to come last.
  return patterns.reduceRight((inner, pattern, position) => {
    const [label, topology] = [renderString(DISCOVERY_LABEL), renderString(scope.engine.labels.topology)];
    return `label_replace(${inner}, ${label}, "${position}", ${topology}, ${renderString(pattern)})`;
  }, vector);
}

/**
 * Each instance's number. PromQL cannot turn a label into a value, so the decimal digits are put into labels of their own
 * and looked up, one after the other, in tables of ten constants: 123 is 3 + 20 + 100. What is no number counts as 0.
 */
function renderIndices(present: string, instanceLabel: string): string {
  const digits = Array.from({ length: INDEX_DIGITS }, (_, place) => place);
  const label = (place: number): string => `dhalion_digit_${place}`;
  const labelled = digits.reduce(
    (vector, place) =>
      `label_replace(${vector}, "${label(place)}", "$1", ${renderString(instanceLabel)}, "[0-9]*([0-9])[0-9]{${place}}")`,
    present,
  );
  return digits.reduce(
    (vector, place) =>
      `(${vector}) ${place === 0 ? '*' : '+'} on (${label(place)}) group_left () (${renderDigitTable(label(place), 10 ** place)})`,
    labelled,
  );
}

/** digit → digit × weight, and 0 where there is no such digit. */
function renderDigitTable(label: string, weight: number): string {
  const rows = Array.from({ length: 10 }, (_, digit) =>
    renderLabelled(`vector(${digit * weight})`, label, String(digit)),
  );
  return renderUnion([...rows, 'vector(0)']);
}
