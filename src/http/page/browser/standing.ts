// The standing of a topology and of its operators, in one word each, and the order in which people want to see them. Pure.
import type { Action, Decision, Operator, Topology } from './api-types.js';

/**
 * Most urgent first. stalled: processes nothing of its waiting input · culprit: holds others up · behind: a source with a growing
 * backlog · held_up: by known culprits · catching_up: fully busy while its backlog shrinks in time · spare: larger than needed ·
 * unjudged: unknown whether it is larger than needed.
 */
export type OperatorStanding =
  'stalled' | 'culprit' | 'behind' | 'unknown' | 'held_up' | 'catching_up' | 'spare' | 'unjudged' | 'well';

/** @param isCatchingUp result of isCatchingUp for its topology */
export function standingOfOperator(operator: Operator, isCatchingUp = false): OperatorStanding {
  const { symptoms, diagnoses } = operator;
  if (symptoms.stalled === 'yes') return 'stalled';
  if (symptoms.backpressure === 'yes') return isCatchingUp ? 'catching_up' : 'culprit';
  if (symptoms.growing_source_backlog === 'yes') return 'behind';
  if (diagnoses.some((diagnosis) => diagnosis !== 'overprovisioning')) return 'culprit';
  if (!isKnown(operator)) return 'unknown';
  if (operator.held_up_by.length > 0) return 'held_up';
  if (diagnoses.includes('overprovisioning')) return 'spare';
  return isUnjudged(operator) ? 'unjudged' : 'well';
}

/** True if fewer instances might suffice, but the data for this is not complete yet. */
function isUnjudged(operator: Operator): boolean {
  const { left_alone_because: because, parallelism, min_parallelism: least, effective_busy: busy } = operator;
  if (because === null || parallelism === null || parallelism <= Math.max(1, least)) return false;
  return busy === null || (busy * parallelism) / (parallelism - 1) < 1;
}

/** True if the current instances reduce the backlog in time: nothing is too small, however busy it is meanwhile. */
export function isCatchingUp({ draining, operators }: Topology): boolean {
  const isDiagnosed = operators.some(({ diagnoses }) => diagnoses.some((one) => one !== 'overprovisioning'));
  return draining === 'yes' && !isDiagnosed;
}

/** When the backlogs are gone at this pace, ms from now; null: unknown. */
export function backlogGoneInMs({ operators }: Topology): number | null {
  const times = operators.flatMap(({ measurements: { source_backlog: backlog } }) => {
    const perSecond = backlog?.slope_per_second ?? 0;
    return perSecond < 0 ? [(1000 * (backlog?.total ?? 0)) / -perSecond] : [];
  });
  return times.length === 0 ? null : Math.max(...times);
}

const TROUBLES: readonly OperatorStanding[] = ['stalled', 'culprit', 'behind'];

/** True if all data for its diagnoses is known. */
function isKnown({ parallelism, symptoms, missing_sensors, incomplete_because }: Operator): boolean {
  return (
    missing_sensors.length === 0 &&
    incomplete_because === null &&
    parallelism !== null &&
    Object.values(symptoms).every((truth) => truth !== 'unknown')
  );
}

/** True if it is known which diagnoses hold. With a window that is not full, outliers are undecided. */
export function isDiagnosisKnown(operator: Operator, topology: Topology): boolean {
  const { symptoms, left_alone_because: because } = operator;
  if (!isKnown(operator)) return false;
  if (topology.draining === 'yes') return true;
  const hasCulprit = topology.operators.some((one) => one.symptoms.backpressure === 'yes');
  const isFallingBehind = symptoms.growing_source_backlog === 'yes' && !hasCulprit;
  const standsOut = symptoms.backpressure === 'yes' || isFallingBehind;
  if (operator.diagnoses.length === 0 && standsOut && (because !== null || topology.draining === 'unknown'))
    return false;
  return !isUnjudged(operator);
}

/** Most urgent first. unseen: not evaluated yet. */
export const STANDINGS = [
  'trouble',
  'unknown',
  'acting',
  'unseen',
  'catching_up',
  'spare',
  'unjudged',
  'well',
] as const;
export type TopologyStanding = (typeof STANDINGS)[number];

export function standingOfTopology(topology: Topology): TopologyStanding {
  const isWorkingOff = isCatchingUp(topology);
  const standings = topology.operators.map((operator) => standingOfOperator(operator, isWorkingOff));
  if (standings.some((standing) => TROUBLES.includes(standing))) return 'trouble';
  if (topology.open_action !== null) return 'acting';
  if (topology.evaluated_at === null) return 'unseen';
  if (topology.operators.length === 0 || standings.includes('unknown') || topology.backpressure === 'unknown')
    return 'unknown';
  if (isWorkingOff) return 'catching_up';
  if (topology.backpressure === 'yes') return 'trouble';
  if (standings.includes('spare')) return 'spare';
  return standings.includes('unjudged') ? 'unjudged' : 'well';
}

export interface Selection {
  /** Part of a topology's or an operator's name, case-insensitive; empty: all. */
  readonly text: string;
  readonly isProblemsOnly: boolean;
  /** Names in the order that is kept while somebody is reading; others come last. */
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

/** Topologies whose name, or an operator's name, matches; in their order. */
export function selectActions(actions: readonly Action[], text: string): readonly Action[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return actions;
  return actions.filter(({ topology, operators }) =>
    [topology, ...operators.map(({ operator }) => operator)].some((name) => name.toLowerCase().includes(wanted)),
  );
}

/** Stalled operators; those that nobody holds up come first. */
export function stalledOf({ operators }: Topology): Operator[] {
  const stalled = operators.filter((operator) => standingOfOperator(operator) === 'stalled');
  const isHeldUp = ({ held_up_by: by }: Operator): number => Math.min(1, by.length);
  return stalled.sort((one, other) => isHeldUp(one) - isHeldUp(other));
}

/** One current diagnosis, with the last decision on it. */
export interface Concern {
  readonly operator: Operator;
  readonly diagnosis: Decision['diagnosis'];
  /** null: no decision about it. */
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

/** The last decisions on diagnoses that no longer hold. */
export function earlierDecisions({ operators, last_decisions }: Topology): Decision[] {
  return last_decisions.filter(
    ({ operator, diagnosis }) =>
      !operators.some((one) => one.operator === operator && one.diagnoses.includes(diagnosis)),
  );
}
