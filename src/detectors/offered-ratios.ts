// Offered over served load, of every operator: measured at the sources, carried down the graph with the rates. The target rate
// of an operator is its rate times its ratio; what it makes of a record sits in the rates and cancels.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { NORMAL_BACKLOG_SECONDS } from './growing-source-backlog-detector.js';

export interface OfferedRatios {
  /** f: offered over served. */
  readonly offered: number;
  /** g: the same with what works a backlog off within `catch_up`. */
  readonly catchUp: number;
}

/** Or why they are not known, in words that name whose measurement it is. */
export type RatiosOrReason = OfferedRatios | { readonly because: string };

/** A push source held up for at least this share of the time may be offered anything. */
const STANDSTILL = 0.995;

/** By operator name; three-valued: what is missing at a source or on the way is unknown for all that is downstream. */
export function offeredRatiosOf(
  topology: TopologyMeasurement,
  settings: Pick<PolicySettings, 'catchUpMs' | 'maxScaleUpFactor'>,
): ReadonlyMap<string, RatiosOrReason> {
  const operators = new Map(topology.operators.map((operator) => [operator.spec.name, operator]));
  const sources = topology.operators.filter(({ spec }) => spec.role === 'source').map(({ spec }) => spec.name);
  const found = new Map<string, RatiosOrReason>();
  const visiting = new Set<string>();

  const ratiosOf = (name: string): RatiosOrReason => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const operator = operators.get(name);
    if (operator === undefined) return { because: `nothing is seen of ${name}` };
    if (visiting.has(name)) return { because: `${name} feeds itself` };
    visiting.add(name);
    const ratios =
      operator.spec.role === 'source'
        ? ratiosOfSource(operator, topology, settings)
        : mixOf(operator.spec.inputs ?? sources, name);
    visiting.delete(name);
    found.set(name, ratios);
    return ratios;
  };

  /** f_o = Σ r_i f_i / Σ r_i over the inputs, g likewise: 300 records/s at 1 and 100 at 3 ⇒ 1.5. Where no graph is known, as if every source fed it. */
  const mixOf = (inputs: readonly string[], name: string): RatiosOrReason => {
    if (inputs.length === 0) return { because: `what feeds ${name} is not known` };
    const mixed = { rate: 0, offered: 0, catchUp: 0 };
    const largest = { offered: 0, catchUp: 0 };
    for (const input of inputs) {
      const ratios = ratiosOf(input);
      if ('because' in ratios) return ratios;
      const rate = rateOf(operators.get(input));
      if (rate === null) return { because: `the processing rate of ${input} is not known` };
      largest.offered = Math.max(largest.offered, ratios.offered);
      largest.catchUp = Math.max(largest.catchUp, ratios.catchUp);
      mixed.rate += rate;
      mixed.offered += rate * ratios.offered;
      mixed.catchUp += rate * ratios.catchUp;
    }
    // Nothing flows, so that any ratio of it is nothing: the most that is said of an input stands for all.
    if (mixed.rate === 0) return largest;
    return { offered: mixed.offered / mixed.rate, catchUp: mixed.catchUp / mixed.rate };
  };

  return new Map([...operators.keys()].map((name) => [name, ratiosOf(name)]));
}

function ratiosOfSource(
  source: OperatorMeasurement,
  topology: TopologyMeasurement,
  { catchUpMs, maxScaleUpFactor }: Pick<PolicySettings, 'catchUpMs' | 'maxScaleUpFactor'>,
): RatiosOrReason {
  const { name } = source.spec;
  if (source.incompleteBecause !== null) return { because: `not all instances of ${name} are seen` };
  if (source.sourceBacklog.kind === 'missing') return { because: `the backlog of ${name} is not known` };
  if (source.sourceBacklog.kind === 'measured') {
    const rate = rateOf(source);
    const { total, slopePerSecond } = source.sourceBacklog;
    if (rate === null) return { because: `the processing rate of ${name} is not known` };
    if (slopePerSecond === null) return { because: `how the backlog of ${name} changes is not known` };
    // Where nothing waits either, as much is offered as is served.
    if (rate === 0 && total === 0 && slopePerSecond === 0) return { offered: 1, catchUp: 1 };
    if (rate === 0) return { because: `${name} reads nothing` };
    return ratiosOfBacklog({ rate, total, slope: slopePerSecond }, catchUpMs / 1000);
  }
  const suspended = suspendedShareOf(source, topology);
  if (suspended === null) return { because: `how much more is offered to ${name} is not known` };
  // An upper bound, since a source that reads as fast as it may looks the same as one that refuses load.
  const ratio = Math.min(1 / (1 - suspended), 1 + maxScaleUpFactor);
  return { offered: ratio, catchUp: ratio };
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

/** Share of time in which a source without a known backlog could not emit: 0.9 of it ⇒ ten times as much may be offered. */
function suspendedShareOf(source: OperatorMeasurement, topology: TopologyMeasurement): number | null {
  if (topology.backpressureReportedBy === 'culprit') {
    const { suspendedRatio } = topology;
    return suspendedRatio.kind === 'measured' && suspendedRatio.ratio < STANDSTILL ? suspendedRatio.ratio : null;
  }
  const { backpressure } = source;
  return backpressure.kind === 'measured' && backpressure.mean < STANDSTILL ? backpressure.mean : null;
}

function rateOf(operator: OperatorMeasurement | undefined): number | null {
  if (operator?.incompleteBecause !== null || operator.processingRate.kind !== 'measured') return null;
  return operator.processingRate.total;
}
