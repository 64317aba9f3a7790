// One evaluation of a topology: everything concluded from its measurements; the input of gauges and decisions.
import type { Diagnosis, DiagnosisName } from './diagnosis.js';
import type { Experience } from './experience.js';
import type { OperatorMeasurement, SensorName } from './measurement.js';
import type { FlowLimit, OperatorLoad } from './operator-load.js';
import type { Symptoms } from './symptom.js';
import type { Truth } from './truth.js';

/** Unbounded if the engine cannot say how much more is offered than served. */
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
  /** Diagnoses of which it is not known whether they hold. */
  readonly unknownDiagnoses: readonly DiagnosisName[];
  /**
   * What the diagnoses call for, regardless of blacklist and cooldown; the current parallelism if nothing is asked for; the
   * parallelism of an open action until a full window has seen its effect; null: unknown.
   */
  readonly recommendedParallelism: number | null;
  /** How busy its busiest instance will be at the recommended parallelism, under the offered load; null: unknown. */
  readonly expectedBusy: number | null;
  /** Why the operator stays as it is although something might be asked for: what is unknown or awaited; null: no such reason. */
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
  /** Offered load: Σ f × records/s of the sources, without the share that catches up; null: unknown. */
  readonly offeredRate: number | null;
  /** Whether a source works off a backlog fast enough to be done within `catch_up`. */
  readonly isDraining: Truth;
  /** The bound that limits the load that operators are sized for; null: none does. */
  readonly flowLimit: FlowLimit | null;
  /** The experience that this evaluation used. */
  readonly experience: Experience;
  readonly operators: readonly OperatorEvaluation[];
}

/** undefined: the topology has no operator of this name, or there was no look. */
export function operatorOf<Operator extends Pick<OperatorEvaluation, 'measurement'>>(
  topology: { readonly operators: readonly Operator[] } | null | undefined,
  name: string,
): Operator | undefined {
  return topology?.operators.find(({ measurement }) => measurement.spec.name === name);
}

/** Whether the diagnosis holds; every diagnosis that is neither listed nor unknown does not. */
export function truthOfDiagnosis(
  { diagnoses, unknownDiagnoses }: Pick<OperatorEvaluation, 'diagnoses' | 'unknownDiagnoses'>,
  name: DiagnosisName,
): Truth {
  if (diagnoses.some(({ diagnosis }) => diagnosis === name)) return 'yes';
  return unknownDiagnoses.includes(name) ? 'unknown' : 'no';
}
