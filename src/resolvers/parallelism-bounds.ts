// Bounds and rounding shared by the resolvers that ask for a parallelism.
import type { OperatorSpec } from '../model/measurement.js';

/** Floating point noise that ceilings and floors ignore: 7 / (1 − 0.65) is 20.000000000000004. */
export const FORGIVEN = 1e-9;

export function clampedTo(spec: OperatorSpec, parallelism: number): number {
  return Math.max(spec.minParallelism, Math.min(spec.maxParallelism ?? Infinity, parallelism));
}
