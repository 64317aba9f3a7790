// One look at a topology: everything that was concluded from its measurements, the input to gauges and decisions.
import type { Diagnosis } from './diagnosis.js';
import type { Experience } from './experience.js';
import type { OperatorMeasurement, SensorName } from './measurement.js';
import type { FlowLimit, OperatorLoad } from './operator-load.js';
import type { Symptoms } from './symptom.js';
import type { Truth } from './truth.js';

/** Unbounded where the engine cannot tell how much is offered beyond what is served. */
export type Demand =
  { readonly kind: 'bounded'; readonly ratio: number } | { readonly kind: 'unbounded' } | { readonly kind: 'unknown' };

export interface OperatorEvaluation {
  readonly measurement: OperatorMeasurement;
  /** Share of the window in which input was suspended because of this operator, 0..0.999; null: unknown or not applicable. */
  readonly suspendedRatio: number | null;
  /** Names of the culprits that hold this operator up; empty: none is known. */
  readonly heldUpBy: readonly string[];
  readonly load: OperatorLoad;
  readonly symptoms: Symptoms;
  readonly diagnoses: readonly Diagnosis[];
  /**
   * What the diagnoses call for, blacklist and cooldown aside; the current one if nothing is asked; what an action has asked
   * for until a full window has seen its effect; null: unknown.
   */
  readonly recommendedParallelism: number | null;
  /** How busy its busiest instance is to be with what is recommended, under the offered load; null: unknown. */
  readonly expectedBusy: number | null;
  /** Why it is left as it is although something else might be asked for: what is not known, or waited for; null: nothing is. */
  readonly leftAloneBecause: string | null;
  readonly missingSensors: readonly SensorName[];
}

export interface TopologyEvaluation {
  readonly topology: string;
  /** Unix time of the window's end, ms. */
  readonly atMs: number;
  /** Whether anything in the topology reports backpressure. */
  readonly backpressure: Truth;
  /** Offered over served load of the sources. */
  readonly demand: Demand;
  /** Offered load: Σ f × records/s of the sources, without what is caught up with; null: unknown. */
  readonly offeredRate: number | null;
  /** Whether a source works off a backlog fast enough to be done within `catch_up`. */
  readonly isDraining: Truth;
  /** What bounds the load that anything is sized for; null: nothing does. */
  readonly flowLimit: FlowLimit | null;
  /** What the past told when this was concluded. */
  readonly experience: Experience;
  readonly operators: readonly OperatorEvaluation[];
}
