// Builders: an excluded period with the fields of a table row, and the days on which it holds.
import type { ExcludedPeriod, NumberRange } from '../../src/model/excluded-period.js';
import { isExcluded } from '../../src/policy/excluded-period.js';

/** Holds always, in UTC, except for the changes. */
export function periodWith(changes: Partial<ExcludedPeriod>): ExcludedPeriod {
  const all: ExcludedPeriod = {
    times: null,
    weekdays: null,
    daysOfMonth: null,
    months: null,
    years: null,
    location: 'UTC',
  };
  return { ...all, ...changes };
}

export const range = (first: number, last = first): NumberRange => ({ first, last });

/** The days of the month, in UTC, on which the period holds at noon. */
export function daysWithin(changes: Partial<ExcludedPeriod>, year: number, month: number): number[] {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Array.from({ length }, (_, index) => index + 1).filter((day) =>
    isExcluded([periodWith(changes)], Date.UTC(year, month - 1, day, 12)),
  );
}
