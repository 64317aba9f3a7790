// What a diagnoser can conclude from an operator's symptoms.

export const DIAGNOSES = ['underprovisioning', 'overprovisioning', 'slow_instances', 'data_skew'] as const;
export type DiagnosisName = (typeof DIAGNOSES)[number];

/** One diagnosis of one operator. */
export interface Diagnosis {
  readonly diagnosis: DiagnosisName;
  /** The outlying operator instances, if the diagnosis is about some of them; else empty. */
  readonly operatorInstances: readonly string[];
}

export function isDiagnosisName(name: unknown): name is DiagnosisName {
  return (DIAGNOSES as readonly unknown[]).includes(name);
}
