// Builds the policy's `excluded_periods` from entries without faults.
import { DhalionError } from '../errors.js';
import type { ExcludedPeriod, MinuteRange, NumberRange } from '../model/excluded-period.js';
import {
  isMisread,
  readDaysOfMonth,
  readMonths,
  readTimes,
  readWeekdays,
  readYears,
  type Misread,
  type RangeReader,
} from './excluded-period-ranges.js';
import { excludedPeriodSchema, type ExcludedPeriodEntry } from './excluded-period-schema.js';

/** Throws `config_invalid` if an entry has a fault. */
export function buildExcludedPeriods(entries: readonly ExcludedPeriodEntry[]): ExcludedPeriod[] {
  return entries.map((entry) => ({
    times: entry.times?.map(minutesOf) ?? null,
    weekdays: rangesOf(entry.weekdays, readWeekdays),
    daysOfMonth: rangesOf(entry.days_of_month, readDaysOfMonth),
    months: rangesOf(entry.months, readMonths),
    years: rangesOf(entry.years, readYears),
    location: entry.location ?? excludedPeriodSchema.properties.location.default,
  }));
}

function rangesOf(written: readonly (string | number)[] | undefined, read: RangeReader): NumberRange[] | null {
  return written?.map((text) => soundOf(read(text), text)) ?? null;
}

function minutesOf({
  start_time: start,
  end_time: end,
}: NonNullable<ExcludedPeriodEntry['times']>[number]): MinuteRange {
  return soundOf(readTimes(start, end), `${start} to ${end}`);
}

function soundOf<Range extends object>(read: Range | Misread | null, written: string | number): Range {
  if (read !== null && !isMisread(read)) return read;
  const reason = read === null ? 'is no span of the day' : read.message;
  throw new DhalionError('config_invalid', `excluded_periods: ${written} ${reason}`);
}
