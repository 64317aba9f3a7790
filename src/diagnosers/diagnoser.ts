// The diagnoser interface: whether one diagnosis holds for one operator, given its symptoms and its topology's.
import type { OperatorMeasurement, OutlierInstance } from '../model/measurement.js';
import type { FlowLimit, OperatorLoad } from '../model/operator-load.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { Symptoms } from '../model/symptom.js';
import type { Truth } from '../model/truth.js';

export interface DiagnosisContext {
  readonly operator: OperatorMeasurement;
  readonly symptoms: Symptoms;
  readonly settings: PolicySettings;
  readonly topology: TopologyConditions;
  readonly load: OperatorLoad;
  /** Whether a scale_down would ask for a smaller parallelism. */
  readonly canBeSmaller: Truth;
}

/** Conditions of the topology as a whole. */
export interface TopologyConditions {
  /** Whether anything reports backpressure. */
  readonly backpressure: Truth;
  /** Whether any operator is a culprit. */
  readonly hasCulprit: Truth;
  /** Whether a source works off a backlog in time. */
  readonly isDraining: Truth;
  /** Whether a source has more than `min_backlog` waiting. */
  readonly hasLargeBacklog: Truth;
  /** Whether any symptom of any operator is unknown, or any sensor missing. */
  readonly hasUnknown: boolean;
  /** Whether another operator is underprovisioned for the whole load; `no` until all of them are diagnosed. */
  readonly hasLeader: Truth;
  readonly flowLimit: FlowLimit | null;
}

export interface DiagnosisVerdict {
  readonly holds: Truth;
  /** The outlying operator instances it is about; empty: all of them. */
  readonly operatorInstances: readonly string[];
}

export type Diagnoser = (context: DiagnosisContext) => DiagnosisVerdict;

/** Mean over the instances that are not outliers; null if there are none, or unknown. */
export function meanOfOthers(
  operator: OperatorMeasurement,
  mean: number,
  outlierValues: readonly (number | null)[],
): number | null {
  const others = (operator.parallelism ?? 0) - outlierValues.length;
  if (others <= 0 || outlierValues.includes(null)) return null;
  const outlying = outlierValues.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  // Rounding may leave a value just below zero if the outliers hold everything.
  return Math.max(0, (mean * (operator.parallelism ?? 0) - outlying) / others);
}

/** Whether the instances that are not outliers have next to nothing pending; null: unknown. */
export function othersHaveRoom(
  { operator, settings }: DiagnosisContext,
  outliers: readonly OutlierInstance[],
): boolean | null {
  if (operator.pendingPackets.kind !== 'measured' || outliers.length === 0) return null;
  const pending = outliers.map((outlier) => outlier.pendingPackets);
  const mean = meanOfOthers(operator, operator.pendingPackets.mean, pending);
  return mean === null ? false : mean <= settings.nearZeroPendingPackets;
}
