// PURE: the instants of a range query, and a range cut into parts of whole steps.

/** Instants `startMs`, `startMs + stepMs`, …, up to `endMs`; unix ms. */
export interface QueryRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** Timestamps are answered in seconds, as decimals that are not exact. */
const TOLERANCE_MS = 1;

export function countInstants({ startMs, endMs, stepMs }: QueryRange): number {
  return Math.floor((endMs - startMs) / stepMs) + 1;
}

/** `startMs`, `startMs + stepMs`, …, up to `endMs`. */
export function instantsOf(range: QueryRange): number[] {
  return Array.from({ length: countInstants(range) }, (_, step) => range.startMs + step * range.stepMs);
}

/** The index of the instant in the range; null: it is none of them. */
export function stepAt(range: QueryRange, atMs: number): number | null {
  const { startMs, stepMs } = range;
  const step = Math.round((atMs - startMs) / stepMs);
  const isInstant = step >= 0 && step < countInstants(range);
  return isInstant && Math.abs(startMs + step * stepMs - atMs) <= TOLERANCE_MS ? step : null;
}

/** The range in parts of this many instants; the last part has the rest. */
export function partsOf(range: QueryRange, instantsEach: number): QueryRange[] {
  const { startMs, endMs, stepMs } = range;
  const partMs = instantsEach * stepMs;
  return Array.from({ length: Math.ceil(countInstants(range) / instantsEach) }, (_, part) => {
    const partStartMs = startMs + part * partMs;
    return { startMs: partStartMs, endMs: Math.min(endMs, partStartMs + partMs - stepMs), stepMs };
  });
}
