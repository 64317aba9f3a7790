// The evidence of a decision as the log keeps it: JSON with the names that the first version gave its parts.
import type { Evidence } from '../model/decision.js';

/** An earlier version did not write all of it. */
interface EvidenceText {
  readonly evaluated_at: string;
  readonly operator_known?: boolean;
  readonly backpressure?: Evidence['backpressure'];
  readonly parallelism?: number | null;
  readonly recommended_parallelism?: number | null;
  readonly suspended_ratio?: number | null;
  readonly symptoms?: Evidence['symptoms'];
  readonly diagnoses?: Evidence['diagnoses'];
  readonly missing_sensors?: readonly string[];
  readonly unknown_because?: string | null;
}

export function evidenceTextOf(evidence: Evidence): string {
  const text: Required<Omit<EvidenceText, 'operator_known'>> = {
    evaluated_at: new Date(evidence.evaluatedAtMs).toISOString(),
    backpressure: evidence.backpressure,
    parallelism: evidence.parallelism,
    recommended_parallelism: evidence.recommendedParallelism,
    suspended_ratio: evidence.suspendedRatio,
    symptoms: evidence.symptoms,
    diagnoses: evidence.diagnoses,
    missing_sensors: evidence.missingSensors,
    unknown_because: evidence.unknownBecause,
  };
  return JSON.stringify({
    ...text,
    ...(evidence.isOperatorKnown === null ? {} : { operator_known: evidence.isOperatorKnown }),
  });
}

export function readEvidence(json: string): Evidence {
  const text = JSON.parse(json) as EvidenceText;
  return {
    evaluatedAtMs: Date.parse(text.evaluated_at),
    isOperatorKnown: text.operator_known ?? null,
    backpressure: text.backpressure ?? null,
    parallelism: text.parallelism ?? null,
    recommendedParallelism: text.recommended_parallelism ?? null,
    suspendedRatio: text.suspended_ratio ?? null,
    symptoms: text.symptoms ?? null,
    diagnoses: text.diagnoses ?? null,
    missingSensors: text.missing_sensors ?? [],
    unknownBecause: text.unknown_because ?? null,
  };
}
