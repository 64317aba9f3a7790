import t from 'tap';
import { retryAfterMsOf } from '../../src/outbound/retry-after.js';

const nowMs = Date.UTC(2024, 0, 1, 12, 0, 0);

await t.test('Retry-After is read as seconds or as a date, and as nothing else', (t) => {
  const table: [string | null, number | null][] = [
    [null, null],
    ['', null],
    ['0', 0],
    [' 120 ', 120_000],
    ['Mon, 01 Jan 2024 12:00:30 GMT', 30_000],
    ['Monday, 01-Jan-24 12:00:30 GMT', 30_000],
    ['Mon, 01 Jan 2024 11:00:00 GMT', 0],
    ['-5', null],
    ['1.5', null],
    ['1e3', null],
    ['2024', 2_024_000],
    ['soon', null],
    ['2024-01-01', null],
  ];
  for (const [header, expectedMs] of table) {
    const headers = new Map(header === null ? [] : [['retry-after', header]]);
    t.equal(retryAfterMsOf({ headers }, nowMs), expectedMs, header ?? 'absent');
  }
  t.end();
});
