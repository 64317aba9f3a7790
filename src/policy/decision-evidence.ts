// What a decision rests on, as it is kept with it.
import type { Evidence } from '../model/decision.js';
import { operatorOf, type TopologyEvaluation } from '../model/evaluation.js';

/** @param unknownBecause what is not known, where the alert is held for that */
export function evidenceOf(
  evaluation: TopologyEvaluation,
  name: string,
  unknownBecause: string | null = null,
): Evidence {
  const operator = operatorOf(evaluation, name);
  return {
    evaluatedAtMs: evaluation.atMs,
    isOperatorKnown: operator !== undefined,
    backpressure: evaluation.backpressure,
    parallelism: operator?.measurement.parallelism ?? null,
    recommendedParallelism: operator?.recommendedParallelism ?? null,
    suspendedRatio: operator?.suspendedRatio ?? null,
    symptoms: operator?.symptoms ?? null,
    diagnoses: operator?.diagnoses.map(({ diagnosis }) => diagnosis) ?? null,
    missingSensors: evaluation.operators.flatMap(({ measurement, missingSensors }) =>
      missingSensors.map((sensor) => `${measurement.spec.name}/${sensor}`),
    ),
    unknownBecause,
  };
}
