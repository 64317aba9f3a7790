// How many instances are enough for a load, and how much load a given number of instances lets through.
import type { OperatorMeasurement } from '../model/measurement.js';
import type { HotKey, OperatorLoad } from '../model/operator-load.js';

/** An instance with a hot key gets less headroom: the rest of its capacity serves all other keys. */
const HOT_TARGET_BUSY = 0.92;
/** Used if the former cannot be reached. */
const HOT_TARGET_BUSY_AT_MOST = 0.97;
/** A hot key that needs more than this share of its instance's capacity is too much at any parallelism. */
const INCURABLE_SHARE = 0.98;

type Sized = Pick<OperatorLoad, 'effectiveBusy' | 'hotKey' | 'hiddenImbalance'>;

/**
 * P(ratio, U) = p × ratio × û / U: one full instance that is offered ten times what it serves, target 0.85 ⇒ 11.76. With a
 * hot key (1 − h) / (c × U′ / (ratio × r) − h), U′ = max(U, 0.92), else 0.97: h 0.04, c 500, 8,000 records/s offered ⇒ 0.96 /
 * (500 × 0.92 / 8,000 − 0.04) = 54.9. Infinity: no parallelism is enough. null: unknown.
 */
export function enoughInstances(
  { parallelism, processingRate }: OperatorMeasurement,
  { effectiveBusy, hotKey, hiddenImbalance }: Sized,
  ratio: number,
  targetBusy: number,
): number | null {
  if (parallelism === null || effectiveBusy === null) return null;
  const evenly = (parallelism * ratio * effectiveBusy * hiddenImbalance) / targetBusy;
  if (hotKey === null || processingRate.kind !== 'measured') return evenly;
  const offered = ratio * processingRate.total;
  if (offered === 0) return 0;
  if (hotKey.share * offered > INCURABLE_SHARE * hotKey.capacity) return Infinity;
  const atTarget = withHotKey(hotKey, offered, Math.max(targetBusy, HOT_TARGET_BUSY));
  return Number.isFinite(atTarget) ? atTarget : withHotKey(hotKey, offered, HOT_TARGET_BUSY_AT_MOST);
}

/**
 * Whether no parallelism is enough for the whole offered load, h × f × r > 0.98 × c: 10 % of 8,000 records/s on an instance
 * that can do 500. An unknown term makes it false.
 */
export function hasIncurableHotKey(
  operator: OperatorMeasurement,
  load: Sized & Pick<OperatorLoad, 'offeredRatio'>,
): boolean {
  if (load.offeredRatio === null || load.hotKey === null) return false;
  return enoughInstances(operator, load, load.offeredRatio, 1) === Infinity;
}

function withHotKey({ share, capacity }: HotKey, offeredRate: number, targetBusy: number): number {
  const left = (capacity * targetBusy) / offeredRate - share;
  return left > 0 ? (1 - share) / left : Infinity;
}

/**
 * Load that an operator lets through with this many instances, over what it serves now; at least 1: 10 instances, 0.5 busy,
 * bound 14 ⇒ 2.8. With a hot key c / (r × (h + (1 − h) / B)). null: unknown.
 */
export function ratioAtBound(
  { parallelism, processingRate }: OperatorMeasurement,
  { effectiveBusy, hotKey, hiddenImbalance }: Sized,
  bound: number,
): number | null {
  if (parallelism === null || effectiveBusy === null) return null;
  // An operator above its bound keeps its parallelism.
  const largest = Math.max(bound, parallelism);
  if (hotKey !== null && processingRate.kind === 'measured' && processingRate.total > 0) {
    const busiestShare = hotKey.share + (1 - hotKey.share) / largest;
    return Math.max(1, hotKey.capacity / (processingRate.total * busiestShare));
  }
  if (effectiveBusy === 0) return Infinity;
  // What the busiest instance cannot do waits for it alone.
  return Math.max(1, largest / parallelism / (effectiveBusy * hiddenImbalance));
}
