// An entry of `policy.excluded_periods`: the fields of Alertmanager's time intervals. excluded-period-ranges.ts and time-zone.ts
// parse their texts, so that a fault can suggest the intended day or month.
import type { FromSchema } from 'json-schema-to-ts';
import { ALLOWED_RANGES } from './excluded-period-ranges.js';

const timeOfDaySchema = {
  type: 'string',
  pattern: '^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
  allowed: 'a time of day, 00:00 to 24:00, hours and minutes with two digits each',
} as const;

/** YAML parses some of them as numbers. */
const rangeType = { type: ['string', 'integer'] } as const;

export const excludedTimeSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'A span of the day. One over midnight is two: `22:00` to `24:00` and `00:00` to `06:00`.',
  required: ['start_time', 'end_time'],
  properties: {
    start_time: { ...timeOfDaySchema, description: 'From this minute on.' },
    end_time: { ...timeOfDaySchema, description: 'Up to, but without, this minute.' },
  },
} as const;

export const excludedPeriodSchema = {
  type: 'object',
  additionalProperties: false,
  description:
    "One of Alertmanager's time intervals. Every field that is given must match; of a field's list, one element.",
  properties: {
    times: {
      type: 'array',
      minItems: 1,
      items: excludedTimeSchema,
      defaultText: 'the whole day',
      description: 'Spans of the day.',
    },
    weekdays: {
      type: 'array',
      minItems: 1,
      items: { ...rangeType, allowed: ALLOWED_RANGES.weekdays },
      defaultText: 'every day',
      description: 'Such as `[monday:friday, sunday]`; a week begins on Sunday. Both ends of a range belong to it.',
    },
    days_of_month: {
      type: 'array',
      minItems: 1,
      items: { ...rangeType, allowed: ALLOWED_RANGES.daysOfMonth },
      defaultText: 'every day',
      description:
        'Such as `["1:5", "-3:-1"]`; -1 is the last day of the month. What a month does not have is left out.',
    },
    months: {
      type: 'array',
      minItems: 1,
      items: { ...rangeType, allowed: ALLOWED_RANGES.months },
      defaultText: 'every month',
      description: 'Such as `["january:march", "5:8", december]`.',
    },
    years: {
      type: 'array',
      minItems: 1,
      items: { ...rangeType, allowed: ALLOWED_RANGES.years },
      defaultText: 'every year',
      description: 'Such as `["2025:2027", 2030]`.',
    },
    location: {
      type: 'string',
      default: 'UTC',
      description:
        'Time zone that all of this is read in, such as `Europe/Berlin`. An hour that summer time skips is in no period, one that it repeats is in it twice.',
    },
  },
} as const;

export type ExcludedPeriodEntry = FromSchema<typeof excludedPeriodSchema, { keepDefaultedPropertiesOptional: true }>;
