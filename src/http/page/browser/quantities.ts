// Formats numbers and times, short enough for a table. Pure; times are relative to a given now.

/** Creating one takes tens of microseconds and some memory. */
const PLAIN = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const COMPACT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });

/** Three digits suffice for a measurement: 1034.2 ⇒ 1,030; 0.0004 ⇒ 0.0004; 1234567 ⇒ 1.23M. */
export function formatNumber(value: number): string {
  return (Math.abs(value) >= 100_000 ? COMPACT : PLAIN).format(value);
}

/** 0.512 ⇒ 51 %; a positive share is never shown as 0 %. */
export function formatShare(ratio: number): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 1) return '<1 %';
  return `${Math.round(percent)} %`;
}

/** With its sign: +12/s, −3/s, 0/s. */
export function formatSlope(perSecond: number): string {
  const sign = perSecond > 0 ? '+' : perSecond < 0 ? '−' : '';
  return `${sign}${formatNumber(Math.abs(perSecond))}/s`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** The two largest units: 3723 s ⇒ 1 h 2 min; under a second ⇒ 0 s. */
export function formatDuration(ms: number): string {
  let seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    seconds -= count * size;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** `3 min ago`, `in 2 h 5 min`, `now`; from a minute on without seconds. */
export function formatDistance(atMs: number, nowMs: number): string {
  const distanceMs = atMs - nowMs;
  if (Math.abs(distanceMs) < 1000) return 'now';
  const spanMs = Math.abs(distanceMs);
  const round = distanceMs > 0 ? Math.ceil : Math.floor;
  const words = formatDuration(spanMs < 60_000 ? spanMs : round(spanMs / 60_000) * 60_000);
  return distanceMs > 0 ? `in ${words}` : `${words} ago`;
}

/** Names may have any length: cut in the middle, where they differ least. */
export function shorten(name: string, length: number): string {
  // Only the ends of a name of thousands of characters are read.
  const characters = Array.from(name.length > 8 * length ? name.slice(0, 4 * length) + name.slice(-4 * length) : name);
  if (characters.length <= length) return name;
  const head = Math.ceil((length - 1) / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (length - 1 - head)).join('')}`;
}

/** A name within a sentence: keeps its own direction of writing (Unicode isolates), at a limited length. */
export function quoteName(name: string): string {
  return `\u2068${shorten(name, 80)}\u2069`;
}
