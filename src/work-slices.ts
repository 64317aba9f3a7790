// Long work on the event loop, done in slices: other work runs between two of them. Knows nothing of the work.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/** Several such tasks may run at once; a step of the loop then takes as long as their slices together. */
const SLICE_MS = 10;

/**
 * The results of `map`, in order. The items may be made on demand, one at a time: a generator's work is done in slices too.
 * Rejects with the error of either.
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
