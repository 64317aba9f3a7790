import t from 'tap';
import type { ExcludedPeriod, NumberRange } from '../../src/model/excluded-period.js';
import { isExcluded } from '../../src/policy/excluded-period.js';
import { daysWithin, periodWith, range } from '../support/excluded-periods.js';
import { MINUTE_MS } from '../support/measurements.js';

const hours = (start: number, end: number): ExcludedPeriod['times'] => [
  { startMinute: start * 60, endMinute: end * 60 },
];

/** Whether the period applies at each of these times. */
function holdsAt(changes: Partial<ExcludedPeriod>, moments: readonly string[]): string[] {
  return moments.filter((moment) => isExcluded([periodWith(changes)], Date.parse(moment)));
}

/** The minutes from one time to the next (excluded) in which the period applies. */
function minutesWithin(changes: Partial<ExcludedPeriod>, from: string, to: string): number {
  const periods = [periodWith(changes)];
  let minutes = 0;
  for (let nowMs = Date.parse(from); nowMs < Date.parse(to); nowMs += MINUTE_MS) {
    if (isExcluded(periods, nowMs)) minutes += 1;
  }
  return minutes;
}

await t.test('without periods nothing is excluded', (t) => {
  t.notOk(isExcluded([], 0));
  t.end();
});

await t.test('a range of times includes its first minute and not its last', (t) => {
  const moments = [
    '2025-06-02T08:59:59.999Z',
    '2025-06-02T09:00:00Z',
    '2025-06-02T16:59:59.999Z',
    '2025-06-02T17:00:00Z',
  ];
  t.strictSame(holdsAt({ times: hours(9, 17) }, moments), moments.slice(1, 3));
  const midnight = ['2025-06-02T23:59:59.999Z', '2025-06-03T00:00:00Z'];
  t.strictSame(holdsAt({ times: hours(22, 24) }, midnight), midnight.slice(0, 1), '24:00 is the end of the day');
  t.strictSame(holdsAt({ times: hours(0, 6) }, midnight), midnight.slice(1), '00:00 is its start');
  t.equal(minutesWithin({ times: hours(0, 24) }, '2025-06-02T00:00Z', '2025-06-03T00:00Z'), 24 * 60);
  t.end();
});

await t.test('weekdays begin with Sunday, and a range includes both ends', (t) => {
  // 2025-06-01 was a Sunday.
  const table: readonly [NumberRange, number[]][] = [
    [range(0), [1, 8, 15, 22, 29]],
    [range(6), [7, 14, 21, 28]],
    [range(1, 5), [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30]],
  ];
  for (const [weekdays, days] of table) t.strictSame(daysWithin({ weekdays: [weekdays] }, 2025, 6), days);
  t.end();
});

await t.test('days of the month count from its start or its end, and are clamped to it', (t) => {
  const table: readonly [string, NumberRange, number, number, number[]][] = [
    ['1:5', range(1, 5), 2025, 1, [1, 2, 3, 4, 5]],
    ['31', range(31), 2025, 1, [31]],
    ['31 of a month of 30', range(31), 2025, 4, []],
    ['30:31 of a month of 30', range(30, 31), 2025, 4, [30]],
    ['-1 of a month of 31', range(-1), 2025, 1, [31]],
    ['-1 of a month of 30', range(-1), 2025, 4, [30]],
    ['-1 of February', range(-1), 2025, 2, [28]],
    ['-1 of February in a leap year', range(-1), 2024, 2, [29]],
    ['-1 of February 2000, a leap year', range(-1), 2000, 2, [29]],
    ['-1 of February 2100, none', range(-1), 2100, 2, [28]],
    ['29 of February', range(29), 2025, 2, []],
    ['29 of February in a leap year', range(29), 2024, 2, [29]],
    ['-3:-1', range(-3, -1), 2025, 4, [28, 29, 30]],
    ['25:-3', range(25, -3), 2025, 2, [25, 26]],
    ['27:-1 of February', range(27, -1), 2025, 2, [27, 28]],
    ['-31:-29 of a month of 31', range(-31, -29), 2025, 1, [1, 2, 3]],
    ['-31:-29 of a month of 30', range(-31, -29), 2025, 4, [1, 2]],
    ['-31:-29 of February', range(-31, -29), 2025, 2, []],
    ['-31:-29 of February in a leap year', range(-31, -29), 2024, 2, [1]],
    ['1:31 of February', range(1, 31), 2025, 2, Array.from({ length: 28 }, (_, index) => index + 1)],
  ];
  for (const [title, days, year, month, expected] of table) {
    t.strictSame(daysWithin({ daysOfMonth: [days] }, year, month), expected, title);
  }
  t.end();
});

await t.test('months and years apply from their first minute to their last', (t) => {
  const moments = ['2025-02-28T23:59Z', '2025-03-01T00:00Z', '2025-05-31T23:59Z', '2025-06-01T00:00Z'];
  t.strictSame(holdsAt({ months: [range(3, 5)] }, moments), moments.slice(1, 3));
  const years = ['2024-12-31T23:59Z', '2025-01-01T00:00Z', '2027-12-31T23:59Z', '2028-01-01T00:00Z'];
  t.strictSame(holdsAt({ years: [range(2025, 2027)] }, years), years.slice(1, 3));
  t.end();
});

