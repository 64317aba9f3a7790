// A small chart of one series: turns numbers into lines, bands for unknown stretches, and positions of marks. Pure. Unknown is a
// gap in the line and a band of its own, never zero.

export const BOX = { width: 240, height: 44 } as const;
/** Space for the width of the line. */
const MARGIN = 2;

export interface Sparkline {
  /** SVG path data, one line per stretch of known points. */
  readonly line: string;
  /** The same, closed at the baseline. */
  readonly area: string;
  readonly gaps: readonly { readonly x: number; readonly width: number }[];
}

/** A summary of the numbers; null: none is known. */
export interface Digest {
  readonly min: number;
  readonly max: number;
  /** The newest known number. */
  readonly last: number;
  /** Share of unknown points. */
  readonly unknown: number;
}

type Points = readonly (number | null)[];

export function digest(points: Points): Digest | null {
  const known = points.filter((point) => point !== null);
  const last = known.at(-1);
  if (last === undefined) return null;
  // Not spread as arguments: there may be many.
  const min = known.reduce((least, point) => Math.min(least, point), last);
  const max = known.reduce((most, point) => Math.max(most, point), last);
  return { min, max, last, unknown: 1 - known.length / points.length };
}

/**
 * @param top the number at the upper edge; the baseline is 0
 * @param isStepped a point holds until the next one, for example a number of instances
 */
export function drawSparkline(points: Points, top: number, isStepped: boolean): Sparkline {
  const x = (index: number): string => round((index / Math.max(1, points.length - 1)) * BOX.width);
  const y = (point: number): string => {
    const share = top > 0 ? Math.min(Math.max(point / top, 0), 1) : 0;
    return round(BOX.height - MARGIN - share * (BOX.height - 2 * MARGIN));
  };
  const lines = stretchesOf(points).map(({ from, values }) => {
    const [first = 0, ...others] = values;
    const on = others.map((point, index) => {
      const at = x(from + index + 1);
      return isStepped ? `H${at}V${y(point)}` : `L${at} ${y(point)}`;
    });
    // A single point is a dot, drawn by the round line end.
    const path = `M${x(from)} ${y(first)}${on.length === 0 ? 'h0' : on.join('')}`;
    return { path, closed: `${path}V${BOX.height}H${x(from)}Z` };
  });
  return {
    line: lines.map(({ path }) => path).join(''),
    area: lines.map(({ closed }) => closed).join(''),
    gaps: gapsOf(points).map(({ from, to }) => ({ x: Number(x(from)), width: Number(x(to)) - Number(x(from)) })),
  };
}

/** The position of a moment in the chart; null: outside its range. */
export function placeOf(atMs: number, fromMs: number, toMs: number): number | null {
  const share = (atMs - fromMs) / (toMs - fromMs);
  return share >= 0 && share <= 1 ? Number(round(share * BOX.width)) : null;
}

function stretchesOf(points: Points): { readonly from: number; readonly values: readonly number[] }[] {
  const stretches: { from: number; values: number[] }[] = [];
  for (const [index, point] of points.entries()) {
    if (point === null) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.from + last.values.length === index) last.values.push(point);
    else stretches.push({ from: index, values: [point] });
  }
  return stretches;
}

/** From the last known point before to the first one after, or to an end of the chart. */
function gapsOf(points: Points): { readonly from: number; readonly to: number }[] {
  const gaps: { from: number; to: number }[] = [];
  for (const [index, point] of points.entries()) {
    if (point !== null) continue;
    const last = gaps.at(-1);
    const to = Math.min(index + 1, points.length - 1);
    if (last !== undefined && last.to >= index) last.to = to;
    else gaps.push({ from: Math.max(index - 1, 0), to });
  }
  return gaps;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
