// How a topology and its operators stand, in one word each, and in which order people want to see them. Pure.
import type { Decision, Operator, Topology } from './api-types.js';

/**
 * Most urgent first. stalled: processes nothing of what waits · culprit: holds others up · behind: a source whose backlog grows ·
 * held_up: by culprits that are known · spare: more than needed.
 */
export type OperatorStanding = 'stalled' | 'culprit' | 'behind' | 'unknown' | 'held_up' | 'spare' | 'well';

export function standingOfOperator(operator: Operator): OperatorStanding {
  const { symptoms, diagnoses } = operator;
  if (symptoms.stalled === 'yes') return 'stalled';
  if (symptoms.backpressure === 'yes') return 'culprit';
  if (symptoms.growing_source_backlog === 'yes') return 'behind';
  if (diagnoses.some((diagnosis) => diagnosis !== 'overprovisioning')) return 'culprit';
  if (!isKnown(operator)) return 'unknown';
  if (operator.held_up_by.length > 0) return 'held_up';
  return diagnoses.includes('overprovisioning') ? 'spare' : 'well';
}

const TROUBLES: readonly OperatorStanding[] = ['stalled', 'culprit', 'behind'];

/** Whether all is known that its diagnoses may need. */
export function isKnown({ parallelism, symptoms, missing_sensors, incomplete_because }: Operator): boolean {
  return (
    missing_sensors.length === 0 &&
    incomplete_because === null &&
    parallelism !== null &&
    Object.values(symptoms).every((truth) => truth !== 'unknown')
  );
}

/** Most urgent first. unseen: not evaluated yet. */
export const STANDINGS = ['trouble', 'unknown', 'acting', 'unseen', 'spare', 'well'] as const;
export type TopologyStanding = (typeof STANDINGS)[number];

export function standingOfTopology(topology: Topology): TopologyStanding {
  const standings = topology.operators.map(standingOfOperator);
  if (standings.some((standing) => TROUBLES.includes(standing))) return 'trouble';
  if (topology.open_action !== null) return 'acting';
  if (topology.evaluated_at === null) return 'unseen';
  if (topology.operators.length === 0 || standings.includes('unknown') || topology.backpressure === 'unknown')
    return 'unknown';
  if (topology.backpressure === 'yes') return 'trouble';
  return standings.includes('spare') ? 'spare' : 'well';
}

export interface Selection {
  /** Part of a topology's or an operator's name, in any case; empty: all. */
  readonly text: string;
  readonly isProblemsOnly: boolean;
  /** Names in the order that is kept while somebody is reading; what is not among them comes last. */
  readonly keptOrder: readonly string[] | null;
}

export function selectTopologies(
  topologies: readonly Topology[],
  { text, isProblemsOnly, keptOrder }: Selection,
): Topology[] {
  const wanted = text.trim().toLowerCase();
  const placeOf = new Map(keptOrder?.map((name, place) => [name, place]));
  return topologies
    .filter((topology) => wanted === '' || namesOf(topology).some((name) => name.toLowerCase().includes(wanted)))
    .map((topology) => ({ topology, urgency: STANDINGS.indexOf(standingOfTopology(topology)) }))
    .filter(({ urgency }) => !isProblemsOnly || urgency < STANDINGS.indexOf('unseen'))
    .sort((one, other) =>
      keptOrder === null
        ? one.urgency - other.urgency || compare(one.topology.topology, other.topology.topology)
        : (placeOf.get(one.topology.topology) ?? Infinity) - (placeOf.get(other.topology.topology) ?? Infinity) || 0,
    )
    .map(({ topology }) => topology);
}

function namesOf({ topology, operators }: Topology): readonly string[] {
  return [topology, ...operators.map(({ operator }) => operator)];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Those that process nothing; first the ones that nobody else holds up. */
export function stalledOf({ operators }: Topology): Operator[] {
  const stalled = operators.filter((operator) => standingOfOperator(operator) === 'stalled');
  const isHeldUp = ({ held_up_by: by }: Operator): number => Math.min(1, by.length);
  return stalled.sort((one, other) => isHeldUp(one) - isHeldUp(other));
}

/** One diagnosis that holds now, with the last decision on it. */
export interface Concern {
  readonly operator: Operator;
  readonly diagnosis: Decision['diagnosis'];
  /** null: no alert about it has been decided. */
  readonly decision: Decision | null;
}

export function concernsOf({ operators, last_decisions }: Topology): Concern[] {
  return operators.flatMap((operator) =>
    operator.diagnoses.map((diagnosis) => ({
      operator,
      diagnosis,
      decision:
        last_decisions.find(
          (decision) => decision.operator === operator.operator && decision.diagnosis === diagnosis,
        ) ?? null,
    })),
  );
}

/** The last decisions on what is not diagnosed any more. */
export function earlierDecisions({ operators, last_decisions }: Topology): Decision[] {
  return last_decisions.filter(
    ({ operator, diagnosis }) =>
      !operators.some((one) => one.operator === operator && one.diagnoses.includes(diagnosis)),
  );
}
