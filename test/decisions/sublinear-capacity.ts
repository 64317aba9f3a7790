// Operators with less than twice the capacity at twice the instances: all instances together have capacity × p ^ exponent. The
// simulator reads an operator's capacity at each step; the caller provides the number of instances.
import type { FluidTopology } from '../../src/simulator/fluid-topology.js';
import { isSource, type SimulatedOperator, type TopologySpec } from '../../src/simulator/topology-spec.js';

export interface SublinearTopology {
  readonly operators: readonly SimulatedOperator[];
  /** Call after every step; a restart gap is longer than one, so nothing runs at the capacity of before. */
  readonly observe: (topology: FluidTopology) => void;
}

/** Its sources stay as they are. */
export function withSublinearCapacity(
  { operators }: Pick<TopologySpec, 'operators'>,
  exponent: number,
): SublinearTopology {
  const present = new Map(operators.map(({ name, parallelism }) => [name, parallelism]));
  return {
    operators: operators.map((operator) => {
      if (isSource(operator)) return operator;
      const { name, capacity } = operator;
      const get = (): number => capacity * (present.get(name) ?? 1) ** (exponent - 1);
      return Object.defineProperty({ ...operator }, 'capacity', { enumerable: true, get });
    }),
    observe: (topology) => {
      for (const { name, parallelism } of topology.state().operators) present.set(name, parallelism);
    },
  };
}

/** E.g. 1000/s for instances of 100/s with exponent 0.8: 10 ^ 1.25, so 18. */
export function neededSublinearly(load: number, capacity: number, exponent: number): number {
  return Math.ceil((load / capacity) ** (1 / exponent) - 1e-9);
}
