import fc from 'fast-check';
import t from 'tap';
import {
  isMisread,
  readDaysOfMonth,
  readMonths,
  readTimeOfDay,
  readTimes,
  readWeekdays,
  readYears,
  type RangeReader,
} from '../../src/config/excluded-period-ranges.js';
import { MONTHS, WEEKDAYS } from '../../src/model/excluded-period.js';

const READERS = { readWeekdays, readDaysOfMonth, readMonths, readYears };

await t.test('names and numbers are read, alone and as ranges', (t) => {
  const table: readonly [keyof typeof READERS, string | number, number, number][] = [
    ['readWeekdays', 'sunday', 0, 0],
    ['readWeekdays', 'Saturday', 6, 6],
    ['readWeekdays', 'monday:FRIDAY', 1, 5],
    ['readWeekdays', 'sunday:saturday', 0, 6],
    ['readDaysOfMonth', 1, 1, 1],
    ['readDaysOfMonth', '01', 1, 1],
    ['readDaysOfMonth', '+1:31', 1, 31],
    ['readDaysOfMonth', '-3:-1', -3, -1],
    ['readDaysOfMonth', '-31', -31, -31],
    ['readDaysOfMonth', '27:-1', 27, -1],
    ['readMonths', 'january:march', 1, 3],
    ['readMonths', '1:3', 1, 3],
    ['readMonths', 'November:12', 11, 12],
    ['readMonths', 5, 5, 5],
    ['readYears', '2025:2027', 2025, 2027],
    ['readYears', 2025, 2025, 2025],
  ];
  for (const [reader, written, first, last] of table) {
    t.strictSame(READERS[reader](written), { first, last }, `${reader} ${written}`);
  }
  t.end();
});

await t.test('the probable value is suggested', (t) => {
  const table: readonly [keyof typeof READERS, string, string | null][] = [
    ['readWeekdays', 'wensday', 'wednesday'],
    ['readWeekdays', 'monday:fryday', 'monday:friday'],
    ['readWeekdays', 'tue:thu', 'tuesday:thursday'],
    ['readWeekdays', ' monday', 'monday'],
    ['readWeekdays', 'mo', null],
    ['readWeekdays', 'weekend', null],
    ['readMonths', 'Sept', 'september'],
    ['readMonths', 'febuary:3', 'february:3'],
    ['readMonths', '13', null],
    ['readYears', '2027:2025', '2025:2027'],
    ['readDaysOfMonth', '-1:-3', '-3:-1'],
    ['readDaysOfMonth', '28:-1', '28:31'],
    ['readDaysOfMonth', '28:-2', null],
  ];
  for (const [reader, written, suggestion] of table) {
    t.match(READERS[reader](written), { message: /^must /, suggestion }, `${reader} ${written}`);
  }
  t.end();
});

await t.test('a suggested value, or one in two parts, can be read', (t) => {
  const table: readonly [RangeReader, fc.Arbitrary<string>][] = [
    [readWeekdays, fc.constantFrom(...WEEKDAYS)],
    [readMonths, fc.constantFrom(...MONTHS, '1', '6', '12')],
    [readYears, fc.integer({ min: 1000, max: 9999 }).map(String)],
    [
      readDaysOfMonth,
      fc
        .integer({ min: -31, max: 31 })
        .filter((day) => day !== 0)
        .map(String),
    ],
  ];
  for (const [read, member] of table) {
    fc.assert(
      fc.property(member, member, (one, other) => {
        const range = read(`${one}:${other}`);
        if (!isMisread(range)) return;
        const [, parts = ''] = /: give (.*)$/.exec(range.message) ?? [];
        const proposed = [...parts.split(' and '), range.suggestion ?? ''].filter((text) => text !== '');
        for (const text of proposed) if (isMisread(read(text))) throw new Error(`${one}:${other} ⇒ ${text}`);
      }),
    );
  }
  t.end();
});

await t.test('a range from one end of the month to the other may be empty, but not always', (t) => {
  for (let first = 1; first <= 31; first += 1) {
    for (let last = -31; last <= -1; last += 1) {
      const isRead = !isMisread(readDaysOfMonth(`${first}:${last}`));
      if (isRead !== 28 + last >= first) t.fail(`${first}:${last}`);
    }
  }
  t.pass();
  t.end();
});

await t.test('a time of day has four digits and is at most 24:00', (t) => {
  const table: readonly [string, number | null][] = [
    ['00:00', 0],
    ['09:05', 545],
    ['23:59', 1439],
    ['24:00', 1440],
    ['24:01', null],
    ['12:60', null],
    ['9:00', null],
    ['0900', null],
    ['', null],
  ];
  for (const [written, minute] of table) t.equal(readTimeOfDay(written), minute, written);
  t.end();
});

await t.test('a span of the day ends after it starts', (t) => {
  t.strictSame(readTimes('09:00', '17:30'), { startMinute: 540, endMinute: 1050 });
  t.match(readTimes('22:00', '06:00'), { message: /; over midnight, give 22:00 to 24:00 and 00:00 to 06:00$/ });
  t.match(readTimes('22:00', '00:00'), { message: /which is 22:00$/, suggestion: '24:00' });
  t.match(readTimes('09:00', '09:00'), { message: /which is 09:00$/, suggestion: null });
  t.equal(readTimes('9:00', '10:00'), null, 'an invalid time of day is another fault');
  t.end();
});

await t.test('no text makes the readers fail', (t) => {
  const pieces = fc.constantFrom('monday', 'may', '1', '-1', ':', '2025', ' ', '0', 'e', '9'.repeat(400));
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string())), (texts) => {
      for (const read of Object.values(READERS)) {
        const range = read(texts.join(''));
        if (!isMisread(range) && !(Number.isInteger(range.first) && Number.isInteger(range.last))) {
          throw new Error(JSON.stringify(range));
        }
      }
    }),
  );
  t.end();
});
