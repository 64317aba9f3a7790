// How much each operator may emit when consumers cannot take everything: max-min fair over the upstream operator instances.
// Pure arithmetic on arrays; fluid-topology has the records and queues.

/** One operator's demand: records per instance, the same number to each of its consumers. */
export interface Flow {
  readonly demands: readonly number[];
  /** Positions in `intakes`. */
  readonly consumers: readonly number[];
}

/**
 * Raises all flows together and stops those whose consumer is full (progressive filling). E.g. demands [10] and [2, 1] into
 * one consumer with room for 8: the level is 5 for both, so 5 and 2 + 1 are emitted.
 * @param intakes records that each consumer can take; Infinity: unbounded
 * @returns per flow, the most that any one of its instances may emit; Infinity: nothing holds it up
 */
export function shareIntake(flows: readonly Flow[], intakes: readonly number[]): number[] {
  const levels = flows.map(() => Infinity);
  const open = new Set(intakes.keys());
  for (;;) {
    let tightest: number | null = null;
    let lowest = Infinity;
    for (const consumer of open) {
      const level = consumerLevel(consumer, flows, levels, intakes[consumer] ?? Infinity);
      if (level < lowest) {
        lowest = level;
        tightest = consumer;
      }
    }
    if (tightest === null) return levels;
    for (const [index, flow] of flows.entries()) {
      if (levels[index] === Infinity && flow.consumers.includes(tightest)) levels[index] = lowest;
    }
    open.delete(tightest);
  }
}

function consumerLevel(consumer: number, flows: readonly Flow[], levels: readonly number[], intake: number): number {
  if (intake === Infinity) return Infinity;
  let left = intake;
  const free: number[] = [];
  for (const [index, flow] of flows.entries()) {
    if (!flow.consumers.includes(consumer)) continue;
    const level = levels[index] ?? Infinity;
    if (level === Infinity) free.push(...flow.demands);
    else left -= flow.demands.reduce((sum, demand) => sum + Math.min(demand, level), 0);
  }
  return waterLevel(free, Math.max(0, left));
}

/** The level at which Σ min(demand, level) = amount; Infinity if the amount is enough for all. */
function waterLevel(demands: number[], amount: number): number {
  let left = amount;
  if (demands.reduce((sum, demand) => sum + demand, 0) <= amount) return Infinity;
  demands.sort((a, b) => a - b);
  for (const [index, demand] of demands.entries()) {
    const level = left / (demands.length - index);
    if (level < demand) return level;
    left -= demand;
  }
  return Infinity;
}
