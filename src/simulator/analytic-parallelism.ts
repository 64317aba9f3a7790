// The parallelism that a topology needs, computed from its spec instead of found by trial: the truth that policies are
// measured against.
import { keyShares } from './key-skew.js';
import { offeredAt } from './load-curve.js';
import { inputsFirst, inputsOf, isSource, type TopologySpec } from './topology-spec.js';

const MOST_TRIED = 10_000;

/**
 * Records/s that each operator must take in so that nothing offered at that instant waits or is lost.
 * E.g. 1000 sentences/s of 10 words: source 1000, split 1000, count 10 000.
 */
export function analyticLoad(spec: TopologySpec, atSeconds = 0): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  const selectivities = new Map(spec.operators.map((operator) => [operator.name, operator.selectivity ?? 1]));
  for (const operator of inputsFirst(spec)) {
    const load = isSource(operator)
      ? offeredAt(operator.source.offered, atSeconds)
      : inputsOf(operator).reduce((sum, input) => sum + (loads.get(input) ?? 0) * (selectivities.get(input) ?? 1), 0);
    loads.set(operator.name, load);
  }
  return loads;
}

/**
 * Smallest parallelism at which no instance gets more than its capacity: ceil(load / capacity) for even keys, more if one
 * instance's share is larger; slow instances are ignored. E.g. load 10 000, capacity 500: 20. Infinity if no parallelism is enough
 * (one hot key alone is too much).
 */
export function analyticParallelism(spec: TopologySpec, atSeconds = 0): ReadonlyMap<string, number> {
  const loads = analyticLoad(spec, atSeconds);
  return new Map(
    spec.operators.map((operator) => {
      const load = loads.get(operator.name) ?? 0;
      const isEnough = (parallelism: number): boolean => {
        const shares = keyShares(parallelism, operator.keySkew ?? { kind: 'even' }, operator.hotKey ?? null);
        // Ignores rounding, as the resolvers do: 0.1 × 3 is not more than 0.3.
        return Math.max(...shares) * load <= operator.capacity * (1 + 1e-9);
      };
      let parallelism = Math.max(1, Math.ceil(load / operator.capacity - 1e-9));
      const hotShare = operator.hotKey?.share ?? 0;
      if (hotShare * load > operator.capacity * (1 + 1e-9)) return [operator.name, Infinity];
      while (!isEnough(parallelism) && parallelism < MOST_TRIED) parallelism += 1;
      return [operator.name, parallelism];
    }),
  );
}
