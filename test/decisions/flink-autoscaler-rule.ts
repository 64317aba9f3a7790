// The arithmetic of Flink's autoscaler (apache/flink-kubernetes-operator, flink-autoscaler: AutoScalerUtils, JobVertexScaler,
// ScalingMetricEvaluator), with the names of its options. Key groups and partitions, to which it may align, do not exist here.
import { roundUp } from './peer.js';

export interface AutoscalerOptions {
  readonly utilizationTarget: number;
  readonly utilizationMax: number;
  readonly utilizationMin: number;
  /** 0: no catching up. */
  readonly catchUpSeconds: number;
  readonly restartSeconds: number;
  readonly scaleUpMaxFactor: number;
  readonly scaleDownMaxFactor: number;
}

/** As its documentation lists them: target 0.7, boundary 0.3. */
export const AUTOSCALER_DEFAULTS: AutoscalerOptions = {
  utilizationTarget: 0.7,
  utilizationMax: 1,
  utilizationMin: 0.4,
  catchUpSeconds: 1800,
  restartSeconds: 300,
  scaleUpMaxFactor: 100_000,
  scaleDownMaxFactor: 0.6,
};

export interface VertexRates {
  readonly parallelism: number;
  /** Records/s that it should take in, without and for catching up. */
  readonly targetRate: number;
  readonly catchUpRate: number;
  readonly trueProcessingRate: number;
}

/** Records/s it should be able to take in: catch-up + restart's share + target / utilisation, rounded. Utilisation 0: all there is. */
export function processingCapacity(
  { targetRate, catchUpRate }: VertexRates,
  utilization: number,
  { catchUpSeconds, restartSeconds }: AutoscalerOptions,
  withRestart: boolean,
): number {
  if (utilization <= 0) return Infinity;
  const forRestart = withRestart && catchUpSeconds > 0 ? (targetRate * restartSeconds) / catchUpSeconds : 0;
  return Math.round(catchUpRate + forRestart + targetRate / Math.min(1, utilization));
}

/** null: a rate is not known. E.g. 10 instances that can do 100/s together, 50/s to do, utilisation 1: 5. */
export function targetParallelism(rates: VertexRates, options: AutoscalerOptions): number | null {
  const capacity = processingCapacity(rates, options.utilizationTarget, options, true);
  const factor = capacity / rates.trueProcessingRate;
  if (Number.isNaN(factor)) return null;
  const capped = Math.min(1 + options.scaleUpMaxFactor, Math.max(1 - options.scaleDownMaxFactor, factor));
  return Math.max(1, roundUp(capped * rates.parallelism));
}

/** While a backlog is worked off, a load above the target does not justify a scale-up, and no load justifies a scale-down. */
export function isOutsideUtilization(
  rates: VertexRates,
  options: AutoscalerOptions,
  processesBacklog: boolean,
): boolean {
  const upper = processesBacklog ? 1 : options.utilizationMax;
  const lower = processesBacklog ? 0 : options.utilizationMin;
  const { trueProcessingRate } = rates;
  return (
    trueProcessingRate < processingCapacity(rates, upper, options, false) ||
    trueProcessingRate > processingCapacity(rates, lower, options, true)
  );
}
