// A recurring time in which Dhalion recommends but does not act, as data: one of Alertmanager's time intervals with its names
// turned into numbers. config/excluded-period-schema.ts has its written form, policy/excluded-period.ts its meaning.

/** In the order of a week that begins on Sunday: Sunday is 0. */
export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** In the order of a year: January is 1, so its index + 1. */
export const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const;

/** Both ends belong to it. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** Minutes since midnight on the wall clock, 0..1440; the end is excluded. */
export interface MinuteRange {
  readonly startMinute: number;
  readonly endMinute: number;
}

/** Holds when every field holds; a field holds when any of its ranges does, or when it is null. */
export interface ExcludedPeriod {
  readonly times: readonly MinuteRange[] | null;
  /** 0 (Sunday) to 6. */
  readonly weekdays: readonly NumberRange[] | null;
  /** 1 to 31, or -1 (the last day of the month) to -31. */
  readonly daysOfMonth: readonly NumberRange[] | null;
  /** 1 to 12. */
  readonly months: readonly NumberRange[] | null;
  readonly years: readonly NumberRange[] | null;
  /** Name in the IANA time zone database; all of the above is read on its wall clock and calendar. */
  readonly location: string;
}
