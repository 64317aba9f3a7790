// Long work on the event loop, done in slices: between two of them whoever else waits has a turn. Knows nothing of the work.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/** Several such works may go on at once, and a step of the loop is then as long as their slices together. */
const SLICE_MS = 10;

/**
 * What `map` makes of each item, in order. The items may be made as they are asked for, one at a time: a generator's work is
 * done in slices too. Rejects with what either of them throws.
 * @param now monotonic, ms
 */
export async function mapInSlices<Item, Mapped>(
  items: Iterable<Item>,
  map: (item: Item) => Mapped,
  now: () => number = () => performance.now(),
): Promise<Mapped[]> {
  const mapped: Mapped[] = [];
  let endsAtMs = now() + SLICE_MS;
  for (const item of items) {
    mapped.push(map(item));
    if (now() < endsAtMs) continue;
    await setImmediate();
    endsAtMs = now() + SLICE_MS;
  }
  return mapped;
}
