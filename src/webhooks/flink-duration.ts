// PURE: durations in Flink's configuration: `30 s`, `1 min`, `500ms`; a number without a unit is in ms (TimeUtils.parseDuration).

const UNITS_MS: readonly (readonly [labels: string, ms: number])[] = [
  ['d day days', 86_400_000],
  ['h hour hours', 3_600_000],
  ['m min minute minutes', 60_000],
  ['s sec second seconds', 1000],
  ['ms milli millis millisecond milliseconds', 1],
  ['µs micro micros microsecond microseconds', 1e-3],
  ['ns nano nanos nanosecond nanoseconds', 1e-6],
];
const MS_OF = new Map(
  UNITS_MS.flatMap(([labels, ms]) => labels.split(' ').map((label): [string, number] => [label, ms])),
);

/** @returns ms, 0 or more; null: not a duration */
export function parseFlinkDuration(text: string): number | null {
  const [, digits, label = ''] = /^\s*(\d{1,18})\s*(\p{L}*)\s*$/u.exec(text) ?? [];
  const ms = label === '' ? 1 : MS_OF.get(label.toLowerCase());
  return digits === undefined || ms === undefined ? null : Number(digits) * ms;
}
