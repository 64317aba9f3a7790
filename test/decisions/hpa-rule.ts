// The Horizontal Pod Autoscaler's arithmetic, as the Kubernetes documentation gives it under "Algorithm details" and its API
// under `behavior`: a ratio with a tolerance, growth limited, shrinking to the largest recommendation of five minutes.
import { roundUp } from './peer.js';

export const HPA_DEFAULTS = {
  /** Of the CPU requested; what the API fills in where no metric is given. */
  targetUtilization: 0.8,
  tolerance: 0.1,
  syncSeconds: 15,
  downscaleStabilizationSeconds: 300,
} as const;

/** E.g. 3 replicas at 50 % with a target of 30 %: 5. */
export function desiredReplicas(replicas: number, value: number, target: number, tolerance: number): number {
  const ratio = value / target;
  // A ratio on the edge is within the tolerance: 88 % over 80 % does not count as 1.1000000000000003.
  return Math.abs(ratio - 1) <= tolerance + 1e-9 ? replicas : roundUp(replicas * ratio);
}

/** In 15 s it doubles, or adds 4. */
export function limitGrowth(replicas: number, desired: number): number {
  return Math.min(desired, Math.max(2 * replicas, replicas + 4));
}
