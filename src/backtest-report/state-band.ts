// A state over time as a band: yes is a full block, unknown three thin lines, no a line at the foot, absent is empty. The
// shapes differ, not only the colours.
import { TRUTH_BITS } from './history-buckets.js';

const HEIGHT = 12;

/** Rows of the band that a state fills: [top, height]. */
const SHAPES = {
  yes: [[0, HEIGHT]],
  unknown: [
    [1, 2],
    [5, 2],
    [9, 2],
  ],
  no: [[HEIGHT - 1, 1]],
} as const;

/**
 * One SVG, as wide as its space on the page. A bucket with several states shows the most important one: yes, then unknown.
 * @param states `TRUTH_BITS` by bucket
 * @param label the escaped text alternative
 */
export function renderStateBand(states: Uint8Array, label: string): string {
  const paths = (['no', 'unknown', 'yes'] as const).map((truth) => {
    const d = runsOf(states, truth)
      .flatMap(([from, to]) => SHAPES[truth].map(([top, height]) => `M${from} ${top}H${to}V${top + height}H${from}Z`))
      .join('');
    return d === '' ? '' : `<path class="${truth}" d="${d}"/>`;
  });
  return (
    `<svg class="band" viewBox="0 0 ${states.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">` +
    `${paths.join('')}</svg>`
  );
}

/** [first bucket, the one after the last] of each run of buckets that show this state. */
function runsOf(states: Uint8Array, truth: keyof typeof SHAPES): [number, number][] {
  const runs: [number, number][] = [];
  let from: number | null = null;
  for (let bucket = 0; bucket <= states.length; bucket += 1) {
    const isShown = shown(states[bucket] ?? 0) === truth;
    if (isShown) from ??= bucket;
    else if (from !== null) {
      runs.push([from, bucket]);
      from = null;
    }
  }
  return runs;
}

function shown(bits: number): keyof typeof SHAPES | null {
  if (bits === 0) return null;
  if ((bits & TRUTH_BITS.yes) !== 0) return 'yes';
  return (bits & TRUTH_BITS.unknown) !== 0 ? 'unknown' : 'no';
}
