// The steps that a replay of history yields, which a backtest report describes.
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import type { Truth } from '../model/truth.js';

/** The service's conclusions at one instant. */
export interface BacktestStep {
  readonly atMs: number;
  /** At most one per topology; none for an absent discovered topology. */
  readonly evaluations: readonly TopologyEvaluation[];
}

/** The instants `fromMs`, `fromMs + stepMs`, …, up to `toMs`. */
export interface BacktestRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export function countSteps({ fromMs, toMs, stepMs }: BacktestRange): number {
  return Math.floor((toMs - fromMs) / stepMs) + 1;
}

/** True if anything that a diagnosis of the operator may need is unknown. */
export function hasUnknown({ measurement, symptoms, missingSensors }: OperatorEvaluation): boolean {
  const isCounted = measurement.parallelism !== null && measurement.incompleteBecause === null;
  return !isCounted || missingSensors.length > 0 || Object.values<Truth>(symptoms).includes('unknown');
}

/** True if no instance of any operator was seen: a gap in the history. */
export function isUnseen({ operators }: TopologyEvaluation): boolean {
  return operators.every(({ measurement }) => measurement.parallelism === null);
}
