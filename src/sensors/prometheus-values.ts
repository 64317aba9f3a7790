// How Prometheus writes sample values in JSON: as strings, since JSON has no infinities and no NaN.
import { DhalionError } from '../errors.js';

/** JavaScript's `Number()` knows none of these but turns them all, and every mistake, into NaN. */
const SPECIAL_VALUES: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that `text` stands for. Throws `DhalionError('prometheus_malformed')` for any other spelling, and for what no double can hold. */
export function parsePrometheusValue(text: string): number {
  const value = DECIMAL.test(text) ? Number(text) : (SPECIAL_VALUES.get(text) ?? null);
  if (value === null || (!Number.isFinite(value) && !SPECIAL_VALUES.has(text))) {
    throw new DhalionError('prometheus_malformed', `${JSON.stringify(text.slice(0, 50))} is not a sample value`);
  }
  return value;
}
