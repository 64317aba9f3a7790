// Durations in Prometheus' format: `90s`, `5m`, `1h30m`, `1d`, `500ms`, `0`. A year is 365 days, a week 7.
import { DhalionError } from '../errors.js';

const UNITS = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Prometheus stores durations as 64-bit nanoseconds; a longer duration is not valid here either. */
const LONGEST_MS = Math.floor(2 ** 63 / 1e6);

/** One group per unit, in order. */
const GRAMMAR = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * Milliseconds of a Prometheus duration: units from large to small, each at most once. `0` needs no unit and may be a number,
 * as YAML reads it; other numbers lack a unit and are not durations. null: not a duration.
 */
export function parseDuration(written: string | number): number | null {
  if (written === 0 || written === '0') return 0;
  if (typeof written !== 'string' || written === '') return null;
  const match = GRAMMAR.exec(written);
  if (match === null) return null;
  const totalMs = UNITS.reduce((sumMs, [, unitMs], index) => sumMs + Number(match[index + 1] ?? 0) * unitMs, 0);
  return totalMs <= LONGEST_MS ? totalMs : null;
}

/**
 * A duration in Prometheus' format: 5400000 ⇒ `1h30m`, 0 ⇒ `0s`. Years and weeks only without a remainder, since `90d` is more
 * readable than `12w6d`.
 * @param durationMs whole and not negative
 */
export function renderDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let restMs = durationMs;
  let text = '';
  for (const [unit, unitMs] of UNITS) {
    const isExactOnly = unit === 'y' || unit === 'w';
    if (restMs < unitMs || (isExactOnly && restMs % unitMs !== 0)) continue;
    text += `${Math.floor(restMs / unitMs)}${unit}`;
    restMs %= unitMs;
  }
  return text;
}

/** Milliseconds of a checked duration; throws `config_invalid` if it is not one. */
export function durationMs(written: string | number): number {
  const parsedMs = parseDuration(written);
  if (parsedMs === null) throw new DhalionError('config_invalid', `${JSON.stringify(written)} is not a duration`);
  return parsedMs;
}
