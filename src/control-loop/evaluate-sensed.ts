// From what was sensed of a topology to what is concluded, live or in a backtest: the pure core in the order of a look.
import type { Configuration } from '../config/configuration.js';
import type { TopologyMeasurement } from '../model/measurement.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import { evaluateTopology, type ResolverChoice } from '../policy/evaluate-topology.js';
import {
  noticeMissingInstances,
  type InstanceEvidence,
  type TopologyMemory,
} from '../policy/notice-missing-instances.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';

export interface LookBack {
  /** Of the look before; undefined: there was none. */
  readonly memory: TopologyMemory | undefined;
  /** What our newest action on the operator asked for, and when; null: there was none. */
  readonly askedFor: (operator: string) => InstanceEvidence['askedFor'];
  /** The most that its webhook says the operator can have; null: it has not said. Default: none has. */
  readonly largestAllowed?: (operator: string) => number | null;
  readonly resolverFor: ResolverChoice;
}

/** The evaluation, and what to remember for the next look. */
export function evaluateSensed(
  { measurement, configuredBy, attempts, told }: SensedTopology,
  { memory, askedFor, largestAllowed, resolverFor }: LookBack,
): { readonly evaluation: TopologyEvaluation; readonly memory: TopologyMemory } {
  const noticed = noticeMissingInstances(measurement, memory ?? new Map<string, never>(), (operator) => ({
    askedFor: askedFor(operator),
    attempts: attempts.get(operator) ?? null,
    told: told.get(operator) ?? null,
  }));
  const bounded = withLargestAllowed(noticed.measurement, largestAllowed);
  const evaluation = evaluateTopology(bounded, configuredBy.policy, resolverFor);
  return { evaluation, memory: noticed.memory };
}

function withLargestAllowed(
  measurement: TopologyMeasurement,
  largestAllowed: LookBack['largestAllowed'] = () => null,
): TopologyMeasurement {
  const operators = measurement.operators.map((operator) => {
    const largest = largestAllowed(operator.spec.name);
    if (largest === null) return operator;
    const maxParallelism = Math.min(operator.spec.maxParallelism ?? Infinity, largest);
    return { ...operator, spec: { ...operator.spec, maxParallelism } };
  });
  return { ...measurement, operators };
}

/** A listed name is its own, also where another engine has a topology of that name to be discovered. */
export function withoutListedElsewhere(
  { topologies }: Pick<Configuration, 'topologies'>,
  sensed: readonly SensedTopology[],
): SensedTopology[] {
  const listed = new Set(topologies.map(({ name }) => name));
  return sensed.filter(({ configuredBy, measurement }) => 'name' in configuredBy || !listed.has(measurement.topology));
}
