import fc from 'fast-check';
import t from 'tap';
import { durationMs, parseDuration, renderDuration } from '../../src/grammar/duration.js';
import { DhalionError } from '../../src/errors.js';

await t.test("Prometheus' durations are read in milliseconds", (t) => {
  const table: readonly [string | number, number][] = [
    ['0', 0],
    [0, 0],
    ['0s', 0],
    ['500ms', 500],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['1w', 7 * 86_400_000],
    ['1y', 365 * 86_400_000],
    ['1y2w3d4h5m6s7ms', ((365 + 14 + 3) * 24 + 4) * 3_600_000 + 306_007],
  ];
  for (const [written, expectedMs] of table) t.equal(parseDuration(written), expectedMs, String(written));
  t.end();
});

await t.test('a text that Prometheus would not read is not a duration', (t) => {
  const wrong = [
    '',
    '5',
    5,
    '5 m',
    '-5m',
    '+5m',
    '1.5h',
    '1m1h',
    '5m5m',
    '5M',
    'soon',
    '1µs',
    '300y',
    `${'9'.repeat(400)}s`,
  ];
  for (const written of wrong) t.equal(parseDuration(written), null, String(written));
  t.throws(() => durationMs('soon'), new DhalionError('config_invalid', '"soon" is not a duration'));
  t.end();
});

await t.test('durations are rendered as Prometheus renders them', (t) => {
  const table: readonly [number, string][] = [
    [0, '0s'],
    [1, '1ms'],
    [61_500, '1m1s500ms'],
    [5_400_000, '1h30m'],
    [7 * 86_400_000, '1w'],
    [90 * 86_400_000, '90d'],
    [365 * 86_400_000, '1y'],
    [366 * 86_400_000, '366d'],
  ];
  for (const [writtenMs, expected] of table) t.equal(renderDuration(writtenMs), expected);
  t.end();
});

await t.test('a rendered duration parses to its original', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 42 }), (anyMs) => {
      t.ok(parseDuration(renderDuration(anyMs)) === anyMs);
    }),
  );
  t.end();
});
