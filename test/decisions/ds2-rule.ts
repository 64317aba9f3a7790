// DS2's scaling model (Kalavri et al., OSDI 2018; strymon-system/ds2, controller/src/policy/scaling.rs): from the sources on, each
// operator gets the instances that its true processing rate needs for what its inputs would then emit.
import { roundUp, sum } from './peer.js';

export interface Ds2Operator {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly instances: number;
  /** Records/s it would take in if it were never held up, all instances together. */
  readonly trueProcessingRate: number;
  /** Records/s it would then emit, to each consumer. */
  readonly trueOutputRate: number;
  /** Sources: records/s that arrive. It is what they are to take in. */
  readonly arriving?: number;
}

/**
 * Inputs first. Operators whose rates are not numbers are left out, and so is what is downstream of them.
 * @param scalingFactor share of instances beyond the optimum; 0.25 is a utilisation of 0.8
 */
export function ds2Parallelism(operators: readonly Ds2Operator[], scalingFactor: number): ReadonlyMap<string, number> {
  const emitted = new Map<string, number>();
  const wanted = new Map<string, number>();
  for (const operator of operators) {
    const input = operator.arriving ?? sum(operator.inputs.map((name) => emitted.get(name) ?? NaN));
    const optimal = input / (operator.trueProcessingRate / operator.instances);
    if (!Number.isFinite(optimal)) continue;
    wanted.set(operator.name, Math.max(1, roundUp(optimal * (1 + scalingFactor))));
    emitted.set(operator.name, operator.trueOutputRate * (optimal / operator.instances));
  }
  return wanted;
}

/** Whether its manager reconfigures: one operator grows, or one shrinks by more than one instance. */
export function isConsidered(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): boolean {
  return [...after].some(([name, instances]) => {
    const had = before.get(name) ?? instances;
    return had < instances || had - 1 > instances;
  });
}
