// What is not known of what an alert rests on, in words: for the evidence of a hold as `unknown_measurements`.
import type { DiagnosisName } from '../model/diagnosis.js';
import { operatorOf, type OperatorEvaluation, type TopologyEvaluation } from '../model/evaluation.js';

/** The first reason, those of the alert's own operator before all others; null: everything seems to be known. */
export function unknownBecause(
  { operators, isDraining, demand }: TopologyEvaluation,
  alert: { readonly operator: string; readonly diagnosis: DiagnosisName },
): string | null {
  const own = operatorOf({ operators }, alert.operator);
  if (own === undefined) return `the topology has no operator ${alert.operator}`;
  const others = operators.filter((one) => one !== own);
  const isScaleDown = alert.diagnosis === 'overprovisioning';
  // Any unknown anywhere blocks a scale_down.
  const [first = null] = (isScaleDown ? [own, ...others] : [own]).flatMap((one) => unknownOf(one) ?? []);
  if (first !== null) return first;
  if (isScaleDown && own.leftAloneBecause !== null) return own.leftAloneBecause;
  const isUnsure = isDraining === 'unknown' || demand.kind === 'unknown';
  const [elsewhere = null] = isUnsure ? others.flatMap((one) => unknownOf(one) ?? []) : [];
  if (elsewhere !== null) return elsewhere;
  if (isDraining === 'unknown') return 'whether a source works off its backlog is unknown';
  return demand.kind === 'unknown' ? 'the offered load of the topology is unknown' : null;
}

function unknownOf({ measurement, missingSensors, load, symptoms }: OperatorEvaluation): string | null {
  const { name } = measurement.spec;
  if (measurement.incompleteBecause !== null) return `${name}: ${measurement.incompleteBecause}`;
  if (missingSensors.length > 0) return `${name} has no data of ${missingSensors.join(', ')}`;
  if (!load.isClean) return load.unsizedBecause ?? `the window of ${name} contains a restart or a gap`;
  const unknown = Object.entries(symptoms).flatMap(([symptom, truth]) => (truth === 'unknown' ? [symptom] : []));
  return unknown.length === 0 ? null : `whether ${name} shows ${unknown.join(', ')} is unknown`;
}
