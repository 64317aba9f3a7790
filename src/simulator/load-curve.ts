// What arrives at a source over simulated time: a constant, or a function of the seconds since the start.

/** Records/s, constant or by seconds since the simulation began. */
export type OfferedLoad = number | ((seconds: number) => number);

/** Records/s at an instant; never negative. */
export function offeredAt(load: OfferedLoad, seconds: number): number {
  return Math.max(0, typeof load === 'number' ? load : load(seconds));
}

/** Starts at `mean` and rises first. @returns records/s: mean + amplitude × sin(2π t / period) */
export function waveLoad(mean: number, amplitude: number, periodSeconds: number): OfferedLoad {
  return (seconds) => mean + amplitude * Math.sin((2 * Math.PI * seconds) / periodSeconds);
}

/** Each step's rate holds from its time on; before the first one nothing arrives. Steps are in order of time. */
export function stepLoad(
  steps: readonly { readonly fromSeconds: number; readonly recordsPerSecond: number }[],
): OfferedLoad {
  return (seconds) => steps.findLast((step) => step.fromSeconds <= seconds)?.recordsPerSecond ?? 0;
}
