// A size that spreads an operator's input evenly. Key groups of a keyed operator, and partitions of a source, are not divided: the instance
// with the most of them is the first to be full.
import { FORGIVEN } from './parallelism-bounds.js';

/** More instances than were sized, as a share of them, that an even load may cost. */
const WORTH = 0.1;

/**
 * The least parallelism from the sized one on that divides the shares, if it costs at most a tenth more instances and is within bounds;
 * else the sized one. 128 key groups on 30 instances: 5 on some of them, 4 on others; on 32, 7 % more, it is 4 on each ⇒ 32. On 50, 3 or
 * 2; the next divisor, 64, would cost 28 % ⇒ 50. As Flink's own autoscaler aligns (EVENLY_SPREAD), which sets no limit to what it costs.
 * @param shares null: not known, or the input is divided at will
 * @param atMost bound of what may be asked for
 */
export function alignParallelism(sized: number, shares: number | null, atMost: number): number {
  if (shares === null || sized < 1) return sized;
  const most = Math.min(Math.floor(sized * (1 + WORTH) + FORGIVEN), atMost);
  for (let parallelism = sized; parallelism <= most; parallelism += 1) {
    if (shares % parallelism === 0) return parallelism;
  }
  return sized;
}
