// The ratio of offered to served load of every operator: measured at the sources and carried down the graph with the rates.
// An operator's target rate is its rate times its ratio; its selectivity is already in the rates and cancels.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { NORMAL_BACKLOG_SECONDS } from './growing-source-backlog-detector.js';

export interface OfferedRatios {
  /** f: offered over served. */
  readonly offered: number;
  /** g: f plus what is needed to work a backlog off within `catch_up`. */
  readonly catchUp: number;
}

/** Or the reason why they are unknown, which names the operator concerned. */
export type RatiosOrReason = OfferedRatios | NotKnown;

interface NotKnown {
  readonly because: string;
  /** See OperatorLoad. */
  readonly mayBeRefused: boolean;
}

/**
 * A push source that is busy for at least this share of the time in which it is not held up reads as fast as it can, and may
 * refuse the rest. It is the busy ratio from which an operator follows one that is too small: minute means hide the full
 * moments.
 */
const AS_BUSY_AS_CAN_BE = 0.95;
/** A push source held up for at least this share of the time may be offered anything. */
const STANDSTILL = 0.995;

type RatioSettings = Pick<PolicySettings, 'catchUpMs' | 'maxScaleUpFactor' | 'backpressureThreshold'>;

/**
 * By operator name, three-valued: a value missing at a source or on the way is unknown for everything downstream.
 * @param boundRatios what a source lets through at its bound, by name, see OperatorLoad: it passes no more on than that
 */
export function offeredRatiosOf(
  topology: TopologyMeasurement,
  settings: RatioSettings,
  boundRatios: ReadonlyMap<string, number | null>,
): ReadonlyMap<string, RatiosOrReason> {
  const operators = new Map(topology.operators.map((operator) => [operator.spec.name, operator]));
  const sources = topology.operators.filter(({ spec }) => spec.role === 'source').map(({ spec }) => spec.name);
  const found = new Map<string, RatiosOrReason>();
  const visiting = new Set<string>();

  const ratiosOf = (name: string): RatiosOrReason => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const operator = operators.get(name);
    if (operator === undefined) return notKnown(`no instance of ${name} is seen`);
    if (visiting.has(name)) return notKnown(`${name} feeds itself`);
    visiting.add(name);
    const ratios =
      operator.spec.role === 'source'
        ? ratiosOfSource(operator, topology, settings)
        : mixOf(operator.spec.inputs ?? sources, name);
    visiting.delete(name);
    found.set(name, ratios);
    return ratios;
  };

  /**
   * f_o = Σ r_i f_i / Σ r_i over the inputs, g likewise: 300 records/s at 1 and 100 at 3 ⇒ 1.5; 1 if a bound keeps the second where
   * it is. Without a graph, every source is an input.
   */
  const mixOf = (inputs: readonly string[], name: string): RatiosOrReason => {
    if (inputs.length === 0) return notKnown(`the inputs of ${name} are unknown`);
    const mixed = { rate: 0, offered: 0, catchUp: 0 };
    const largest = { offered: 0, catchUp: 0 };
    const notKnownOf = inputs.map(ratiosOf).filter((ratios) => 'because' in ratios);
    const refusing = notKnownOf.find(({ mayBeRefused }) => mayBeRefused);
    if (refusing !== undefined) return refusing;
    for (const input of inputs) {
      const ratios = ratiosOf(input);
      if ('because' in ratios) return ratios;
      const rate = rateOf(operators.get(input));
      if (rate === null) return notKnown(`the processing rate of ${input} is unknown`);
      const most = boundRatios.get(input) ?? Infinity;
      const offered = Math.min(ratios.offered, most);
      const catchUp = Math.min(ratios.catchUp, most);
      largest.offered = Math.max(largest.offered, offered);
      largest.catchUp = Math.max(largest.catchUp, catchUp);
      mixed.rate += rate;
      mixed.offered += rate * offered;
      mixed.catchUp += rate * catchUp;
    }
    // Nothing flows, so any ratio of it is nothing: the largest ratio of an input stands for all.
    if (mixed.rate === 0) return largest;
    return { offered: mixed.offered / mixed.rate, catchUp: mixed.catchUp / mixed.rate };
  };

  return new Map([...operators.keys()].map((name) => [name, ratiosOf(name)]));
}

