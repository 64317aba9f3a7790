// The summary of a backtest: shares of time, extremes, how often a change would have been asked for, and its cost. Its size
// depends on the number of operators, not on the length of the range; the number of gaps is bounded.
import { DIAGNOSES, type DiagnosisName } from '../model/diagnosis.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import { ActionsContext, ActionsTally, type ActionsOptions, type ActionsSummary } from './backtest-actions.js';
import { countSteps, hasUnknown, isUnseen, type BacktestRange, type BacktestStep } from './backtest-step.js';

/** A series of steps in which nothing of a topology was seen, both ends included. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** null: never known. */
export interface Extent {
  readonly min: number;
  readonly max: number;
}

export interface OperatorSummary {
  readonly operator: string;
  /** Steps at which the operator was looked at and part of its topology was seen; all shares refer to these. */
  readonly steps: number;
  readonly backpressureSteps: number;
  readonly unknownSteps: number;
  readonly diagnosisSteps: Readonly<Record<DiagnosisName, number>>;
  readonly parallelism: Extent | null;
  readonly recommended: Extent | null;
  /** How often it began to ask for more, and for less. */
  readonly asks: { readonly up: number; readonly down: number };
  /** Operator instance hours, over the steps at which both numbers are known. */
  readonly operatorHours: { readonly actual: number; readonly recommended: number };
}

export interface TopologySummary {
  readonly topology: string;
  /** Steps at which part of it was seen; all shares refer to these. The rest of the range are gaps. */
  readonly steps: number;
  readonly backpressureSteps: number;
  readonly unknownSteps: number;
  /** The first ones, at most `MAX_GAPS`. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
  readonly gapSteps: number;
  readonly actions: ActionsSummary;
  readonly operators: readonly OperatorSummary[];
}

export interface BacktestSummary extends BacktestRange {
  readonly steps: number;
  /** In the order given, then by name. */
  readonly topologies: readonly TopologySummary[];
}

export const MAX_GAPS = 100;

export class BacktestSummarizer {
  readonly #range: BacktestRange;
  readonly #listed: readonly string[];
  readonly #actions: ActionsContext;
  readonly #topologies = new Map<string, TopologyTally>();

  /** @param listed names that come first, and are expected to have series */
  constructor(range: BacktestRange, listed: readonly string[], options: ActionsOptions = {}) {
    this.#range = range;
    this.#listed = listed;
    this.#actions = new ActionsContext(range.stepMs, options);
  }

  add({ atMs, evaluations }: BacktestStep): void {
    for (const evaluation of evaluations) {
      const { topology } = evaluation;
      const tally = this.#topologies.get(topology) ?? new TopologyTally(topology, this.#range, this.#actions);
      this.#topologies.set(topology, tally);
      tally.add(atMs, evaluation);
    }
  }

  /** Names of the topologies that were never seen. */
  unseen(): string[] {
    const isSeen = (name: string): boolean => this.#topologies.get(name)?.wasSeen === true;
    return this.#listed.filter((name) => !isSeen(name));
  }

  finish(): BacktestSummary {
    const discovered = [...this.#topologies.keys()].filter((name) => !this.#listed.includes(name)).sort();
    const topologies = [...this.#listed, ...discovered].flatMap((name) => {
      const tally = this.#topologies.get(name);
      return tally === undefined ? [] : [tally.finish()];
    });
    return { ...this.#range, steps: countSteps(this.#range), topologies };
  }
}

class TopologyTally {
  readonly #topology: string;
  readonly #range: BacktestRange;
  readonly #operators = new Map<string, OperatorTally>();
  readonly #actions: ActionsTally;
  #steps = 0;
  #backpressureSteps = 0;
  #unknownSteps = 0;
  readonly #gaps: Gap[] = [];
  #gapCount = 0;
  #gapSteps = 0;
  /** null: not seen so far. */
  #firstSeenMs: number | null = null;
  #lastSeenMs: number | null = null;

  constructor(topology: string, range: BacktestRange, actions: ActionsContext) {
    this.#topology = topology;
    this.#range = range;
    this.#actions = new ActionsTally(topology, actions);
  }

  get wasSeen(): boolean {
    return this.#lastSeenMs !== null;
  }

