// Reproducible randomness: the same seed gives the same run on every machine. Not for secrets.

export interface SeededRandom {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal: mean 0, variance 1. */
  gaussian(): number;
}

/** @param seed any finite number; only its 32-bit integer part counts, 0 included */
export function createSeededRandom(seed: number): SeededRandom {
  // A xorshift generator must not start at 0, and close seeds should not start close together.
  let state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) | 0 || 1;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    gaussian: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
