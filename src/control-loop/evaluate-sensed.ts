// From a sensed topology to its evaluation, live or in a backtest: the pure core in the order of a look.
import type { Configuration } from '../config/configuration.js';
import type { TopologyMeasurement } from '../model/measurement.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { Action } from '../model/action.js';
import { busyBeforeOf, rememberBusy, type BusyMemory } from '../policy/busy-memory.js';
import { evaluateTopology, type ResolverChoice } from '../policy/evaluate-topology.js';
import { neededPeaksOf, rememberNeeded, type NeededMemory } from '../policy/needed-memory.js';
import {
  noticeMissingInstances,
  type InstanceEvidence,
  type TopologyMemory,
} from '../policy/notice-missing-instances.js';
import type { BlacklistCandidate } from '../policy/project-blacklist.js';
import { recallExperience, scaleDownMemoryMs } from '../policy/recall-experience.js';
import type { RescalingMemories } from '../policy/recommend-while-settling.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';

export interface LookBack {
  /** From the previous look; undefined: there was none. */
  readonly memory: TopologyMemory | undefined;
  /** The parallelism that our newest action on the operator asked for, and when; null: there was none. */
  readonly askedFor: (operator: string) => InstanceEvidence['askedFor'];
  /** The most that the operator can have, by a webhook's refusal or by what was granted; null: no limit. Default: no limit. */
  readonly largestAllowed?: (operator: string) => number | null;
  readonly resolverFor: ResolverChoice;
  /** The remembered need up to the previous look. Default: none. */
  readonly needed?: NeededMemory | undefined;
  /** How busy instances were up to the previous look. Default: none. */
  readonly busy?: BusyMemory | undefined;
  /** Actions of this topology, in any order. Default: none. */
  readonly actions?: readonly Action[];
  readonly blacklist?: readonly BlacklistCandidate[];
  /** See recommend-while-settling.ts; undefined: there was no previous look. */
  readonly rescalings?: RescalingMemories | undefined;
}

export interface LookResult {
  readonly evaluation: TopologyEvaluation;
  /** What to remember for the next look. */
  readonly memory: TopologyMemory;
  readonly needed: NeededMemory;
  readonly busy: BusyMemory;
}

export function evaluateSensed(
  { measurement, configuredBy, attempts, told }: SensedTopology,
  look: LookBack,
): LookResult {
  const { policy: settings } = configuredBy;
  const { atMs, windowMs } = measurement;
  const noticed = noticeMissingInstances(measurement, look.memory ?? new Map<string, never>(), (operator) => ({
    askedFor: look.askedFor(operator),
    attempts: attempts.get(operator) ?? null,
    told: told.get(operator) ?? null,
  }));
  const bounded = withLargestAllowed(noticed.measurement, look.largestAllowed);
  const actions = look.actions ?? [];
  const before = look.needed ?? new Map<string, never>();
  const memoryMs = scaleDownMemoryMs(actions, settings, atMs);
  const neededPeaks = neededPeaksOf(before, atMs, memoryMs, windowMs);
  const busyBefore = look.busy ?? new Map<string, never>();
  const parallelisms = new Map(bounded.operators.map(({ spec, parallelism }) => [spec.name, parallelism]));
  const past = {
    actions,
    blacklist: look.blacklist ?? [],
    neededPeaks,
    busyBefore: busyBeforeOf(busyBefore, (operator) => parallelisms.get(operator) ?? null, atMs, windowMs),
    rescaledAtMs: lastRescaledMs(bounded, look.rescalings),
  };
  const experience = recallExperience(past, settings, atMs);
  const evaluation = evaluateTopology(bounded, settings, look.resolverFor, experience);
  const needed = rememberNeeded(before, evaluation, windowMs, settings.scaleDownMemoryMaxMs);
  return { evaluation, memory: noticed.memory, needed, busy: rememberBusy(busyBefore, evaluation, windowMs) };
}

/** When another parallelism was last seen, including this look; null: not lately. */
function lastRescaledMs(
  { operators, atMs }: Pick<TopologyMeasurement, 'operators' | 'atMs'>,
  rescalings: RescalingMemories | undefined,
): number | null {
  const known = operators.flatMap(({ spec, parallelism, incompleteBecause }) => {
    const before = rescalings?.get(spec.name);
    if (before === undefined) return [];
    const isNew = parallelism !== null && incompleteBecause === null && parallelism !== before.parallelism;
    return isNew ? [atMs] : (before.changedAtMs ?? []);
  });
  return known.length === 0 ? null : Math.max(...known);
}

function withLargestAllowed(
  measurement: TopologyMeasurement,
  largestAllowed: LookBack['largestAllowed'] = () => null,
): TopologyMeasurement {
  const operators = measurement.operators.map((operator) => {
    const largest = largestAllowed(operator.spec.name);
    // An operator that has more has been granted more.
    if (largest === null || (operator.parallelism ?? 0) > largest) return operator;
    const maxParallelism = Math.min(operator.spec.maxParallelism ?? Infinity, largest);
    return { ...operator, spec: { ...operator.spec, maxParallelism } };
  });
  return { ...measurement, operators };
}

/** A listed name belongs to its own listing, even if another engine discovers a topology with that name. */
export function withoutListedElsewhere(
  { topologies }: Pick<Configuration, 'topologies'>,
  sensed: readonly SensedTopology[],
): SensedTopology[] {
  const listed = new Set(topologies.map(({ name }) => name));
  return sensed.filter(({ configuredBy, measurement }) => 'name' in configuredBy || !listed.has(measurement.topology));
}
