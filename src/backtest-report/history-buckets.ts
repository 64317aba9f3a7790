// The data of one operator's plots: the range in equal buckets, each with the extremes of every measurement and the states
// that occurred. Its size is that of the buckets, whatever the length of the range.
import { DIAGNOSES, type DiagnosisName } from '../model/diagnosis.js';
import type { OperatorEvaluation } from '../model/evaluation.js';
import type { Reading } from '../model/measurement.js';
import { SYMPTOMS, type SymptomName } from '../model/symptom.js';
import type { Truth } from '../model/truth.js';
import { hasUnknown } from './backtest-step.js';

export const PLOTTED = [
  'parallelism',
  'recommended_parallelism',
  'suspended_ratio',
  'reported_backpressure',
  'busy',
  'pending_packets',
  'source_backlog',
  'processing_rate',
] as const;
export type PlottedName = (typeof PLOTTED)[number];

export const STATES = [...SYMPTOMS, ...DIAGNOSES] as const;
export type StateName = SymptomName | DiagnosisName;

/** One bit for each truth, so that a bucket can hold several. */
export const TRUTH_BITS: Readonly<Record<Truth, number>> = { yes: 1, unknown: 2, no: 4 };

interface Extremes {
  /** NaN: nothing was measured. If a bucket is one step, both are the same array. */
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** By operator, in the order in which they appeared. */
export type OperatorBuckets = ReadonlyMap<string, HistoryBuckets>;

export class HistoryBuckets {
  readonly operator: string;
  #count: number;
  #stepsEach: number;
  readonly #extremes = new Map<PlottedName, Extremes>();
  readonly #states = new Map<StateName, Uint8Array>();

  /** @param count number of buckets, each of `stepsEach` steps */
  constructor(operator: string, count: number, stepsEach: number) {
    this.operator = operator;
    this.#count = count;
    this.#stepsEach = stepsEach;
  }

  get stepsEach(): number {
    return this.#stepsEach;
  }

  add(step: number, evaluation: OperatorEvaluation): void {
    const bucket = Math.floor(step / this.#stepsEach);
    for (const name of PLOTTED) {
      const value = plottedValue(name, evaluation);
      if (value !== null && Number.isFinite(value)) this.#widen(name, bucket, value);
    }
    for (const name of STATES) {
      const states = this.#statesOf(name);
      states[bucket] = (states[bucket] ?? 0) | TRUTH_BITS[truthOfState(name, evaluation)];
    }
  }

  /** Doubles the steps in a bucket and halves the buckets. */
  coarsen(): void {
    const count = Math.ceil(this.#count / 2);
    for (const [name, { min, max }] of this.#extremes) {
      this.#extremes.set(name, { min: halved(min, count, smaller), max: halved(max, count, larger) });
    }
    for (const [name, states] of this.#states)
      this.#states.set(
        name,
        halved(states, count, (a, b) => a | b),
      );
    this.#count = count;
    this.#stepsEach *= 2;
  }

  /** null: never measured. */
  extremes(name: PlottedName): Extremes | null {
    return this.#extremes.get(name) ?? null;
  }

  /** `TRUTH_BITS` by bucket; 0: the operator was absent. */
  states(name: StateName): Uint8Array {
    return this.#statesOf(name);
  }

  #widen(name: PlottedName, bucket: number, value: number): void {
    const extremes = this.#extremes.get(name) ?? this.#nothingYet();
    this.#extremes.set(name, extremes);
    extremes.min[bucket] = smaller(extremes.min[bucket] ?? NaN, value);
    extremes.max[bucket] = larger(extremes.max[bucket] ?? NaN, value);
  }

  #nothingYet(): Extremes {
    const min = new Float64Array(this.#count).fill(NaN);
    return { min, max: this.#stepsEach === 1 ? min : min.slice() };
  }

  #statesOf(name: StateName): Uint8Array {
    const states = this.#states.get(name) ?? new Uint8Array(this.#count);
    this.#states.set(name, states);
    return states;
  }
}

function plottedValue(name: PlottedName, { measurement, ...found }: OperatorEvaluation): number | null {
  switch (name) {
    case 'parallelism':
      return measurement.parallelism;
    case 'recommended_parallelism':
      return found.recommendedParallelism;
    case 'suspended_ratio':
      return found.suspendedRatio;
    case 'reported_backpressure':
      return measured(measurement.backpressure, ({ mean }) => mean);
    case 'busy':
      return measured(measurement.busy, ({ mean }) => mean);
    case 'pending_packets':
      return measured(measurement.pendingPackets, ({ mean }) => mean);
    case 'source_backlog':
      return measured(measurement.sourceBacklog, ({ total }) => total);
    case 'processing_rate':
      return measured(measurement.processingRate, ({ total }) => total);
  }
}

function measured<Statistics>(reading: Reading<Statistics>, value: (statistics: Statistics) => number): number | null {
  return reading.kind === 'measured' ? value(reading) : null;
}

/** A diagnosis that does not hold can be unknown only if another value is. */
function truthOfState(name: StateName, evaluation: OperatorEvaluation): Truth {
  if (isSymptom(name)) return evaluation.symptoms[name];
  if (evaluation.diagnoses.some(({ diagnosis }) => diagnosis === name)) return 'yes';
  return hasUnknown(evaluation) ? 'unknown' : 'no';
}

export function isSymptom(name: StateName): name is SymptomName {
  return (SYMPTOMS as readonly StateName[]).includes(name);
}

/** NaN: no value yet. */
function smaller(a: number, b: number): number {
  return a <= b || Number.isNaN(b) ? a : b;
}

function larger(a: number, b: number): number {
  return a >= b || Number.isNaN(b) ? a : b;
}

function halved<Values extends Float64Array | Uint8Array>(
  values: Values,
  count: number,
  merge: (a: number, b: number) => number,
): Values {
  const merged = values.slice(0, count) as Values;
  for (let bucket = 0; bucket < count; bucket += 1) {
    const [a, b] = [values[2 * bucket], values[2 * bucket + 1]];
    if (a !== undefined) merged[bucket] = b === undefined ? a : merge(a, b);
  }
  return merged;
}
