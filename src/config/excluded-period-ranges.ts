// The texts in Alertmanager's time intervals: `monday:friday`, `-3:-1`, `may`, `2025:2027`, `17:30`. Letter case is free,
// spaces are not. A text that cannot be parsed yields the words of a fault instead.
import { MONTHS, WEEKDAYS, type MinuteRange, type NumberRange } from '../model/excluded-period.js';
import { nearestName } from '../grammar/config-fault.js';

/** In words: what the elements of each list must be. */
export const ALLOWED_RANGES = {
  weekdays: `a weekday (${WEEKDAYS.join(', ')}), or a range of them such as monday:friday`,
  daysOfMonth: 'a day of the month, 1 to 31, or -1 (the last) to -31, or a range of them such as 1:5 or -3:-1',
  months: 'a month by its name or number (1 to 12), or a range of them such as january:march',
  // Two digits would be a year that never comes, and so a period that never holds.
  years: 'a year of four digits, or a range of them such as 2025:2027',
} as const;

/** Why a text cannot be parsed; follows its path in a message. */
export interface Misread {
  readonly message: string;
  readonly suggestion: string | null;
}

export type RangeReader = (written: string | number) => NumberRange | Misread;

export const readWeekdays: RangeReader = (written) => {
  const range = readRange(written, {
    allowed: ALLOWED_RANGES.weekdays,
    names: WEEKDAYS,
    numberOf: (member) => indexOrNull(WEEKDAYS, member),
  });
  const nameOf = (day: number): string => WEEKDAYS[day] ?? '';
  return isMisread(range) ? range : inOrder(range, { nameOf, first: 0, last: 6, cycle: 'week' });
};

export const readMonths: RangeReader = (written) => {
  const range = readRange(written, {
    allowed: ALLOWED_RANGES.months,
    names: MONTHS,
    numberOf: (member) => {
      const index = indexOrNull(MONTHS, member);
      return index === null ? integerWithin(member, 1, 12) : index + 1;
    },
  });
  const nameOf = (month: number): string => MONTHS[month - 1] ?? '';
  return isMisread(range) ? range : inOrder(range, { nameOf, first: 1, last: 12, cycle: 'year' });
};

export const readYears: RangeReader = (written) => {
  const range = readRange(written, {
    allowed: ALLOWED_RANGES.years,
    names: [],
    numberOf: (member) => integerWithin(member, 1000, 9999),
  });
  if (isMisread(range) || range.first <= range.last) return range;
  return { message: 'must not end before it starts', suggestion: renderRange(range.last, range.first, String) };
};

/** Days of the shortest month: Alertmanager refuses a range that could end before it starts. */
const SHORTEST_MONTH_DAYS = 28;

export const readDaysOfMonth: RangeReader = (written) => {
  const range = readRange(written, {
    allowed: ALLOWED_RANGES.daysOfMonth,
    names: [],
    numberOf: (member) => integerWithin(member, -31, 31, [0]),
  });
  if (isMisread(range)) return range;
  const { first, last } = range;
  if (first < 0 && last > 0) {
    const parts = `${renderRange(first, -1, String)} and ${renderRange(1, last, String)}`;
    return { message: `must not run from one month into the next: give ${parts}`, suggestion: null };
  }
  if (first > 0 && last < 0) {
    if (first - last <= SHORTEST_MONTH_DAYS) return range;
    const message = `must not end before it starts in any month, as Alertmanager reckons: START:-N needs START + N of at most ${SHORTEST_MONTH_DAYS}`;
    return { message, suggestion: last === -1 ? renderRange(first, 31, String) : null };
  }
  if (first < 0) {
    if (first <= last) return range;
    return { message: 'must not end before it starts', suggestion: `${last}:${first}` };
  }
  return inOrder(range, { nameOf: String, first: 1, last: 31, cycle: 'month' });
};

/** Minutes since midnight, `24:00` is 1440; null: not a time of day. */
export function readTimeOfDay(written: string): number | null {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(written) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return minute <= 1440 && Number(minutes) < 60 ? minute : null;
}

/** null: one of them is not a time of day. */
export function readTimes(start: string, end: string): MinuteRange | Misread | null {
  const [startMinute, endMinute] = [readTimeOfDay(start), readTimeOfDay(end)];
  if (startMinute === null || endMinute === null) return null;
  if (startMinute < endMinute) return { startMinute, endMinute };
  const message = `must be after start_time, which is ${start}`;
  if (endMinute === 0) return { message, suggestion: startMinute < 1440 ? '24:00' : null };
  const advice = startMinute === endMinute ? '' : `; over midnight, give ${start} to 24:00 and 00:00 to ${end}`;
  return { message: message + advice, suggestion: null };
}

export function isMisread(read: object): read is Misread {
  return 'message' in read;
}

interface Notation {
  /** In words, after "must be". */
  readonly allowed: string;
  /** In lower case; empty: only numbers are allowed. */
  readonly names: readonly string[];
  /** null: neither a known name nor an allowed number. */
  readonly numberOf: (member: string) => number | null;
}

/** One member, or two separated by a colon, in any order. */
function readRange(written: string | number, { allowed, names, numberOf }: Notation): NumberRange | Misread {
  const members = String(written).toLowerCase().split(':');
  const message = `must be ${allowed}`;
  if (members.length > 2) return { message, suggestion: null };
  const numbers = members.map(numberOf);
  if (numbers.includes(null)) {
    const meant = members.map((member) => (numberOf(member) === null ? meantName(member, names) : member));
    return { message, suggestion: meant.includes(null) ? null : meant.join(':') };
  }
  const [first, last = first] = numbers;
  return { first: first ?? NaN, last: last ?? NaN };
}

/** The name that an abbreviation of three letters or more begins; else the name with the fewest edits. */
function meantName(member: string, names: readonly string[]): string | null {
  const isAbbreviation = (name: string): boolean => member.length >= 3 && name.startsWith(member);
  return names.find(isAbbreviation) ?? nearestName(member, names);
}

interface Cycle {
  readonly nameOf: (number: number) => string;
  readonly first: number;
  readonly last: number;
  readonly cycle: string;
}

/** A range never wraps around; the user probably meant two ranges. */
function inOrder(range: NumberRange, { nameOf, first, last, cycle }: Cycle): NumberRange | Misread {
  if (range.first <= range.last) return range;
  const parts = `${renderRange(range.first, last, nameOf)} and ${renderRange(first, range.last, nameOf)}`;
  const message = `must not end before it starts (a ${cycle} begins with ${nameOf(first)}): give ${parts}`;
  return { message, suggestion: null };
}

function renderRange(first: number, last: number, nameOf: (number: number) => string): string {
  return first === last ? nameOf(first) : `${nameOf(first)}:${nameOf(last)}`;
}

function indexOrNull(names: readonly string[], member: string): number | null {
  const index = names.indexOf(member);
  return index < 0 ? null : index;
}

function integerWithin(member: string, lowest: number, highest: number, but: readonly number[] = []): number | null {
  if (!/^[+-]?\d+$/.test(member)) return null;
  // -0 is 0 to Alertmanager.
  const number = Number(member) + 0;
  return number >= lowest && number <= highest && !but.includes(number) ? number : null;
}
