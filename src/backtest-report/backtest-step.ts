// The steps that a replay of history yields, and that a report of a backtest is about.
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import type { Truth } from '../model/truth.js';

/** What the service would have concluded at one instant. */
export interface BacktestStep {
  readonly atMs: number;
  /** At most one a topology; a discovered topology that is not there has none. */
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

/** Something about the operator that a diagnosis may need is not known. */
export function hasUnknown({ measurement, symptoms, missingSensors }: OperatorEvaluation): boolean {
  const isCounted = measurement.parallelism !== null && measurement.incompleteBecause === null;
  return !isCounted || missingSensors.length > 0 || Object.values<Truth>(symptoms).includes('unknown');
}

/** Whether no instance of any operator was seen: a gap in a history that is expected to be there. */
export function isUnseen({ operators }: TopologyEvaluation): boolean {
  return operators.every(({ measurement }) => measurement.parallelism === null);
}
