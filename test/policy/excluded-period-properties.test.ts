// Properties of all excluded periods, against the language's own calendar.
import fc from 'fast-check';
import t from 'tap';
import type { ExcludedPeriod, NumberRange } from '../../src/model/excluded-period.js';
import { isExcluded } from '../../src/policy/excluded-period.js';
import { daysWithin, periodWith, range } from '../support/excluded-periods.js';

const anyMoment = fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2100, 0) });
const anyZone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'America/St_Johns',
);

await t.test('periods in UTC agree with the calendar of the language', (t) => {
  const anyRange = (min: number, max: number): fc.Arbitrary<NumberRange> =>
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([one, other]) => ({
      first: Math.min(one, other),
      last: Math.max(one, other),
    }));
  const any = fc.record({
    nowMs: anyMoment,
    minutes: anyRange(0, 1440),
    weekdays: anyRange(0, 6),
    days: anyRange(1, 31),
    months: anyRange(1, 12),
    years: anyRange(1980, 2100),
  });
  fc.assert(
    fc.property(any, ({ nowMs, minutes, weekdays, days, months, years }) => {
      const now = new Date(nowMs);
      const isIn = ({ first, last }: NumberRange, value: number): boolean => value >= first && value <= last;
      const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
      const daysInMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate();
      const fromEnd = range(days.first - 32, days.last - 32);
      const dayFromEnd = now.getUTCDate() - daysInMonth - 1;
      const table: readonly [Partial<ExcludedPeriod>, boolean][] = [
        [
          { times: [{ startMinute: minutes.first, endMinute: minutes.last }] },
          minute >= minutes.first && minute < minutes.last,
        ],
        [{ weekdays: [weekdays] }, isIn(weekdays, now.getUTCDay())],
        [{ daysOfMonth: [days] }, isIn(days, now.getUTCDate())],
        [{ daysOfMonth: [fromEnd] }, isIn(fromEnd, dayFromEnd)],
        [{ months: [months] }, isIn(months, now.getUTCMonth() + 1)],
        [{ years: [years] }, isIn(years, now.getUTCFullYear())],
      ];
      for (const [changes, expected] of table) {
        if (isExcluded([periodWith(changes)], nowMs) !== expected) throw new Error(JSON.stringify(changes));
      }
      const together = periodWith(Object.assign({}, ...table.map(([changes]) => changes)) as Partial<ExcludedPeriod>);
      // The days from the end replaced those from the start.
      const expected = table.every(([changes, holds]) => holds || changes.daysOfMonth?.[0] === days);
      return isExcluded([together], nowMs) === expected;
    }),
    { numRuns: 1000 },
  );
  t.end();
});

await t.test('different forms of the same times are equal', (t) => {
  const cut = fc.integer({ min: 1, max: 1439 });
  fc.assert(
    fc.property(anyMoment, anyZone, cut, fc.nat({ max: 5 }), (nowMs, location, minute, weekday) => {
      const holds = (...periods: Partial<ExcludedPeriod>[]): boolean =>
        isExcluded(
          periods.map((changes) => periodWith({ location, ...changes })),
          nowMs,
        );
      const morning = { startMinute: 0, endMinute: minute };
      const evening = { startMinute: minute, endMinute: 1440 };
      const early = range(0, weekday);
      const late = range(weekday + 1, 6);
      const equal: readonly [string, boolean, boolean][] = [
        ['both parts of the day are the day', holds({ times: [morning, evening] }), true],
        ['no minute is in both', holds({ times: [morning] }), !holds({ times: [evening] })],
        ['both parts of the week are the week', holds({ weekdays: [early, late] }), true],
        ['no day is in both', holds({ weekdays: [early] }), !holds({ weekdays: [late] })],
        [
          'two ranges in one period are two periods',
          holds({ weekdays: [range(weekday), range(6)], times: [morning] }),
          holds({ weekdays: [range(weekday)], times: [morning] }, { weekdays: [range(6)], times: [morning] }),
        ],
        [
          'a range is its single days',
          holds({ weekdays: [early] }),
          holds(...Array.from({ length: weekday + 1 }, (_, day) => ({ weekdays: [range(day)] }))),
        ],
        ['from the end, a month has the same days', holds({ daysOfMonth: [range(-31, -1)] }), true],
        ['every month is a month of the year', holds({ months: [range(1, 12)] }), true],
      ];
      for (const [what, one, other] of equal) if (one !== other) throw new Error(what);
    }),
    { numRuns: 500 },
  );
  t.end();
});

await t.test('every month has exactly one last day', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1980, max: 2100 }), fc.integer({ min: 1, max: 12 }), (year, month) => {
      const [last, ...more] = daysWithin({ daysOfMonth: [range(-1)] }, year, month);
      return last === new Date(Date.UTC(year, month, 0)).getUTCDate() && more.length === 0;
    }),
  );
  t.end();
});