await t.test('all fields must match, one element of each, in one of the periods', (t) => {
  const nights = periodWith({
    times: [
      { startMinute: 0, endMinute: 360 },
      { startMinute: 1320, endMinute: 1440 },
    ],
    weekdays: [range(1, 2), range(5)],
    months: [range(6)],
  });
  const december = periodWith({ months: [range(12)] });
  const table: readonly [string, boolean][] = [
    ['2025-06-02T05:00Z', true],
    ['2025-06-06T23:00Z', true],
    ['2025-06-02T12:00Z', false],
    ['2025-06-04T05:00Z', false],
    ['2025-07-07T05:00Z', false],
    ['2025-12-03T12:00Z', true],
  ];
  for (const [moment, expected] of table) {
    t.equal(isExcluded([nights, december], Date.parse(moment)), expected, moment);
  }
  t.end();
});

await t.test('every field uses the wall clock of its time zone', (t) => {
  const table: readonly [string, Partial<ExcludedPeriod>, string, string][] = [
    ['half an hour off', { location: 'Asia/Kolkata', times: hours(9, 10) }, '2025-06-02T03:30Z', '2025-06-02T04:29Z'],
    ['three quarters', { location: 'Asia/Kathmandu', times: hours(9, 10) }, '2025-06-02T03:15Z', '2025-06-02T04:14Z'],
    ['weekday', { location: 'Pacific/Kiritimati', weekdays: [range(1)] }, '2025-06-01T10:00Z', '2025-06-02T09:59Z'],
    ['day', { location: 'America/New_York', daysOfMonth: [range(1)] }, '2025-06-01T04:00Z', '2025-06-02T03:59Z'],
    ['month', { location: 'Asia/Tokyo', months: [range(6)] }, '2025-05-31T15:00Z', '2025-06-30T14:59Z'],
    ['year', { location: 'Pacific/Pago_Pago', years: [range(2025)] }, '2025-01-01T11:00Z', '2026-01-01T10:59Z'],
  ];
  for (const [title, changes, firstMinute, lastMinute] of table) {
    const moments = [
      Date.parse(firstMinute) - 1,
      Date.parse(firstMinute),
      Date.parse(lastMinute),
      Date.parse(lastMinute) + MINUTE_MS,
    ];
    t.strictSame(
      moments.map((nowMs) => isExcluded([periodWith(changes)], nowMs)),
      [false, true, true, false],
      title,
    );
  }
  t.end();
});

await t.test(
  'a period from two to three lasts no time where the clocks skip it, and twice where they repeat it',
  (t) => {
    const table: readonly [string, string, string, string, number][] = [
      ['an ordinary day in Berlin', 'Europe/Berlin', '2025-03-28T23:00Z', '2025-03-29T23:00Z', 60],
      ['the start of summer time in Berlin', 'Europe/Berlin', '2025-03-29T23:00Z', '2025-03-30T22:00Z', 0],
      ['its end', 'Europe/Berlin', '2025-10-25T22:00Z', '2025-10-26T23:00Z', 120],
      ['the start of summer time in New York', 'America/New_York', '2025-03-09T05:00Z', '2025-03-10T04:00Z', 0],
      // There the hour from one to two is repeated.
      ['its end', 'America/New_York', '2025-11-02T04:00Z', '2025-11-03T05:00Z', 60],
      ['half an hour skipped on Lord Howe Island', 'Australia/Lord_Howe', '2025-10-04T13:30Z', '2025-10-05T13:00Z', 30],
    ];
    for (const [title, location, from, to, expected] of table) {
      t.equal(minutesWithin({ location, times: hours(2, 3) }, from, to), expected, title);
    }
    const newYork = { location: 'America/New_York', times: hours(1, 2) };
    t.equal(minutesWithin(newYork, '2025-11-02T04:00Z', '2025-11-03T05:00Z'), 120);
    t.end();
  },
);

await t.test('office hours follow the wall clock on both sides of a change', (t) => {
  const table: readonly [string, string, string][] = [
    ['Europe/Berlin', '2025-03-29T08:00Z', '2025-03-30T07:00Z'],
    ['Europe/Berlin', '2025-10-25T07:00Z', '2025-10-26T08:00Z'],
    ['America/New_York', '2025-03-08T14:00Z', '2025-03-09T13:00Z'],
    ['America/New_York', '2025-11-01T13:00Z', '2025-11-02T14:00Z'],
  ];
  for (const [location, ...openings] of table) {
    for (const opening of openings) {
      const openingMs = Date.parse(opening);
      const periods = [periodWith({ location, times: hours(9, 17) })];
      const moments = [openingMs - MINUTE_MS, openingMs, openingMs + 480 * MINUTE_MS - 1, openingMs + 480 * MINUTE_MS];
      t.strictSame(
        moments.map((nowMs) => isExcluded(periods, nowMs)),
        [false, true, true, false],
        `${location} ${opening}`,
      );
    }
  }
  t.end();
});

// Alertmanager divided the month's hours by 24, and found 30 days in it, until it was fixed (its pull request 5447).
await t.test('the month in which summer time starts still has all its days', (t) => {
  const lastDay = { location: 'America/New_York', daysOfMonth: [range(-1)] };
  t.strictSame(holdsAt(lastDay, ['2025-03-30T16:00Z', '2025-03-31T16:00Z']), ['2025-03-31T16:00Z']);
  t.end();
});
