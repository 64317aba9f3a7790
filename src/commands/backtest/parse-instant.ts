// Instants as people write them on a command line: RFC 3339, Unix seconds, or relative to now.
import { parseDuration } from '../../grammar/duration.js';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const UNIX_SECONDS = /^\d+(\.\d+)?$/;
const RELATIVE = /^now(?:([+-])(.+))?$/;

/** The forms that `parseInstant` accepts, for messages. */
export const INSTANT_FORMS = '2026-01-31T08:00:00Z, unix seconds, now, now-6h, or 6h (ago)';

/** Unix ms, whole seconds; null: unreadable. At noon, `now-6h` and `6h` both mean 6 o'clock. */
export function parseInstant(text: string, nowMs: number): number | null {
  const written = text.trim();
  const ms = parseAbsolute(written) ?? parseRelative(written, nowMs);
  return ms === null || !Number.isFinite(ms) ? null : Math.floor(ms / 1000) * 1000;
}

function parseAbsolute(text: string): number | null {
  if (UNIX_SECONDS.test(text)) return Number(text) * 1000;
  if (!RFC_3339.test(text)) return null;
  const ms = Date.parse(text.replace(' ', 'T').toUpperCase());
  if (Number.isNaN(ms)) return null;
  // Date.parse reads 30 February as 1 or 2 March.
  const day = Number(text.slice(8, 10));
  const daysInMonth = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  return day >= 1 && day <= daysInMonth ? ms : null;
}

function parseRelative(text: string, nowMs: number): number | null {
  const match = RELATIVE.exec(text);
  if (match === null) {
    const agoMs = parseDuration(text);
    return agoMs === null || agoMs === 0 ? null : nowMs - agoMs;
  }
  const [, sign, duration] = match;
  if (duration === undefined) return nowMs;
  const offsetMs = parseDuration(duration);
  return offsetMs === null ? null : nowMs + (sign === '-' ? -offsetMs : offsetMs);
}
