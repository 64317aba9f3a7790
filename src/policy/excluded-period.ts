// Whether a moment lies in an excluded period: Alertmanager's time intervals, on the wall clock of each period's time zone.
// Intl handles daylight saving: an hour that a day skips is in no period; an hour that it repeats is in the period twice.
import { WEEKDAYS, type ExcludedPeriod, type NumberRange } from '../model/excluded-period.js';

/** @param nowMs Unix time in ms */
export function isExcluded(periods: readonly ExcludedPeriod[], nowMs: number): boolean {
  return periods.some((period) => holds(period, wallTimeIn(period.location, nowMs)));
}

/** The reading of a wall clock and calendar in some time zone. */
interface WallTime {
  readonly minuteOfDay: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly dayOfMonth: number;
  /** 1 is January. */
  readonly month: number;
  readonly year: number;
}

function holds({ times, weekdays, daysOfMonth, months, years }: ExcludedPeriod, now: WallTime): boolean {
  const isWithin = (ranges: readonly NumberRange[] | null, value: number): boolean =>
    ranges === null || ranges.some(({ first, last }) => first <= value && value <= last);
  const isTime =
    times === null || times.some((time) => time.startMinute <= now.minuteOfDay && now.minuteOfDay < time.endMinute);
  return (
    isTime &&
    isWithin(weekdays, now.weekday) &&
    isWithin(months, now.month) &&
    isWithin(years, now.year) &&
    (daysOfMonth === null || daysOfMonth.some((range) => isDayWithin(range, now)))
  );
}

/**
 * Days before 0 count from the month's end: -1 in a month of 30 days is the 30th. A range that reaches beyond the month is
 * cut at its ends, on either side: -31:-29 are the first two days of a month of 30, and none of February's.
 */
function isDayWithin({ first, last }: NumberRange, { dayOfMonth, month, year }: WallTime): boolean {
  const length = daysInMonth(year, month);
  const fromStart = (day: number): number => (day < 0 ? length + 1 + day : day);
  return fromStart(first) <= dayOfMonth && dayOfMonth <= fromStart(last);
}

/** From the calendar, not from hours: a month in which the clocks change is no multiple of 24 hours. */
function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Cached, because creating one takes far longer than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Throws RangeError if the location is no time zone. */
function formatterOf(location: string): Intl.DateTimeFormat {
  const formatter =
    formatters.get(location) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: location,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      weekday: 'long',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  formatters.set(location, formatter);
  return formatter;
}

function wallTimeIn(location: string, nowMs: number): WallTime {
  const parts = new Map(
    formatterOf(location)
      .formatToParts(nowMs)
      .map(({ type, value }) => [type, value]),
  );
  const numberOf = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const weekday = parts.get('weekday')?.toLowerCase();
  return {
    minuteOfDay: numberOf('hour') * 60 + numberOf('minute'),
    weekday: WEEKDAYS.findIndex((name) => name === weekday),
    dayOfMonth: numberOf('day'),
    month: numberOf('month'),
    year: numberOf('year'),
  };
}
