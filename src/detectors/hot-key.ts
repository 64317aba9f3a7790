// A hot key: records that stay with one instance at any parallelism. Its share, and what that instance can do, follow from
// the rates.
import type { OperatorMeasurement } from '../model/measurement.js';
import type { HotKey } from '../model/operator-load.js';

/** The busiest instance does, or is offered, at least this many times the mean. */
const HOT_FACTOR = 1.5;
/** It is also at least this many times as busy, where only its work is known: if the others are as busy and do less, they are slow. */
const BUSY_FACTOR = 1.25;

/**
 * h = (p × max r / r − 1) / (p − 1), c = max r / û. Four instances with 400, 200, 200 and 200 records/s, the busiest full: h
 * = (4 × 0.4 − 1) / 3 = 0.2, c = 400. A source with a backlog shows what each instance is offered, so that r in h is r +
 * slope: what a full instance leaves waiting would hide the key. null: none, or unknown.
 */
export function hotKeyOf(operator: OperatorMeasurement, effectiveBusy: number | null): HotKey | null {
  const { parallelism, processingRate, busy, incompleteBecause } = operator;
  if (parallelism === null || parallelism < 2 || incompleteBecause !== null) return null;
  if (processingRate.kind !== 'measured' || effectiveBusy === null || effectiveBusy === 0) return null;
  const offered = offeredRatesOf(operator);
  const { max, total } = offered ?? processingRate;
  if (total <= 0 || max < (HOT_FACTOR * total) / parallelism) return null;
  if (offered === null && busy.kind === 'measured' && busy.max < BUSY_FACTOR * busy.mean) return null;
  const share = Math.min(1, ((parallelism * max) / total - 1) / (parallelism - 1));
  return { share, capacity: processingRate.max / effectiveBusy };
}

/** Samples of a backlog that moves in steps differ by less than this between instances that are offered the same. */
const UNEVEN_FACTOR = 1.2;

/**
 * How uneven a source's input is beyond what its rates show, at least 1: three instances that read 60 records/s each, of 360 offered
 * 168 to one ⇒ (168 / 360) / (60 / 180) = 1.4. Instances with something waiting read as fast as each other.
 */
export function hiddenImbalanceOf(source: OperatorMeasurement): number {
  const { parallelism, processingRate, incompleteBecause } = source;
  const offered = offeredRatesOf(source);
  if (offered === null || parallelism === null || incompleteBecause !== null) return 1;
  if (processingRate.kind !== 'measured' || processingRate.max <= 0) return 1;
  if (offered.total <= 0 || offered.max * parallelism < UNEVEN_FACTOR * offered.total) return 1;
  return Math.max(1, offered.max / offered.total / (processingRate.max / processingRate.total));
}

/** Records/s of a source: its largest instance's and all; null: it has no backlog, or something of it is unknown. */
function offeredRatesOf(source: OperatorMeasurement): { readonly max: number; readonly total: number } | null {
  const { processingRate, sourceBacklog } = source;
  if (processingRate.kind !== 'measured' || sourceBacklog.kind !== 'measured') return null;
  const { largestOfferedRate, slopePerSecond } = sourceBacklog;
  if (largestOfferedRate === null || slopePerSecond === null) return null;
  return { max: largestOfferedRate, total: processingRate.total + slopePerSecond };
}