function ratiosOfSource(
  source: OperatorMeasurement,
  topology: TopologyMeasurement,
  { catchUpMs, maxScaleUpFactor, backpressureThreshold }: RatioSettings,
): RatiosOrReason {
  const { name } = source.spec;
  if (source.incompleteBecause !== null) return notKnown(`some instances of ${name} are not seen`);
  if (source.sourceBacklog.kind === 'missing') return notKnown(`the backlog of ${name} is unknown`);
  if (source.sourceBacklog.kind === 'measured') {
    const rate = rateOf(source);
    const { total, slopePerSecond } = source.sourceBacklog;
    if (rate === null) return notKnown(`the processing rate of ${name} is unknown`);
    if (slopePerSecond === null) return notKnown(`the change of the backlog of ${name} is unknown`);
    // Nothing flows and nothing waits: as much is offered as is served.
    if (rate === 0 && total === 0 && slopePerSecond === 0) return { offered: 1, catchUp: 1 };
    if (rate === 0) return notKnown(`${name} reads nothing`);
    return ratiosOfBacklog({ rate, total, slope: slopePerSecond }, catchUpMs / 1000);
  }
  const suspended = suspendedShareOf(source, topology);
  if (mayRefuseLoad(source, suspended ?? 0, backpressureThreshold)) {
    const because = `${name} is as busy as it can be and reports no backlog, so the load offered to it is unknown`;
    return { because, mayBeRefused: true };
  }
  if (suspended === null) return notKnown(`the load offered to ${name} is unknown`);
  // An upper bound: a source that reads as fast as its input arrives looks the same as one that refuses load.
  const ratio = Math.min(1 / (1 - suspended), 1 + maxScaleUpFactor);
  return { offered: ratio, catchUp: ratio };
}

/**
 * Whether max u / (1 − v) is at least 0.95 while v is no backpressure: 0.94 busy and held up for 0.04 of the time ⇒ 0.98. A
 * source that is held up for longer could read faster, and its held-up share says by how much.
 */
function mayRefuseLoad({ busy }: OperatorMeasurement, suspended: number, threshold: number): boolean {
  if (busy.kind !== 'measured' || suspended > threshold) return false;
  return busy.max >= AS_BUSY_AS_CAN_BE * (1 - suspended);
}

/**
 * f = (r + slope) / r, g = (r + slope + max(0, backlog − 5 s × r) / catch_up) / r. At 100 records/s, a backlog of 2,300 that
 * grows by 50/s and a catch_up of 1,800 s: f = 1.5, g = (100 + 50 + 1,800 / 1,800) / 100 = 1.51.
 */
function ratiosOfBacklog(
  { rate, total, slope }: { readonly rate: number; readonly total: number; readonly slope: number },
  catchUpSeconds: number,
): OfferedRatios {
  const excess = Math.max(0, total - NORMAL_BACKLOG_SECONDS * rate);
  const offered = Math.max(0, (rate + slope) / rate);
  const catchUp = Math.max(0, (rate + slope + excess / catchUpSeconds) / rate);
  return { offered, catchUp };
}

/** Share of time in which a source without a known backlog could not emit: at 0.9, up to ten times as much may be offered. */
function suspendedShareOf(source: OperatorMeasurement, topology: TopologyMeasurement): number | null {
  if (topology.backpressureReportedBy === 'culprit') {
    const { suspendedRatio } = topology;
    return suspendedRatio.kind === 'measured' && suspendedRatio.ratio < STANDSTILL ? suspendedRatio.ratio : null;
  }
  const { backpressure } = source;
  return backpressure.kind === 'measured' && backpressure.mean < STANDSTILL ? backpressure.mean : null;
}

function notKnown(because: string): NotKnown {
  return { because, mayBeRefused: false };
}

function rateOf(operator: OperatorMeasurement | undefined): number | null {
  if (operator?.incompleteBecause !== null || operator.processingRate.kind !== 'measured') return null;
  return operator.processingRate.total;
}
