import t from 'tap';
import {
  formatDistance,
  formatDuration,
  formatNumber,
  formatShare,
  formatSlope,
  quoteName,
  shorten,
} from '../../../../src/http/page/browser/quantities.js';

await t.test('numbers are as long as they are worth', (t) => {
  t.strictSame([1034.2, 0, 12.5, 0.0004, 48_200, 1_234_567].map(formatNumber), [
    '1,030',
    '0',
    '12.5',
    '0.0004',
    '48,200',
    '1.23M',
  ]);
  t.strictSame([0, 0.004, 0.512, 1].map(formatShare), ['0 %', '<1 %', '51 %', '100 %']);
  t.strictSame([12, -3, 0].map(formatSlope), ['+12/s', '−3/s', '0/s']);
  t.end();
});

await t.test('times have at most two units', (t) => {
  t.strictSame([0, 999, 61_000, 3_600_000, 3_723_000, 90_000_000, -5].map(formatDuration), [
    '0 s',
    '0 s',
    '1 min 1 s',
    '1 h',
    '1 h 2 min',
    '1 d 1 h',
    '0 s',
  ]);
  const nowMs = 1_000_000_000;
  t.equal(formatDistance(nowMs - 500, nowMs), 'now');
  t.equal(formatDistance(nowMs - 12_000, nowMs), '12 s ago');
  t.equal(formatDistance(nowMs - 119_000, nowMs), '1 min ago');
  t.equal(formatDistance(nowMs + 5_399_000, nowMs), 'in 1 h 30 min');
  t.end();
});

await t.test('a name is cut in the middle, between characters', (t) => {
  t.equal(shorten('split', 5), 'split');
  t.equal(shorten('abcdefghij', 5), 'ab…ij');
  t.equal(shorten('😀😀😀😀😀😀', 5), '😀😀…😀😀');
  const long = shorten(`a${'n'.repeat(100_000)}z`, 80);
  t.equal(long.length, 80);
  t.match(long, /^an+…n+z$/);
  t.equal(quoteName('split'), '\u2068split\u2069');
  t.end();
});
