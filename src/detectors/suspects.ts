// The graph, and how much each operator adds to the suspension, in a topology whose engine reports the victims.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import { MAX_SUSPENDED_RATIO } from './attribution.js';

/** What the inference needs to know about one operator of a victim engine. */
export interface Suspect {
  readonly operator: OperatorMeasurement;
  /** Victim ratio v, mean over the instances; null: unknown. */
  readonly victimRatio: number | null;
  readonly inputs: readonly string[];
}

export function suspectsOf(topology: TopologyMeasurement): ReadonlyMap<string, Suspect> {
  const victimRatios = new Map(
    topology.operators.map((operator) => [operator.spec.name, victimRatioOf(operator)] as const),
  );
  return new Map(
    topology.operators.map((operator) => {
      const { name } = operator.spec;
      const victimRatio = victimRatios.get(name) ?? null;
      const inputs = operator.spec.inputs ?? assumedInputs(operator, victimRatio, victimRatios);
      return [name, { operator, victimRatio, inputs }];
    }),
  );
}

/** Without a graph, every victim is assumed to feed every operator with a smaller ratio. */
function assumedInputs(
  operator: OperatorMeasurement,
  victimRatio: number | null,
  victimRatios: ReadonlyMap<string, number | null>,
): readonly string[] {
  if (operator.spec.role === 'source') return [];
  return [...victimRatios]
    .filter(([name, other]) => name !== operator.spec.name && (other === null || other > (victimRatio ?? -1)))
    .map(([name]) => name);
}

function victimRatioOf(operator: OperatorMeasurement): number | null {
  if (operator.backpressure.kind !== 'measured' || operator.incompleteBecause !== null) return null;
  return Math.min(1, operator.backpressure.mean);
}

/**
 * b = 1 − (1 − v_in) / (1 − v): what the operator adds to the suspension that it passes on from further down; v_in is the
 * largest ratio among its inputs. v_in 0.5, v 0 ⇒ 0.5; v_in 0.5, v 0.5 ⇒ 0. null if any of them is unknown.
 */
export function netRatio(name: string, suspects: ReadonlyMap<string, Suspect>): number | null {
  const suspect = suspects.get(name);
  if (suspect === undefined || suspect.victimRatio === null) return null;
  const inputRatios = suspect.inputs.map((input) => suspects.get(input)?.victimRatio ?? null);
  if (inputRatios.includes(null)) return null;
  const inputRatio = Math.max(0, ...inputRatios.map((ratio) => ratio ?? 0));
  return netOf(inputRatio, suspect.victimRatio);
}

export function netOf(inputRatio: number, ownRatio: number): number {
  if (inputRatio <= ownRatio) return 0;
  return Math.min(MAX_SUSPENDED_RATIO, 1 - (1 - inputRatio) / (1 - ownRatio));
}

export function consumersOf(suspects: ReadonlyMap<string, Suspect>): ReadonlyMap<string, readonly string[]> {
  const consumers = new Map<string, string[]>();
  for (const [name, suspect] of suspects) {
    for (const input of suspect.inputs) consumers.set(input, [...(consumers.get(input) ?? []), name]);
  }
  return consumers;
}
