// How a keyed stream is spread over an operator's instances: shares that sum to 1. The busiest share limits the operator.

export type KeySkew =
  | { readonly kind: 'even' }
  /** From 1 − share (first instance) to 1 + share (last) times the mean. */
  | { readonly kind: 'spread'; readonly share: number }
  /** Relative weights by parallelism, e.g. {2: [3, 1]}; even at every other parallelism. */
  | { readonly kind: 'weights'; readonly byParallelism: Readonly<Record<number, readonly number[]>> };

/** One key that holds a share of the whole stream, so that one instance has to take all of it. */
export interface HotKey {
  readonly share: number;
  /** Instance it hashes to, modulo the parallelism. */
  readonly instance: number;
  /** Survives a rebalance. Default false. */
  readonly incurable?: boolean;
}

/** @returns one share an instance, summing to 1 */
export function keyShares(parallelism: number, skew: KeySkew, hotKey: HotKey | null): number[] {
  const weights = relativeWeights(parallelism, skew);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  if (hotKey === null) return shares;
  const hot = hotKey.instance % parallelism;
  return shares.map((share, index) => share * (1 - hotKey.share) + (index === hot ? hotKey.share : 0));
}

function relativeWeights(parallelism: number, skew: KeySkew): readonly number[] {
  const even = Array.from({ length: parallelism }, () => 1);
  if (skew.kind === 'even' || parallelism === 1) return even;
  if (skew.kind === 'spread') return even.map((_, index) => 1 + skew.share * ((2 * index) / (parallelism - 1) - 1));
  const weights = skew.byParallelism[parallelism];
  return weights?.length === parallelism ? weights : even;
}