  add(atMs: number, evaluation: TopologyEvaluation): void {
    this.#actions.add(atMs, evaluation);
    if (isUnseen(evaluation)) return;
    this.#steps += 1;
    if (evaluation.backpressure === 'yes') this.#backpressureSteps += 1;
    if (evaluation.operators.some(hasUnknown)) this.#unknownSteps += 1;
    for (const operator of evaluation.operators) {
      const { name } = operator.measurement.spec;
      const tally = this.#operators.get(name) ?? new OperatorTally(name, this.#range.stepMs);
      this.#operators.set(name, tally);
      tally.add(operator);
    }
    if (this.#lastSeenMs !== null) this.#noteGap(this.#lastSeenMs + this.#range.stepMs, atMs - this.#range.stepMs);
    this.#firstSeenMs ??= atMs;
    this.#lastSeenMs = atMs;
  }

  /** Notes a gap when it ends, except the first one, which is known only at the end of the range. */
  #noteGap(fromMs: number, toMs: number): void {
    if (toMs < fromMs) return;
    this.#gapCount += 1;
    this.#gapSteps += countSteps({ fromMs, toMs, stepMs: this.#range.stepMs });
    if (fromMs === this.#range.fromMs) this.#gaps.unshift({ fromMs, toMs });
    else this.#gaps.push({ fromMs, toMs });
    this.#gaps.length = Math.min(this.#gaps.length, MAX_GAPS);
  }

  /** The time before the first and after the last sight of a topology are gaps, for a discovered topology too. */
  finish(): TopologySummary {
    const { fromMs, stepMs } = this.#range;
    const endMs = fromMs + (countSteps(this.#range) - 1) * stepMs;
    if (this.#lastSeenMs === null) this.#noteGap(fromMs, endMs);
    else this.#noteGap(this.#lastSeenMs + stepMs, endMs);
    if (this.#firstSeenMs !== null) this.#noteGap(fromMs, this.#firstSeenMs - stepMs);
    return {
      topology: this.#topology,
      steps: this.#steps,
      backpressureSteps: this.#backpressureSteps,
      unknownSteps: this.#unknownSteps,
      gaps: this.#gaps,
      gapCount: this.#gapCount,
      gapSteps: this.#gapSteps,
      actions: this.#actions.finish(),
      operators: [...this.#operators.values()].map((tally) => tally.finish()),
    };
  }
}

class OperatorTally {
  readonly #operator: string;
  readonly #stepHours: number;
  #steps = 0;
  #backpressureSteps = 0;
  #unknownSteps = 0;
  readonly #diagnosisSteps = Object.fromEntries(DIAGNOSES.map((name) => [name, 0])) as Record<DiagnosisName, number>;
  #parallelism: Extent | null = null;
  #recommended: Extent | null = null;
  #asked: 'up' | 'down' | null = null;
  readonly #asks = { up: 0, down: 0 };
  readonly #instanceSteps = { actual: 0, recommended: 0 };

  constructor(operator: string, stepMs: number) {
    this.#operator = operator;
    this.#stepHours = stepMs / 3_600_000;
  }

  add(evaluation: OperatorEvaluation): void {
    const { parallelism } = evaluation.measurement;
    const { recommendedParallelism: recommended } = evaluation;
    this.#steps += 1;
    if (evaluation.symptoms.backpressure === 'yes') this.#backpressureSteps += 1;
    if (hasUnknown(evaluation)) this.#unknownSteps += 1;
    for (const { diagnosis } of evaluation.diagnoses) this.#diagnosisSteps[diagnosis] += 1;
    this.#parallelism = extended(this.#parallelism, parallelism);
    this.#recommended = extended(this.#recommended, recommended);
    // A step with an unknown value neither ends nor begins a request.
    if (parallelism === null || recommended === null) return;
    this.#instanceSteps.actual += parallelism;
    this.#instanceSteps.recommended += recommended;
    const asked = recommended > parallelism ? 'up' : recommended < parallelism ? 'down' : null;
    if (asked !== null && asked !== this.#asked) this.#asks[asked] += 1;
    this.#asked = asked;
  }

  finish(): OperatorSummary {
    return {
      operator: this.#operator,
      steps: this.#steps,
      backpressureSteps: this.#backpressureSteps,
      unknownSteps: this.#unknownSteps,
      diagnosisSteps: this.#diagnosisSteps,
      parallelism: this.#parallelism,
      recommended: this.#recommended,
      asks: this.#asks,
      operatorHours: {
        actual: this.#instanceSteps.actual * this.#stepHours,
        recommended: this.#instanceSteps.recommended * this.#stepHours,
      },
    };
  }
}

function extended(extent: Extent | null, value: number | null): Extent | null {
  if (value === null) return extent;
  return extent === null
    ? { min: value, max: value }
    : { min: Math.min(extent.min, value), max: Math.max(extent.max, value) };
}
